package io.github.rlhf4j.plan;

import com.fasterxml.jackson.databind.JsonNode;
import io.github.rlhf4j.core.files.HuggingFaceConfig;
import java.util.ArrayList;
import java.util.List;

/** Reads a {@link ModelShape} from a config.json, by the rules that families.json has for its family. */
final class ShapeReader {
    private static final long MANY_LAYERS = 10_000;

    private final ConfigKeys keys;
    private final JsonNode rules;
    private final long hidden;
    private final AttentionReader attention;
    private final FeedForwardReader feedForward;

    private ShapeReader(ConfigKeys keys) {
        this.keys = keys;
        this.rules = keys.rules();
        hidden = keys.size("hidden_size");
        attention = new AttentionReader(keys, hidden);
        feedForward = new FeedForwardReader(keys, hidden);
    }

    /**
     * Reads.
     *
     * @throws io.github.rlhf4j.core.UserError where the family is unknown or a size is missing or wrong
     */
    static ModelShape read(HuggingFaceConfig file) {
        return read(file, List.of());
    }

    /**
     * The same, and checks that keys count.
     *
     * @param given by the user
     * @throws io.github.rlhf4j.core.UserError also where one of them does not
     */
    static ModelShape read(HuggingFaceConfig file, List<String> given) {
        ConfigKeys keys = new ConfigKeys(file, FamilyRules.of(file));
        ModelShape shape = new ShapeReader(keys).read(file.modelType());
        keys.requireAsked(given);
        return shape;
    }

    private ModelShape read(String family) {
        long vocabulary = keys.size("vocab_size");
        long count = keys.size("num_hidden_layers");
        if (count > MANY_LAYERS) {
            throw keys.wrong("num_hidden_layers must be in [1, " + MANY_LAYERS + "], but is " + count);
        }
        WindowRule windows = new WindowRule(keys, count);
        List<LayerShape> layers = new ArrayList<>();
        for (int layer = 0; layer < count; layer++) {
            layers.add(new LayerShape(
                    attention.of(windows.of(layer)), feedForward.of(layer), layerNorms() * norm() + attention.norms()));
        }
        long width = rules.has("embedding_width")
                ? keys.size(rules.get("embedding_width").asText(), hidden)
                : hidden;
        long between = width == hidden ? 0 : 2 * width * hidden; // OPT's project_in and project_out
        long embedding = vocabulary * width + positions() * hidden + between;
        boolean tied = keys.isOn("tie_word_embeddings")
                || (!keys.isGiven("tie_word_embeddings") && rules.path("tied").asBoolean());
        long headBias = keys.isOn(rules.path("biases").path(3)) ? vocabulary : 0;
        long head = (tied ? 0 : vocabulary * width) + headBias;
        return new ModelShape(
                family,
                vocabulary,
                hidden,
                layers,
                embedding,
                (keys.isOnOr("final_norm_if", true) ? norm() : 0)
                        + (rules.path("embedding_norm").asBoolean() ? norm() : 0),
                head,
                vocabulary * width + between,
                context());
    }

    /** Positions of the model's context; where nothing says how many, transformers' default of most families. */
    private long context() {
        return keys.size("max_position_embeddings", 2048);
    }

    private long positions() {
        return rules.has("positions") ? context() + rules.get("positions").asLong() : 0;
    }

    /** Weights of one norm. */
    private long norm() {
        return keys.isOnOr("norm_if", true) ? rules.path("norm").asLong(1) * hidden : 0;
    }

    private long layerNorms() {
        if (rules.path("norms").asText().equals("falcon")) {
            boolean two = keys.isOn("new_decoder_architecture") && keys.count("num_ln_in_parallel_attn", 2) == 2;
            return two || !keys.isOn("parallel_attn") ? 2 : 1;
        }
        return keys.isOnOr("norms_1_if", false) ? 1 : rules.path("norms").asLong(2);
    }
}
