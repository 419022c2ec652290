package io.github.rlhf4j.core.model;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import io.github.rlhf4j.core.UserError;
import io.github.rlhf4j.core.files.HuggingFaceConfig;

/**
 * The config.json of families of Llama's form: RMS norms, rotary positions, SwiGLU. They differ in which keys they know and in their defaults.
 *
 * @param attentionBias whether query, key and value have biases
 * @param window whether {@code sliding_window} counts
 * @param maxPositions default of {@code max_position_embeddings}
 */
record LlamaFormat(Bias attentionBias, boolean mlpBias, Window window, int maxPositions) implements ConfigFormat {
    private static final int MOST = 1 << 28;

    /** Attention's biases. */
    enum Bias {
        NEVER,
        /** On query, key, value and output, where {@code attention_bias} says so. */
        BY_KEY,
        /** On query, key and value. */
        ALWAYS
    }

    /** Sliding windows. */
    enum Window {
        NEVER,
        /** In all layers, unless {@code sliding_window} is null. */
        ALL_LAYERS,
        /** Where {@code use_sliding_window} says so, from {@code max_window_layers} on or as {@code layer_types} has it. */
        BY_KEY
    }

    static final LlamaFormat LLAMA = new LlamaFormat(Bias.BY_KEY, true, Window.NEVER, 2048);
    static final LlamaFormat MISTRAL = new LlamaFormat(Bias.NEVER, false, Window.ALL_LAYERS, 131_072);
    static final LlamaFormat QWEN2 = new LlamaFormat(Bias.ALWAYS, false, Window.BY_KEY, 32_768);

    @Override
    public ModelConfig read(Family family, HuggingFaceConfig file) {
        String activation = file.getString("hidden_act", "silu");
        if (!activation.equals("silu") && !activation.equals("swish")) {
            throw new UserError(file.source() + ": hidden_act is \"" + activation + "\", but must be \"silu\"");
        }
        int hidden = file.getInt("hidden_size", 1, MOST);
        int layers = file.getInt("num_hidden_layers", 1, 10_000);
        int positions = file.getInt("max_position_embeddings", 1, MOST, maxPositions);
        return new ModelConfig(
                family,
                file.getInt("vocab_size", 1, MOST),
                hidden,
                layers,
                positions,
                new NormConfig(NormConfig.Kind.RMS, file.getDouble("rms_norm_eps", Double.MIN_NORMAL, 1, 1e-6)),
                RotaryFormat.read(file, 10_000, positions),
                attention(file, hidden, layers),
                new FeedForwardConfig(
                        FeedForwardConfig.Kind.SWIGLU,
                        file.getInt("intermediate_size", 1, MOST),
                        mlpBias && file.getBoolean("mlp_bias", false)),
                file.getBoolean("tie_word_embeddings", false),
                file.getDouble("initializer_range", 0, 100, 0.02));
    }

    private AttentionConfig attention(HuggingFaceConfig file, int hidden, int layers) {
        int heads = file.getInt("num_attention_heads", 1, MOST);
        boolean allBiases = attentionBias == Bias.BY_KEY && file.getBoolean("attention_bias", false);
        int window = window(file);
        return new AttentionConfig(
                heads,
                file.getInt("num_key_value_heads", 1, MOST, heads),
                file.getInt("head_dim", 1, MOST, Math.max(1, hidden / heads)),
                allBiases || attentionBias == Bias.ALWAYS,
                allBiases,
                false,
                window,
                window == 0 || this.window == Window.ALL_LAYERS ? 0 : windowFrom(file, layers));
    }

    private int window(HuggingFaceConfig file) {
        boolean used = window == Window.ALL_LAYERS
                || (window == Window.BY_KEY && file.getBoolean("use_sliding_window", false));
        if (!used || file.tree().path("sliding_window").isNull()) {
            return 0;
        }
        return file.getInt("sliding_window", 1, Integer.MAX_VALUE, 4096);
    }

    private static int windowFrom(HuggingFaceConfig file, int layers) {
        JsonNode types = file.tree().path("layer_types");
        if (!types.isArray()) {
            return file.getInt("max_window_layers", 0, MOST, 28);
        }
        int first = 0;
        while (first < layers && !types.path(first).asText().equals("sliding_attention")) {
            first++;
        }
        for (int layer = first; layer < layers; layer++) {
            if (!types.path(layer).asText().equals("sliding_attention")) {
                throw new UserError(file.source() + ": layer_types mixes full and sliding layers in an order that is"
                        + " not supported: all layers from one on must slide");
            }
        }
        return first;
    }

    @Override
    public HuggingFaceConfig write(ModelConfig config, HuggingFaceConfig file) {
        Positions.Rotary rotary = (Positions.Rotary) config.positions();
        HuggingFaceConfig written = file.with("vocab_size", config.vocabSize())
                .with("hidden_size", config.hiddenSize())
                .with("intermediate_size", config.intermediateSize())
                .with("num_hidden_layers", config.layers())
                .with("num_attention_heads", config.heads())
                .with("num_key_value_heads", config.keyValueHeads())
                .with("head_dim", config.headDim())
                .with("hidden_act", "silu")
                .with("max_position_embeddings", config.maxPositionEmbeddings())
                .with("rms_norm_eps", config.norm().epsilon())
                .with("rope_theta", rotary.theta())
                .with("rope_parameters", RotaryFormat.write(rotary))
                .with("tie_word_embeddings", config.tiedEmbeddings())
                .with("initializer_range", config.initializerRange())
                .with("attention_dropout", 0.0)
                .with("dtype", "float32");
        return withWindow(config.attention(), withBiases(config, written));
    }

    private HuggingFaceConfig withBiases(ModelConfig config, HuggingFaceConfig file) {
        HuggingFaceConfig written = attentionBias == Bias.BY_KEY
                ? file.with("attention_bias", config.attention().outputBias())
                : file;
        return mlpBias ? written.with("mlp_bias", config.feedForward().bias()) : written;
    }

    private HuggingFaceConfig withWindow(AttentionConfig attention, HuggingFaceConfig file) {
        int width = attention.slidingWindow();
        return switch (window) {
            case NEVER -> file;
            case ALL_LAYERS ->
                width == 0
                        ? file.with("sliding_window", JsonNodeFactory.instance.nullNode())
                        : file.with("sliding_window", width);
            case BY_KEY ->
                width == 0
                        ? file.with("use_sliding_window", false)
                        : file.with("use_sliding_window", true)
                                .with("sliding_window", width)
                                .with("max_window_layers", attention.slidingWindowFrom());
        };
    }
}
