package io.github.rlhf4j.pipeline.run;

import io.github.rlhf4j.core.stage.StageListener;
import io.github.rlhf4j.core.stage.StopRequest;
import io.github.rlhf4j.core.train.StepResult;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/**
 * Tells others how far a run is, by its file .process, and hears their wishes: of .stop and .checkpoint in the run's folder ({@link RunProcess}). The file is renewed twice a second at most; one that cannot be written ends nothing.
 */
final class RunProgress implements StopRequest {
    private static final long PAUSE_NANOS = 500_000_000;

    private final ProcessFile file;
    private final StopRequest wish;
    private String stage = "";
    private String type = "";
    private long step;
    private long steps;
    private long writtenNanos;

    RunProgress(Path directory, List<String> stages, StopRequest wish) {
        file = new ProcessFile(directory, stages);
        this.wish = wish;
    }

    /** The run begins; wishes of earlier days are none of it. */
    void begin() {
        file.clear();
        write(RunProcess.State.RUNNING, "");
    }

    /** A stage begins; its steps are told, and then {@code listener}. */
    StageListener of(String newStage, String newType, StageListener listener) {
        stage = newStage;
        type = newType;
        step = 0;
        steps = 0;
        write(RunProcess.State.RUNNING, "");
        return new Steps(listener);
    }

    void end(RunProcess.State state, String message) {
        file.clear();
        write(state, message);
    }

    /** A stage's steps on their way to who else listens. */
    private final class Steps implements StageListener {
        private final StageListener listener;

        Steps(StageListener listener) {
            this.listener = listener;
        }

        @Override
        public void onStep(long number, long of, StepResult result) {
            step = number;
            steps = of;
            if (System.nanoTime() - writtenNanos >= PAUSE_NANOS || number == of) {
                write(RunProcess.State.RUNNING, "");
            }
            listener.onStep(number, of, result);
        }

        @Override
        public void onMetrics(long number, Map<String, Double> metrics) {
            listener.onMetrics(number, metrics);
        }

        @Override
        public void onSample(long number, Map<String, ?> sample) {
            listener.onSample(number, sample);
        }

        @Override
        public void onMessage(Level level, String message) {
            listener.onMessage(level, message);
        }
    }

    private void write(RunProcess.State state, String message) {
        writtenNanos = System.nanoTime();
        file.write(state, stage, type, step, steps, message);
    }

    @Override
    public boolean isRequested() {
        return wish.isRequested() || file.isStopWished();
    }

    @Override
    public boolean takeCheckpointWish() {
        return file.takeCheckpointWish() || wish.takeCheckpointWish();
    }

    @Override
    public void working(String what) {
        wish.working(what);
    }

    @Override
    public void idle() {
        wish.idle();
    }
}
