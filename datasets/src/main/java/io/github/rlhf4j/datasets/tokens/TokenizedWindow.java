package io.github.rlhf4j.datasets.tokens;

/**
 * A pre-training window: documents, or pieces of them, end to end. Each is a sequence of its own: attention never crosses, and its first token is no target.
 *
 * <p>A document is BOS (where the tokenizer has one), its text and the end token. A piece that continues a document of the window before begins with the last
 * token of the piece before as context, so every token of a document but its first is a target exactly once. The arrays are not to be changed.
 *
 * @param ids (N) tokens, at most max_length
 * @param documentStarts (D) where each document or piece begins in ids, ascending from 0; each has at least 2 tokens
 */
public record TokenizedWindow(int[] ids, int[] documentStarts) {
    public TokenizedWindow {
        if (documentStarts.length == 0 || documentStarts[0] != 0) {
            throw new IllegalArgumentException("a window must begin with a document");
        }
    }

    /** How many documents or pieces of documents there are. */
    public int documents() {
        return documentStarts.length;
    }

    /** Where document {@code d} ends in ids, exclusive. */
    public int documentEnd(int d) {
        return d + 1 < documentStarts.length ? documentStarts[d + 1] : ids.length;
    }
}
