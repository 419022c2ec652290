package io.github.rlhf4j.core.gguf;

/**
 * The order of the rows of Llama's query and key weights in GGUF files: channels that are rotated together are beside
 * each other, where Hugging Face has them half a head apart.
 *
 * @param heads whose rows these are
 * @param rows of all
 */
public record RotaryRows(int heads, int rows) {
    /** The heads whose rows one of Llama's tensors has in this order, of a model's heads and key-value heads; 0 where it has others. */
    public static int headsOf(String tensor, int heads, int keyValueHeads) {
        if (tensor.contains(".attn_q.")) {
            return heads;
        }
        return tensor.contains(".attn_k.") ? keyValueHeads : 0;
    }

    /** Where Hugging Face's row is stored: row {@code 2 j + s} of the head for its row {@code s D / 2 + j}. */
    public int stored(int row) {
        int size = rows / heads;
        int within = row % size;
        return row - within + 2 * (within % (size / 2)) + within / (size / 2);
    }

    /** Which of Hugging Face's rows is stored at a place: the inverse. */
    public int ours(int stored) {
        int size = rows / heads;
        int within = stored % size;
        return stored - within + within / 2 + within % 2 * (size / 2);
    }
}
