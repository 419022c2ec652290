package io.github.rlhf4j.core.generation;

import io.github.rlhf4j.core.UserError;

/**
 * Beam search as transformers' generate has it, without sampling.
 *
 * @param numBeams texts that are followed together, >= 1
 * @param lengthPenalty a text's score is the sum of its log-probs divided by its tokens to this power; any finite number
 * @param earlyStopping when the search ends
 */
public record BeamOptions(int numBeams, double lengthPenalty, EarlyStopping earlyStopping) {
    /** When the search for a prompt's texts ends. */
    public enum EarlyStopping {
        /** As soon as there are as many ended texts as beams. */
        TRUE,
        /** When no running text is likely to become better, by its length of now. */
        FALSE,
        /** When no running text can become better. */
        NEVER
    }

    public BeamOptions {
        if (numBeams < 1 || numBeams > 1000) {
            throw new UserError("num_beams must be in 1 .. 1000, but is " + numBeams);
        }
        if (!Double.isFinite(lengthPenalty)) {
            throw new UserError("length_penalty must be finite, but is " + lengthPenalty);
        }
    }

    /** With transformers' defaults: a length penalty of 1, and no early stopping. */
    public static BeamOptions of(int numBeams) {
        return new BeamOptions(numBeams, 1, EarlyStopping.FALSE);
    }

    /** The score of a text. */
    public double score(double sumOfLogProbs, int tokens) {
        return sumOfLogProbs / Math.pow(tokens, lengthPenalty);
    }
}
