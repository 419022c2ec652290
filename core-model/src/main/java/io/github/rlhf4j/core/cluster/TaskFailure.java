package io.github.rlhf4j.core.cluster;

/** A task failed, for a reason that is not the user's; the message names it and its piece. */
public final class TaskFailure extends RuntimeException {
    private static final long serialVersionUID = 1L;

    /**
     * @param name of the work
     * @param piece from 0
     * @param pieces of that work
     */
    public TaskFailure(String name, int piece, int pieces, Throwable cause) {
        super(name + ": piece " + (piece + 1) + " of " + pieces + " failed: " + cause, cause);
    }
}
