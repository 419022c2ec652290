package io.github.rlhf4j.core.tokenizer;

/** Token ids of a text, and which chars of it each token covers. */
public final class TokenSpans {
    private final int[] ids;
    private final int[] starts;
    private final int[] ends;

    /**
     * @param starts first char of each token
     * @param ends char after the last of each token; bytes of one character all cover that character
     */
    public TokenSpans(int[] ids, int[] starts, int[] ends) {
        if (ids.length != starts.length || ids.length != ends.length) {
            throw new IllegalArgumentException("ids, starts and ends must be of one length");
        }
        this.ids = ids.clone();
        this.starts = starts.clone();
        this.ends = ends.clone();
    }

    /** The ids; a copy. */
    public int[] ids() {
        return ids.clone();
    }

    /** First char of a token. */
    public int start(int token) {
        return starts[token];
    }

    /** Char after the last of a token. */
    public int end(int token) {
        return ends[token];
    }

    /** The first token that covers a char in [start, end), or -1. */
    public int tokenAt(int start, int end) {
        for (int i = 0; i < ids.length; i++) {
            if (ends[i] > start && starts[i] < end && ends[i] > starts[i]) {
                return i;
            }
        }
        return -1;
    }
}
