package io.github.rlhf4j.core.generation;

/** A set of tokens that may come next, and whether a stop token may. */
public final class AllowedTokens {
    private final long[] words;
    private final boolean mayEnd;
    private final int count;
    private final int furthest;

    private AllowedTokens(long[] words, boolean mayEnd, int count, int furthest) {
        this.words = words;
        this.mayEnd = mayEnd;
        this.count = count;
        this.furthest = furthest;
    }

    /** Collects them. */
    public static final class Builder {
        private final long[] words;
        private final boolean mayEnd;
        private int count;
        private int furthest;

        /** @param vocabSize ids are below it */
        public Builder(int vocabSize, boolean mayEnd) {
            this.words = new long[(vocabSize + 63) >> 6];
            this.mayEnd = mayEnd;
        }

        /**
         * One more.
         *
         * @param toEnd most tokens that the shortest end of the text takes after it
         */
        public void allow(int id, int toEnd) {
            words[id >> 6] |= 1L << id;
            count++;
            furthest = Math.max(furthest, toEnd);
        }

        /** The set. */
        public AllowedTokens build() {
            return new AllowedTokens(words, mayEnd, count, furthest);
        }
    }

    /** Whether a token may come. */
    public boolean contains(int id) {
        return id >> 6 < words.length && (words[id >> 6] >>> id & 1) != 0;
    }

    /** Whether a stop token may come. */
    public boolean mayEnd() {
        return mayEnd;
    }

    /** Whether no token but perhaps a stop token may. */
    public boolean isEmpty() {
        return count == 0;
    }

    /** How many tokens may. */
    public int count() {
        return count;
    }

    /** The most tokens that the shortest end of the text takes after one of them. */
    public int furthest() {
        return furthest;
    }

    /** Of memory. */
    public long bytes() {
        return 8L * words.length + 48;
    }

    /**
     * Makes a row of logits one in which the others have probability 0.
     *
     * @param endingIds tokens that end a continuation
     */
    void mask(float[] logits, int[] endingIds) {
        float[] ofEndings = new float[endingIds.length];
        for (int i = 0; i < ofEndings.length; i++) {
            ofEndings[i] = endingIds[i] < logits.length ? logits[endingIds[i]] : 0;
        }
        for (int word = 0; word << 6 < logits.length; word++) {
            long bits = word < words.length ? words[word] : 0;
            int last = Math.min(logits.length, (word + 1) << 6);
            if (bits == -1L) {
                continue;
            }
            for (int id = word << 6; id < last; id++) {
                if ((bits >>> id & 1) == 0) {
                    logits[id] = Float.NEGATIVE_INFINITY;
                }
            }
        }
        for (int i = 0; i < ofEndings.length; i++) {
            if (endingIds[i] < logits.length) {
                logits[endingIds[i]] = mayEnd ? ofEndings[i] : Float.NEGATIVE_INFINITY;
            }
        }
    }
}
