package io.github.rlhf4j.gguf;

import io.github.rlhf4j.core.Printable;
import io.github.rlhf4j.core.UserError;
import io.github.rlhf4j.core.files.HuggingFaceConfig;
import io.github.rlhf4j.core.gguf.GgufFile;
import io.github.rlhf4j.core.gguf.GgufMetadata;
import io.github.rlhf4j.core.gguf.GgufNames;
import io.github.rlhf4j.core.model.AttentionConfig;
import io.github.rlhf4j.core.model.Family;
import io.github.rlhf4j.core.model.FeedForwardConfig;
import io.github.rlhf4j.core.model.ModelConfig;
import io.github.rlhf4j.core.model.NormConfig;
import io.github.rlhf4j.core.model.Positions;
import io.github.rlhf4j.core.model.RotaryScaling;
import java.nio.FloatBuffer;
import java.util.Arrays;
import java.util.Optional;
import java.util.stream.Collectors;

/** The config.json that a file's metadata and the shapes of its tensors mean. */
final class ConfigFromGguf {
    static final String ARCHITECTURE = "general.architecture";
    private static final int MOST = 1 << 28;
    private static final int MOST_LAYERS = 10_000;

    private final GgufFile file;
    private final GgufMetadata metadata;
    private final Architecture architecture;
    private final String prefix;

    ConfigFromGguf(GgufFile file) {
        this.file = file;
        this.metadata = file.metadata();
        this.architecture = architecture(metadata);
        this.prefix = architecture.id() + ".";
    }

    private static Architecture architecture(GgufMetadata metadata) {
        String id = metadata.text(ARCHITECTURE);
        return Arrays.stream(Architecture.values())
                .filter(each -> each.id().equals(id))
                .findFirst()
                .orElseThrow(() -> new UserError(metadata.source() + ": " + ARCHITECTURE + " is \""
                        + Printable.line(id) + "\", which is not supported: it must be one of "
                        + Arrays.stream(Architecture.values())
                                .map(Architecture::id)
                                .collect(Collectors.joining(", "))));
    }

    HuggingFaceConfig read() {
        int hidden = integer("embedding_length", 1, MOST);
        int layers = integer("block_count", 1, MOST_LAYERS);
        return new ModelConfig(
                        family(),
                        rows("token_embd.weight"),
                        hidden,
                        layers,
                        integer("context_length", 1, MOST),
                        norm(),
                        positions(hidden),
                        attention(hidden),
                        feedForward(),
                        !file.contains("output.weight"),
                        0.02)
                .toHuggingFace();
    }

    private Family family() {
        return switch (architecture) {
            case LLAMA -> experts() > 0 ? Family.MIXTRAL : Family.LLAMA;
            case QWEN2 -> Family.QWEN2;
            case QWEN3 -> Family.QWEN3;
            case GPT2 -> Family.GPT2;
        };
    }

    private int rows(String tensor) {
        if (!file.contains(tensor) || file.shape(tensor).length != 2 || file.shape(tensor)[0] > MOST) {
            throw new UserError(file.path() + " has no matrix " + tensor + ": it is not the file of a whole model"
                    + " (of one in parts, join them first: llama-gguf-split --merge)");
        }
        return (int) file.shape(tensor)[0];
    }

    private NormConfig norm() {
        boolean isRms = architecture != Architecture.GPT2;
        return new NormConfig(
                isRms ? NormConfig.Kind.RMS : NormConfig.Kind.LAYER,
                metadata.number(prefix + "attention." + (isRms ? "layer_norm_rms_epsilon" : "layer_norm_epsilon")));
    }

    private int heads() {
        return integer("attention.head_count", 1, MOST);
    }

    private int headDim(int hidden) {
        return metadata.integerIfThere(prefix + "attention.key_length", 1, MOST).orElse(Math.max(1, hidden / heads()));
    }

    private AttentionConfig attention(int hidden) {
        int dim = headDim(hidden);
        requireSame("attention.value_length", dim);
        boolean hasBias = file.contains("blk.0.attn_q.bias") || file.contains("blk.0.attn_qkv.bias");
        boolean hasOutputBias = file.contains("blk.0.attn_output.bias");
        if (architecture == Architecture.LLAMA && hasBias != hasOutputBias) {
            throw new UserError(file.path() + " has biases on "
                    + (hasBias ? "queries but not on the output" : "the output but not on queries")
                    + ", which no supported family has");
        }
        return new AttentionConfig(
                heads(),
                metadata.integerIfThere(prefix + "attention.head_count_kv", 1, MOST)
                        .orElse(heads()),
                dim,
                hasBias,
                hasOutputBias,
                architecture == Architecture.QWEN3,
                0,
                0);
    }

    private void requireSame(String key, int value) {
        int given = metadata.integerIfThere(prefix + key, 1, MOST).orElse(value);
        if (given != value) {
            throw new UserError(file.path() + ": " + prefix + key + " is " + given + ", but must be " + value
                    + ", the length of keys");
        }
    }

    private int experts() {
        return metadata.integerIfThere(prefix + "expert_count", 0, MOST_LAYERS).orElse(0);
    }

    private FeedForwardConfig feedForward() {
        int inner = integer("feed_forward_length", 1, MOST);
        if (architecture == Architecture.GPT2) {
            return FeedForwardConfig.gelu(inner);
        }
        if (experts() > 0) {
            return FeedForwardConfig.experts(inner, experts(), integer("expert_used_count", 1, MOST_LAYERS), 0);
        }
        boolean hasBias = file.contains("blk.0.ffn_gate.bias");
        return new FeedForwardConfig(FeedForwardConfig.Kind.SWIGLU, inner, hasBias, 0, 0, 0);
    }

    private Positions positions(int hidden) {
        if (architecture == Architecture.GPT2) {
            return new Positions.Learned();
        }
        requireSame("rope.dimension_count", headDim(hidden));
        double theta = metadata.numberIfThere(prefix + "rope.freq_base").orElse(10_000.0);
        if (!(theta > 0)) {
            throw new UserError(file.path() + ": " + prefix + "rope.freq_base is " + theta + ", but must be > 0");
        }
        return new Positions.Rotary(theta, scaling(theta, headDim(hidden)));
    }

    private RotaryScaling scaling(double theta, int dim) {
        String type = metadata.textIfThere(prefix + "rope.scaling.type").orElse("none");
        if (file.contains(GgufNames.ROTARY_FACTORS)) {
            return llama3(theta, dim);
        }
        double factor = metadata.numberIfThere(prefix + "rope.scaling.factor")
                .or(() -> metadata.numberIfThere(prefix + "rope.scale_linear"))
                .orElse(1.0);
        return switch (type) {
            case "none" -> factor == 1 ? new RotaryScaling.None() : new RotaryScaling.Linear(factor);
            case "linear" -> new RotaryScaling.Linear(factor);
            default ->
                throw new UserError(file.path() + ": " + prefix + "rope.scaling.type is \"" + Printable.line(type)
                        + "\", which is not supported: it must be none or linear, or llama3's factors as a tensor");
        };
    }

    private RotaryScaling llama3(double theta, int dim) {
        long[] shape = file.shape(GgufNames.ROTARY_FACTORS);
        if (shape.length != 1 || shape[0] != dim / 2) {
            throw new UserError(file.path() + ": " + GgufNames.ROTARY_FACTORS + " has the shape "
                    + Arrays.toString(shape) + ", but must have " + dim / 2 + " numbers");
        }
        float[] factors = new float[dim / 2];
        file.read(GgufNames.ROTARY_FACTORS, 0, FloatBuffer.wrap(factors));
        return RotaryFactors.scaling(factors, theta, stated(factors))
                .orElseThrow(() -> new UserError(file.path() + ": the numbers of " + GgufNames.ROTARY_FACTORS
                        + " are not those of llama3's scaling, the only one by frequencies that is supported"));
    }

    private Optional<RotaryScaling.Llama3> stated(float[] factors) {
        Optional<Double> low = metadata.numberIfThere(ConfigToGguf.LOW_FACTOR);
        Optional<Double> high = metadata.numberIfThere(ConfigToGguf.HIGH_FACTOR);
        Optional<Integer> positions = metadata.integerIfThere(ConfigToGguf.ORIGINAL_POSITIONS, 1, MOST);
        if (low.isEmpty() || high.isEmpty() || positions.isEmpty()) {
            return Optional.empty();
        }
        return Optional.of(
                new RotaryScaling.Llama3(RotaryFactors.largest(factors), low.get(), high.get(), positions.get()));
    }

    private int integer(String key, int min, int max) {
        return metadata.integer(prefix + key, min, max);
    }
}
