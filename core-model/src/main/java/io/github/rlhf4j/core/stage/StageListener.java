package io.github.rlhf4j.core.stage;

import io.github.rlhf4j.core.train.StepResult;
import java.util.Map;

/** Hears what a stage does, in the thread that runs it, as it happens. What it throws ends the stage. */
public interface StageListener {
    /** Hears nothing. */
    StageListener NONE = new StageListener() {};

    /** What a message is. */
    enum Level {
        /** For information. */
        NOTE,
        /** Something may be wrong. */
        WARNING,
        /** The outcome of a self-check. */
        CHECK
    }

    /**
     * An optimiser step is done.
     *
     * @param step its number, from 1
     * @param steps of the stage
     */
    default void onStep(long step, long steps, StepResult result) {}

    /** A line of metrics.jsonl was written, without its step. */
    default void onMetrics(long step, Map<String, Double> metrics) {}

    /** A line of samples.jsonl was written, without its step. */
    default void onSample(long step, Map<String, ?> sample) {}

    /** A line of messages.jsonl. */
    default void onMessage(Level level, String message) {}
}
