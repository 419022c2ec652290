package io.github.rlhf4j.testing;

/** The end of a run that is killed. */
final class Killed extends RuntimeException {
    private static final long serialVersionUID = 1;
}
