package io.github.rlhf4j.core.model;

import java.util.List;

/**
 * What a family calls its tensors in Hugging Face's files.
 *
 * @param base the model without its head; files of the bare model leave it out
 * @param layers in front of a layer's number
 * @param queryKeyValue query, key and value, or the one that holds them all
 */
record TensorNames(
        String base,
        String embedding,
        String layers,
        String attentionNorm,
        List<String> queryKeyValue,
        String output,
        String feedForwardNorm,
        List<String> hidden,
        String down,
        String finalNorm) {
    static final TensorNames LLAMA = new TensorNames(
            "model.",
            "embed_tokens",
            "layers.",
            "input_layernorm",
            List.of("self_attn.q_proj", "self_attn.k_proj", "self_attn.v_proj"),
            "self_attn.o_proj",
            "post_attention_layernorm",
            List.of("mlp.gate_proj", "mlp.up_proj"),
            "mlp.down_proj",
            "norm");

    /** In front of the names of layer {@code layer}. */
    String layer(int layer) {
        return base + layers + layer + ".";
    }
}
