package io.github.rlhf4j;

import io.github.rlhf4j.core.stage.StageListener;
import io.github.rlhf4j.core.train.StepResult;
import io.github.rlhf4j.pipeline.config.EffectiveConfig;
import io.github.rlhf4j.pipeline.run.RunObserver;
import io.github.rlhf4j.tracking.TrackedStage;
import io.github.rlhf4j.tracking.Trackers;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/** Passes what a run does on to all who listen, in the order in which they were added. */
final class Listeners implements RunObserver {
    private final Rlhf4j engine;
    private final Path folder;
    private final List<RunListener> listeners;
    private final Trackers trackers;
    private final Map<String, EffectiveConfig> configs;
    private final Map<String, TrackedStage> tracked = new LinkedHashMap<>();

    /**
     * @param trackers hear after all listeners
     * @param configs of the stages, by name
     */
    Listeners(
            Rlhf4j engine,
            Path folder,
            List<RunListener> listeners,
            Trackers trackers,
            Map<String, EffectiveConfig> configs) {
        this.engine = engine;
        this.folder = folder;
        this.listeners = List.copyOf(listeners);
        this.trackers = trackers;
        this.configs = configs;
    }

    void start() {
        listeners.forEach(listener -> listener.onStart(folder));
    }

    @Override
    public StageListener onStage(String stage, String type) {
        listeners.forEach(listener -> listener.onStageStart(stage, type));
        Map<String, String> config = new LinkedHashMap<>();
        Objects.requireNonNull(configs.get(stage))
                .entries()
                .entries()
                .forEach((key, value) -> config.put(key, value.toLine()));
        TrackedStage begun = new TrackedStage(stage, type, folder.resolve(stage), config);
        tracked.put(stage, begun);
        StageListener tracking = trackers.begin(begun);
        return new StageListener() {
            @Override
            public void onStep(long step, long steps, StepResult result) {
                listeners.forEach(listener -> listener.onStep(stage, step, steps, result));
                tracking.onStep(step, steps, result);
            }

            @Override
            public void onMetrics(long step, Map<String, Double> metrics) {
                listeners.forEach(listener -> listener.onMetrics(stage, step, metrics));
                tracking.onMetrics(step, metrics);
            }

            @Override
            public void onSample(long step, Map<String, ?> sample) {
                listeners.forEach(listener -> listener.onSample(stage, step, sample));
                tracking.onSample(step, sample);
            }

            @Override
            public void onMessage(Level level, String message) {
                listeners.forEach(listener -> listener.onMessage(stage, level, message));
            }
        };
    }

    @Override
    public void onStageDone(String stage) {
        if (!listeners.isEmpty() || trackers.isWanted()) {
            StageResult result = engine.open(folder).stage(stage);
            listeners.forEach(listener -> listener.onStageDone(result));
            trackers.done(Objects.requireNonNull(tracked.get(stage)), results(result));
        }
    }

    /** Its metrics, and the means of an evaluation by {@code model.metric}. */
    private static Map<String, Double> results(StageResult stage) {
        Map<String, Double> results = new LinkedHashMap<>(stage.metrics());
        stage.summary()
                .path("models")
                .properties()
                .forEach(model -> model.getValue().properties().forEach(metric -> {
                    if (metric.getValue().path("mean").isNumber()) {
                        results.put(
                                model.getKey() + "." + metric.getKey(),
                                metric.getValue().path("mean").doubleValue());
                    }
                }));
        return results;
    }
}
