package io.github.rlhf4j.testing;

/**
 * What ends a run early.
 *
 * @param afterStep the last step that is done
 * @param kills at once; false: as a request to stop
 */
record Interruption(long afterStep, boolean kills) {
    static final Interruption NONE = new Interruption(Long.MAX_VALUE, false);
}
