package io.github.rlhf4j.tracking;

import java.util.Map;

/**
 * Tells another program, or a file, what a run does. Called in the thread that runs the stages, so it should be quick; what it throws ends the tracker with a warning, not the run.
 *
 * <p>Bound by name: {@code trackerBinder(binder()).bind("mine", MineFactory.class)}, and named in a run file as {@code report_to: mine}.
 */
public interface Tracker {
    /**
     * A stage begins, or goes on after a stop.
     *
     * @param kept what the run keeps of earlier attempts at the stage, in order; whatever else the tracker may have of it does not count any more. Can be read more than once
     */
    void beginStage(TrackedStage stage, Iterable<StageRecord> kept);

    /** A line of metrics.jsonl or of samples.jsonl. */
    void record(TrackedStage stage, StageRecord record);

    /**
     * An optimiser step is done; of ppo, an iteration.
     *
     * @param step its number, from 1
     * @param steps of the stage
     */
    default void step(TrackedStage stage, long step, long steps) {}

    /**
     * A stage is complete.
     *
     * @param results its last metrics, and of an evaluation the means by {@code model.metric}
     */
    void endStage(TrackedStage stage, Map<String, Double> results);

    /** The run ends; last of all. */
    void end(Outcome outcome);

    /** How a run ends. */
    enum Outcome {
        FINISHED,
        FAILED,
        /** By a signal or the caller's wish; it can be resumed. */
        STOPPED
    }
}
