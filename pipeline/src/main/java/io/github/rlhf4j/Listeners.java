package io.github.rlhf4j;

import io.github.rlhf4j.core.stage.StageListener;
import io.github.rlhf4j.core.train.StepResult;
import io.github.rlhf4j.pipeline.run.RunObserver;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/** Passes what a run does on to all who listen, in the order in which they were added. */
final class Listeners implements RunObserver {
    private final Rlhf4j engine;
    private final Path folder;
    private final List<RunListener> listeners;

    Listeners(Rlhf4j engine, Path folder, List<RunListener> listeners) {
        this.engine = engine;
        this.folder = folder;
        this.listeners = List.copyOf(listeners);
    }

    void start() {
        listeners.forEach(listener -> listener.onStart(folder));
    }

    @Override
    public StageListener onStage(String stage, String type) {
        listeners.forEach(listener -> listener.onStageStart(stage, type));
        return new StageListener() {
            @Override
            public void onStep(long step, long steps, StepResult result) {
                listeners.forEach(listener -> listener.onStep(stage, step, steps, result));
            }

            @Override
            public void onMetrics(long step, Map<String, Double> metrics) {
                listeners.forEach(listener -> listener.onMetrics(stage, step, metrics));
            }

            @Override
            public void onSample(long step, Map<String, ?> sample) {
                listeners.forEach(listener -> listener.onSample(stage, step, sample));
            }

            @Override
            public void onMessage(Level level, String message) {
                listeners.forEach(listener -> listener.onMessage(stage, level, message));
            }
        };
    }

    @Override
    public void onStageDone(String stage) {
        if (!listeners.isEmpty()) {
            StageResult result = engine.open(folder).stage(stage);
            listeners.forEach(listener -> listener.onStageDone(result));
        }
    }
}
