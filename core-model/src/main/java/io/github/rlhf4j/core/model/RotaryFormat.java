package io.github.rlhf4j.core.model;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.rlhf4j.core.UserError;
import io.github.rlhf4j.core.files.HuggingFaceConfig;

/** Rotary positions in config.json: {@code rope_parameters}, or {@code rope_scaling} and {@code rope_theta} as older files have it. */
final class RotaryFormat {
    private static final double MOST = Float.MAX_VALUE;

    private RotaryFormat() {}

    static Positions.Rotary read(HuggingFaceConfig file, double defaultTheta, int maxPositionEmbeddings) {
        HuggingFaceConfig rope = file.ropeParameters(defaultTheta);
        if (rope.getDouble("partial_rotary_factor", 0, 1, 1) != 1) {
            throw new UserError(rope.source() + ": partial_rotary_factor must be 1: heads are rotated whole");
        }
        return new Positions.Rotary(
                rope.getDouble("rope_theta", Double.MIN_NORMAL, MOST), scaling(rope, maxPositionEmbeddings));
    }

    private static RotaryScaling scaling(HuggingFaceConfig rope, int maxPositionEmbeddings) {
        String type = rope.getString("rope_type");
        return switch (type) {
            case "default" -> new RotaryScaling.None();
            case "linear" -> new RotaryScaling.Linear(factor(rope));
            case "dynamic" -> new RotaryScaling.Dynamic(factor(rope));
            case "llama3" ->
                new RotaryScaling.Llama3(
                        factor(rope),
                        rope.getDouble("low_freq_factor", Double.MIN_NORMAL, MOST),
                        rope.getDouble("high_freq_factor", Double.MIN_NORMAL, MOST),
                        rope.getInt("original_max_position_embeddings", 1, Integer.MAX_VALUE, maxPositionEmbeddings));
            default ->
                throw new UserError(rope.source() + ": rope_type is \"" + type
                        + "\", which is not supported: it must be default, linear, dynamic or llama3");
        };
    }

    private static double factor(HuggingFaceConfig rope) {
        return rope.getDouble("factor", 1, MOST);
    }

    static ObjectNode write(Positions.Rotary rotary) {
        ObjectNode rope = JsonNodeFactory.instance.objectNode().put("rope_theta", rotary.theta());
        RotaryScaling scaling = rotary.scaling();
        if (scaling instanceof RotaryScaling.Linear linear) {
            return rope.put("rope_type", "linear").put("factor", linear.factor());
        }
        if (scaling instanceof RotaryScaling.Dynamic dynamic) {
            return rope.put("rope_type", "dynamic").put("factor", dynamic.factor());
        }
        if (scaling instanceof RotaryScaling.Llama3 llama3) {
            return rope.put("rope_type", "llama3")
                    .put("factor", llama3.factor())
                    .put("low_freq_factor", llama3.lowFactor())
                    .put("high_freq_factor", llama3.highFactor())
                    .put("original_max_position_embeddings", llama3.originalPositions());
        }
        return rope.put("rope_type", "default");
    }
}
