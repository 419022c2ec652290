package io.github.rlhf4j.core.generation;

import java.util.Arrays;

/** Guesses that a text goes on as it did where its last tokens came before: transformers' PromptLookupCandidateGenerator. */
final class PromptLookup {
    private static final int[] NONE = {};

    private PromptLookup() {}

    /**
     * What followed the first place at which the longest end of the text, of at most {@code size} tokens, came before.
     *
     * @param most tokens of a guess
     */
    static int[] guess(int[] text, int size, int most) {
        for (int length = Math.min(size, text.length - 1); length > 0 && most > 0; length--) {
            int end = text.length - length;
            for (int at = 0; at < end; at++) {
                if (Arrays.equals(text, at, at + length, text, end, text.length)) {
                    return Arrays.copyOfRange(text, at + length, Math.min(text.length, at + length + most));
                }
            }
        }
        return NONE;
    }
}
