package io.github.rlhf4j.lab.recurrent;

/**
 * A sentence and its translation, as ids of one vocabulary.
 *
 * @param source without begin and end; at least one
 * @param target without begin and end; at least one
 */
@SuppressWarnings("ArrayRecordComponent") // identity is all that is asked of it
public record TokenPair(int[] source, int[] target) {
    /** The token before the first word of a translation. */
    public static final int BEGIN = 0;

    /** The token after the last word of a translation. */
    public static final int END = 1;

    public TokenPair {
        if (source.length == 0 || target.length == 0) {
            throw new IllegalArgumentException("a sentence needs at least one word");
        }
    }
}
