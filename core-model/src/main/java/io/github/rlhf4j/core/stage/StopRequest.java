package io.github.rlhf4j.core.stage;

/** A wish from outside, such as Ctrl-C, that a run stop soon. A training loop finishes its step and writes a checkpoint; everything else may be ended at once. */
public interface StopRequest {
    /** Never. */
    StopRequest NEVER = () -> false;

    /** Whether it is wished. */
    boolean isRequested();

    /** Whether a checkpoint is wished after the step; a wish is told once. */
    default boolean takeCheckpointWish() {
        return false;
    }

    /** From now until {@link #idle} a request waits for the end of this, such as {@code step 17}. */
    default void working(String what) {}

    /** From now on nothing is waited for. */
    default void idle() {}
}
