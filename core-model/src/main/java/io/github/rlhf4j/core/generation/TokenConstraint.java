package io.github.rlhf4j.core.generation;

import java.io.Serializable;

/** Which tokens may come next in continuations: others are never chosen, and log-probs are those among the tokens that may. Implementations are safe for use by several threads. */
public interface TokenConstraint extends Serializable {
    /** All tokens may come. */
    TokenConstraint NONE = Unconstrained.ANYTHING;

    /** The same for a continuation whose text stands alone: decoders of SentencePiece's kind cut the first space off it. */
    TokenConstraint atTextStart();

    /**
     * Of one continuation, from its first token on.
     *
     * @param hasEnd whether a stop token ends it, which needs room too
     * @param mostNew most tokens of it
     */
    Cursor begin(boolean hasEnd, int mostNew);

    /** Where one continuation is. Used by one thread at a time. */
    interface Cursor {
        /** What may come next. */
        AllowedTokens allowed();

        /** Another one at the same place, which goes its own way. */
        Cursor copy();

        /** A token has come that is no stop token. */
        void advance(int id);

        /** Whether the continuation ends here without a stop token: there is none, the text is whole, and nothing can follow. */
        boolean isComplete();
    }
}
