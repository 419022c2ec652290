package io.github.rlhf4j.core.model;

import io.github.rlhf4j.core.UserError;
import io.github.rlhf4j.core.files.HuggingFaceConfig;
import java.util.Set;

/** GPT-2's config.json: layer norms, learned positions, GELU, biases everywhere. */
final class Gpt2Format implements ConfigFormat {
    private static final int MOST = 1 << 28;
    private static final Set<String> TANH_GELU = Set.of("gelu_new", "gelu_pytorch_tanh", "gelu_fast");

    @Override
    public ModelConfig read(Family family, HuggingFaceConfig file) {
        String activation = file.getString("activation_function", "gelu_new");
        if (!TANH_GELU.contains(activation)) {
            throw new UserError(file.source() + ": activation_function is \"" + activation
                    + "\", which is not supported: it must be \"gelu_new\" (GELU in its tanh form)");
        }
        require(file, "scale_attn_weights", true);
        require(file, "scale_attn_by_inverse_layer_idx", false);
        require(file, "add_cross_attention", false);
        int hidden = file.getInt("n_embd", 1, MOST);
        int heads = file.getInt("n_head", 1, MOST);
        if (hidden % heads != 0) {
            throw new UserError(
                    file.source() + ": n_embd is " + hidden + ", but must be a multiple of n_head, " + heads);
        }
        return new ModelConfig(
                family,
                file.getInt("vocab_size", 1, MOST),
                hidden,
                file.getInt("n_layer", 1, 10_000),
                file.getInt("n_positions", 1, MOST, 1024),
                new NormConfig(NormConfig.Kind.LAYER, file.getDouble("layer_norm_epsilon", Double.MIN_NORMAL, 1, 1e-5)),
                new Positions.Learned(),
                new AttentionConfig(heads, heads, hidden / heads, true, true, false, 0, 0),
                FeedForwardConfig.gelu(file.getInt("n_inner", 1, MOST, 4 * hidden)),
                file.getBoolean("tie_word_embeddings", true),
                file.getDouble("initializer_range", 0, 100, 0.02));
    }

    private static void require(HuggingFaceConfig file, String key, boolean value) {
        if (file.getBoolean(key, value) != value) {
            throw new UserError(
                    file.source() + ": " + key + " is " + !value + ", which is not supported: it must be " + value);
        }
    }

    @Override
    public HuggingFaceConfig write(ModelConfig config, HuggingFaceConfig file) {
        return file.with("vocab_size", config.vocabSize())
                .with("n_embd", config.hiddenSize())
                .with("n_layer", config.layers())
                .with("n_head", config.heads())
                .with("n_inner", config.intermediateSize())
                .with("n_positions", config.maxPositionEmbeddings())
                .with("layer_norm_epsilon", config.norm().epsilon())
                .with("activation_function", "gelu_new")
                .with("tie_word_embeddings", config.tiedEmbeddings())
                .with("initializer_range", config.initializerRange())
                .with("resid_pdrop", 0.0)
                .with("embd_pdrop", 0.0)
                .with("attn_pdrop", 0.0)
                .with("dtype", "float32");
    }
}
