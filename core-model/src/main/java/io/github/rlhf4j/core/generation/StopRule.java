package io.github.rlhf4j.core.generation;

import java.io.Serializable;

/** Ends a continuation for another reason than a stop token: by what it says, or because nobody wants more of it. */
@FunctionalInterface
public interface StopRule {
    /** Never. Can be serialised. */
    StopRule NEVER = (StopRule & Serializable) () -> id -> false;

    /** Of one continuation, from its first token on. */
    Watch begin();

    /** Told of a continuation's tokens, in order. */
    @FunctionalInterface
    interface Watch {
        /** Whether the continuation ends with this token. */
        boolean endsWith(int id);
    }
}
