package io.github.rlhf4j.core.model;

import io.github.rlhf4j.core.UserError;

/**
 * The attention of a layer.
 *
 * @param heads H, query heads
 * @param keyValueHeads Hkv, divides H
 * @param headDim D; need not be C / H
 * @param queryKeyValueBias biases on query, key and value
 * @param outputBias a bias on the output projection
 * @param headNorms whether the queries and keys of each head are normed before they are rotated (Qwen3)
 * @param slidingWindow how many positions back a row sees, itself included; 0: all
 * @param slidingWindowFrom the first layer with the window (Qwen's max_window_layers)
 */
public record AttentionConfig(
        int heads,
        int keyValueHeads,
        int headDim,
        boolean queryKeyValueBias,
        boolean outputBias,
        boolean headNorms,
        int slidingWindow,
        int slidingWindowFrom) {
    public AttentionConfig {
        ConfigValues.positive(heads, "num_attention_heads");
        ConfigValues.positive(keyValueHeads, "num_key_value_heads");
        ConfigValues.positive(headDim, "head_dim");
        if (heads % keyValueHeads != 0) {
            throw new UserError("num_attention_heads is " + heads + ", but must be a multiple of num_key_value_heads, "
                    + keyValueHeads);
        }
        if (slidingWindow < 0 || slidingWindowFrom < 0) {
            throw new UserError("sliding_window must be >= 1 or null, but is " + slidingWindow);
        }
    }

    /** Neither biases nor head norms nor a window. */
    public static AttentionConfig plain(int heads, int keyValueHeads, int headDim) {
        return new AttentionConfig(heads, keyValueHeads, headDim, false, false, false, 0, 0);
    }

    /** Width of the query part, H D. */
    public int queryWidth() {
        return heads * headDim;
    }

    /** Width of the key part and of the value part, Hkv D. */
    public int keyValueWidth() {
        return keyValueHeads * headDim;
    }

    /** The window of {@code layer}, 0 for none. */
    public int window(int layer) {
        return layer >= slidingWindowFrom ? slidingWindow : 0;
    }
}
