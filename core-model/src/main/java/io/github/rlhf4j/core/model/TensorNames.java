package io.github.rlhf4j.core.model;

import java.util.List;

/**
 * What a family calls its tensors in Hugging Face's files.
 *
 * @param base the model without its head; files of the bare model leave it out
 * @param positions learned positions, where the family has them
 * @param layers in front of a layer's number
 * @param queryKeyValue query, key and value, or the one that holds them all
 * @param feedForward of the feed-forward part
 * @param transposed whether weights are stored as (inputs, outputs), as GPT-2's Conv1D has them
 */
record TensorNames(
        String base,
        String embedding,
        String positions,
        String layers,
        String attentionNorm,
        List<String> queryKeyValue,
        String output,
        String feedForwardNorm,
        FeedForwardNames feedForward,
        String finalNorm,
        boolean transposed) {
    /**
     * @param hidden the first product, or its gate and its other half
     * @param router of experts, with {@code experts} in front of the number of each
     */
    record FeedForwardNames(String router, String experts, List<String> hidden, String down) {}

    static final TensorNames LLAMA =
            llama(new FeedForwardNames("", "", List.of("mlp.gate_proj", "mlp.up_proj"), "mlp.down_proj"));

    /** Mixtral's names are Llama's but for the experts. */
    static final TensorNames MIXTRAL = llama(
            new FeedForwardNames("block_sparse_moe.gate", "block_sparse_moe.experts.", List.of("w1", "w3"), "w2"));

    static final TensorNames GPT2 = new TensorNames(
            "transformer.",
            "wte",
            "wpe",
            "h.",
            "ln_1",
            List.of("attn.c_attn"),
            "attn.c_proj",
            "ln_2",
            new FeedForwardNames("", "", List.of("mlp.c_fc"), "mlp.c_proj"),
            "ln_f",
            true);

    private static TensorNames llama(FeedForwardNames feedForward) {
        return new TensorNames(
                "model.",
                "embed_tokens",
                "",
                "layers.",
                "input_layernorm",
                List.of("self_attn.q_proj", "self_attn.k_proj", "self_attn.v_proj"),
                "self_attn.o_proj",
                "post_attention_layernorm",
                feedForward,
                "norm",
                false);
    }

    /** In front of the names of layer {@code layer}. */
    String layer(int layer) {
        return base + layers + layer + ".";
    }
}
