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
 * @param headNorms whether queries and keys are normed
 * @param experts whether the feed-forward part is a mixture of experts
 * @param maxPositions default of {@code max_position_embeddings}
 * @param normEpsilon default of {@code rms_norm_eps}
 * @param theta default of {@code rope_theta}
 */
record LlamaFormat(
        Bias attentionBias,
        boolean mlpBias,
        Window window,
        boolean headNorms,
        boolean experts,
        int maxPositions,
        double normEpsilon,
        double theta)
        implements ConfigFormat {
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
        /** In all layers, unless {@code sliding_window} is null; 4096 where it is absent. */
        ALL_LAYERS,
        /** In all layers where {@code sliding_window} is given. */
        IF_GIVEN,
        /** Where {@code use_sliding_window} says so, from {@code max_window_layers} on or as {@code layer_types} has it. */
        BY_KEY
    }

    static final LlamaFormat LLAMA = new LlamaFormat(Bias.BY_KEY, true, Window.NEVER, false, false, 2048, 1e-6, 1e4);
    static final LlamaFormat MISTRAL =
            new LlamaFormat(Bias.NEVER, false, Window.ALL_LAYERS, false, false, 131_072, 1e-6, 1e4);
    static final LlamaFormat QWEN2 =
            new LlamaFormat(Bias.ALWAYS, false, Window.BY_KEY, false, false, 32_768, 1e-6, 1e4);
    static final LlamaFormat QWEN3 = new LlamaFormat(Bias.BY_KEY, false, Window.BY_KEY, true, false, 32_768, 1e-6, 1e4);
    static final LlamaFormat MIXTRAL =
            new LlamaFormat(Bias.NEVER, false, Window.IF_GIVEN, false, true, 131_072, 1e-5, 1e6);

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
                new NormConfig(NormConfig.Kind.RMS, file.getDouble("rms_norm_eps", Double.MIN_NORMAL, 1, normEpsilon)),
                RotaryFormat.read(file, theta, positions),
                attention(file, hidden, layers),
                feedForward(file),
                file.getBoolean("tie_word_embeddings", false),
                file.getDouble("initializer_range", 0, 100, 0.02));
    }

    private FeedForwardConfig feedForward(HuggingFaceConfig file) {
        int inner = file.getInt("intermediate_size", 1, MOST);
        if (!experts) {
            boolean bias = mlpBias && file.getBoolean("mlp_bias", false);
            return new FeedForwardConfig(FeedForwardConfig.Kind.SWIGLU, inner, bias, 0, 0, 0);
        }
        if (file.getDouble("router_jitter_noise", 0, 1, 0) != 0) {
            throw new UserError(file.source() + ": router_jitter_noise is not supported: it must be 0");
        }
        double routerLoss = file.getDouble("router_aux_loss_coef", 0, MOST, 0.001);
        return FeedForwardConfig.experts(
                inner,
                file.getInt("num_local_experts", 1, 10_000, 8),
                file.getInt("num_experts_per_tok", 1, 10_000, 2),
                file.getBoolean("output_router_logits", false) ? routerLoss : 0);
    }

    private AttentionConfig attention(HuggingFaceConfig file, int hidden, int layers) {
        int heads = file.getInt("num_attention_heads", 1, MOST);
        boolean allBiases = attentionBias == Bias.BY_KEY && file.getBoolean("attention_bias", false);
        int window = window(file);
        return new AttentionConfig(
                heads,
                file.getInt("num_key_value_heads", 1, MOST, heads),
                file.getInt("head_dim", 1, MOST, headNorms ? 128 : Math.max(1, hidden / heads)),
                allBiases || attentionBias == Bias.ALWAYS,
                allBiases,
                headNorms,
                window,
                window != 0 && this.window == Window.BY_KEY ? windowFrom(file, layers) : 0);
    }

    private int window(HuggingFaceConfig file) {
        boolean used = switch (window) {
            case NEVER -> false;
            case ALL_LAYERS -> !file.tree().path("sliding_window").isNull();
            case IF_GIVEN -> file.has("sliding_window");
            case BY_KEY -> file.getBoolean("use_sliding_window", false);
        };
        if (!used) {
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
        return withWindow(config.attention(), withExperts(config.feedForward(), withBiases(config, written)));
    }

    private HuggingFaceConfig withExperts(FeedForwardConfig feedForward, HuggingFaceConfig file) {
        return experts
                ? file.with("num_local_experts", feedForward.experts())
                        .with("num_experts_per_tok", feedForward.expertsPerToken())
                        .with("output_router_logits", feedForward.routerLoss() > 0)
                        .with("router_aux_loss_coef", feedForward.routerLoss())
                : file;
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
            case ALL_LAYERS, IF_GIVEN ->
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
