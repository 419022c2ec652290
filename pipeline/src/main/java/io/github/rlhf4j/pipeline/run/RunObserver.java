package io.github.rlhf4j.pipeline.run;

import io.github.rlhf4j.core.stage.StageListener;

/** Told where a run is, in the thread that runs it. */
public interface RunObserver {
    /** Looks away. */
    RunObserver NONE = new RunObserver() {};

    /**
     * A stage beginsor continues; what is reused is not told of.
     *
     * @param stage its name
     * @return who hears of its steps
     */
    default StageListener onStage(String stage, String type) {
        return StageListener.NONE;
    }

    /** A stage is complete, and summary.json has it. */
    default void onStageDone(String stage) {}
}
