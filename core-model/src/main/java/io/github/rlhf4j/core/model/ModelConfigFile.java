package io.github.rlhf4j.core.model;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.rlhf4j.core.UserError;
import io.github.rlhf4j.core.files.HuggingFaceConfig;
import java.util.Arrays;
import java.util.Set;
import java.util.TreeSet;

/** Between {@link ModelConfig} and config.json, with transformers' defaults for keys that are absent. */
final class ModelConfigFile {
    private static final int MOST = 1 << 28;

    private ModelConfigFile() {}

    static ModelConfig read(HuggingFaceConfig file) {
        Set<String> supported = new TreeSet<>();
        Arrays.stream(Family.values()).forEach(family -> supported.add(family.modelType()));
        file.requireModelType(supported);
        Family family = Family.of(file.modelType()).orElseThrow();
        String activation = file.getString("hidden_act", "silu");
        if (!activation.equals("silu")) {
            throw new UserError(file.source() + ": hidden_act is \"" + activation + "\", but must be \"silu\"");
        }
        int hidden = file.getInt("hidden_size", 1, MOST);
        int layers = file.getInt("num_hidden_layers", 1, 10_000);
        int heads = file.getInt("num_attention_heads", 1, MOST);
        boolean attentionBias = family == Family.LLAMA && file.getBoolean("attention_bias", false);
        int window = window(file, family);
        return new ModelConfig(
                family,
                file.getInt("vocab_size", 1, MOST),
                hidden,
                file.getInt("intermediate_size", 1, MOST),
                layers,
                heads,
                file.getInt("num_key_value_heads", 1, MOST, heads),
                file.getInt("head_dim", 1, MOST, Math.max(1, hidden / heads)),
                file.getInt("max_position_embeddings", 1, MOST, 2048),
                file.getDouble("rms_norm_eps", Double.MIN_NORMAL, 1, 1e-6),
                file.ropeTheta(10_000),
                scaling(file),
                file.getBoolean("tie_word_embeddings", false),
                family == Family.QWEN2 || attentionBias,
                attentionBias,
                family == Family.LLAMA && file.getBoolean("mlp_bias", false),
                window,
                window == 0 ? 0 : windowFrom(file, family, layers),
                file.getDouble("initializer_range", 0, 100, 0.02));
    }

    private static int window(HuggingFaceConfig file, Family family) {
        boolean used =
                family == Family.MISTRAL || (family == Family.QWEN2 && file.getBoolean("use_sliding_window", false));
        JsonNode written = file.tree().get("sliding_window");
        if (!used || (written != null && written.isNull())) {
            return 0;
        }
        return file.getInt("sliding_window", 1, Integer.MAX_VALUE, 4096);
    }

    private static int windowFrom(HuggingFaceConfig file, Family family, int layers) {
        JsonNode types = file.tree().path("layer_types");
        if (!types.isArray()) {
            return family == Family.QWEN2 ? file.getInt("max_window_layers", 0, MOST, 28) : 0;
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

    private static RotaryScaling scaling(HuggingFaceConfig file) {
        ObjectNode rope = file.ropeParameters(10_000);
        String type = rope.path("rope_type").asText();
        double factor = rope.path("factor").asDouble(1);
        return switch (type) {
            case "default" -> RotaryScaling.NONE;
            case "linear" -> new RotaryScaling(RotaryScaling.Type.LINEAR, factor, 1, 1, 0);
            case "llama3" ->
                new RotaryScaling(
                        RotaryScaling.Type.LLAMA3,
                        factor,
                        rope.path("low_freq_factor").asDouble(1),
                        rope.path("high_freq_factor").asDouble(4),
                        rope.path("original_max_position_embeddings").asInt(8192));
            default ->
                throw new UserError(file.source() + ": rope_type is \"" + type
                        + "\", which is not supported: it must be default, linear or llama3");
        };
    }

    static HuggingFaceConfig write(ModelConfig config) {
        HuggingFaceConfig file = HuggingFaceConfig.create(
                        config.family().modelType(), config.family().architecture(Head.LANGUAGE))
                .with("vocab_size", config.vocabSize())
                .with("hidden_size", config.hiddenSize())
                .with("intermediate_size", config.intermediateSize())
                .with("num_hidden_layers", config.layers())
                .with("num_attention_heads", config.heads())
                .with("num_key_value_heads", config.keyValueHeads())
                .with("head_dim", config.headDim())
                .with("hidden_act", "silu")
                .with("max_position_embeddings", config.maxPositions())
                .with("rms_norm_eps", config.normEpsilon())
                .with("rope_theta", config.ropeTheta())
                .with("rope_parameters", rope(config))
                .with("tie_word_embeddings", config.tiedEmbeddings())
                .with("initializer_range", config.initializerRange())
                .with("attention_dropout", 0.0)
                .with("dtype", "float32");
        return switch (config.family()) {
            case LLAMA -> file.with("attention_bias", config.outputBias()).with("mlp_bias", config.mlpBias());
            case MISTRAL ->
                config.slidingWindow() == 0
                        ? file.with("sliding_window", JsonNodeFactory.instance.nullNode())
                        : file.with("sliding_window", config.slidingWindow());
            case QWEN2 ->
                config.slidingWindow() == 0
                        ? file.with("use_sliding_window", false)
                        : file.with("use_sliding_window", true)
                                .with("sliding_window", config.slidingWindow())
                                .with("max_window_layers", config.slidingWindowFrom());
        };
    }

    private static ObjectNode rope(ModelConfig config) {
        RotaryScaling scaling = config.rotaryScaling();
        ObjectNode rope = JsonNodeFactory.instance.objectNode();
        rope.put("rope_theta", config.ropeTheta());
        switch (scaling.type()) {
            case NONE -> rope.put("rope_type", "default");
            case LINEAR -> rope.put("rope_type", "linear").put("factor", scaling.factor());
            case LLAMA3 ->
                rope.put("rope_type", "llama3")
                        .put("factor", scaling.factor())
                        .put("low_freq_factor", scaling.lowFrequencyFactor())
                        .put("high_freq_factor", scaling.highFrequencyFactor())
                        .put("original_max_position_embeddings", scaling.originalPositions());
        }
        return rope;
    }
}
