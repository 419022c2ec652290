package io.github.rlhf4j.http;

/** An answer that is not what was asked for, such as another number of scores: thrown by who reads it. The question is asked again as often as any that failed. */
public final class BadAnswer extends RuntimeException {
    private static final long serialVersionUID = 1L;

    /** @param what is wrong, such as {@code must have 3 scores, but has 2}; the answer's beginning follows in the message */
    public BadAnswer(String what) {
        super(what);
    }
}
