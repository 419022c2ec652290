package io.github.rlhf4j.gguf;

import io.github.rlhf4j.core.gguf.GgufType;
import io.github.rlhf4j.core.model.Family;
import io.github.rlhf4j.core.model.ModelConfig;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** What each tensor is stored as: {@code llama_tensor_get_type} of llama-quantize without an importance matrix, so that files are those that it makes of the model's F32 file. */
final class TypeChoice {
    private static final Pattern LAYER = Pattern.compile("blk\\.(\\d+)\\..*");

    private final GgufFormat format;
    private final ModelConfig config;

    TypeChoice(GgufFormat format, ModelConfig config) {
        this.format = format;
        this.config = config;
    }

    /**
     * @param tensor its name in the file
     * @param shape the length of a row last
     */
    GgufType of(String tensor, long[] shape) {
        boolean isMatrix = shape.length >= 2
                && tensor.endsWith("weight")
                && !tensor.contains("_norm.weight")
                && !tensor.contains("ffn_gate_inp.weight")
                && !tensor.equals("position_embd.weight");
        if (!isMatrix) {
            return GgufType.F32;
        }
        return fitting(format.type().isQuantised() ? chosen(tensor) : format.type(), shape[shape.length - 1]);
    }

    /** Rows that are no whole blocks are stored as a type of smaller blocks, in the end as halves. */
    private static GgufType fitting(GgufType type, long columns) {
        GgufType fitting = type;
        if (!type.fits(columns)) {
            fitting = switch (type) {
                case Q4_K -> GgufType.Q5_0;
                case Q5_K, Q6_K -> GgufType.Q8_0; // llama-quantize has Q5_1 for Q5_K, which is not written here
                default -> GgufType.F16;
            };
        }
        return fitting.fits(columns) ? fitting : GgufType.F16;
    }

    private GgufType chosen(String tensor) {
        boolean isHead =
                tensor.equals("output.weight") || (config.tiedEmbeddings() && tensor.equals("token_embd.weight"));
        if (isHead) {
            boolean fits = format.type().fits(config.hiddenSize());
            return !fits || format == GgufFormat.Q8_0 ? GgufType.Q8_0 : GgufType.Q6_K;
        }
        Matcher matcher = LAYER.matcher(tensor);
        return matcher.matches() ? ofLayer(tensor, Integer.parseInt(matcher.group(1))) : format.type();
    }

    private GgufType ofLayer(String tensor, int layer) {
        boolean isMixed = format == GgufFormat.Q4_K;
        boolean hasEight = config.feedForward().experts() == 8;
        if (tensor.contains("attn_v.") || tensor.contains("attn_qkv.")) {
            GgufType type = isMixed && usesMoreBits(layer) ? GgufType.Q6_K : format.type();
            type = type == GgufType.Q4_K && isSeventyBillion() ? GgufType.Q5_K : type;
            return hasEight ? GgufType.Q8_0 : type;
        }
        if (tensor.contains("attn_k.")) {
            return hasEight ? GgufType.Q8_0 : format.type();
        }
        if (tensor.contains("ffn_down")) {
            return isMixed && usesMoreBits(layer) ? GgufType.Q6_K : format.type();
        }
        return isMixed && hasEight && tensor.contains("attn_output.") ? GgufType.Q5_K : format.type();
    }

    /** The first and last eighth of the layers, and each third between. */
    private boolean usesMoreBits(int layer) {
        int layers = config.layers();
        return layer < layers / 8 || layer >= 7 * layers / 8 || (layer - layers / 8) % 3 == 2;
    }

    private boolean isSeventyBillion() {
        return config.layers() == 80 && (config.family() == Family.QWEN2 || config.heads() != config.keyValueHeads());
    }
}
