package io.github.rlhf4j.gguf;

import io.github.rlhf4j.core.gguf.GgufMetadata;
import io.github.rlhf4j.core.model.AttentionConfig;
import io.github.rlhf4j.core.model.FeedForwardConfig;
import io.github.rlhf4j.core.model.ModelConfig;
import io.github.rlhf4j.core.model.NormConfig;
import io.github.rlhf4j.core.model.Positions;
import io.github.rlhf4j.core.model.RotaryScaling;
import java.util.ArrayList;
import java.util.List;

/** A model's shape as metadata, and what files cannot say of it. */
final class ConfigToGguf {
    static final String LOW_FACTOR = "rlhf4j.rope_scaling.low_freq_factor";
    static final String HIGH_FACTOR = "rlhf4j.rope_scaling.high_freq_factor";
    static final String ORIGINAL_POSITIONS = "rlhf4j.rope_scaling.original_max_position_embeddings";

    private final ModelConfig config;
    private final GgufMetadata metadata;
    private final String prefix;
    private final List<String> warnings = new ArrayList<>();

    ConfigToGguf(ModelConfig config, GgufMetadata metadata) {
        this.config = config;
        this.metadata = metadata;
        this.prefix = Architecture.of(config).id() + ".";
    }

    /** Adds the keys, and returns what the user should know. */
    List<String> write() {
        AttentionConfig attention = config.attention();
        metadata.putInt(prefix + "block_count", config.layers());
        metadata.putInt(prefix + "context_length", context());
        metadata.putInt(prefix + "embedding_length", config.hiddenSize());
        metadata.putInt(prefix + "feed_forward_length", config.intermediateSize());
        metadata.putInt(prefix + "attention.head_count", attention.heads());
        metadata.putInt(prefix + "attention.head_count_kv", attention.keyValueHeads());
        String epsilon = config.norm().kind() == NormConfig.Kind.RMS ? "layer_norm_rms_epsilon" : "layer_norm_epsilon";
        metadata.putFloat(prefix + "attention." + epsilon, config.norm().epsilon());
        if (config.positions() instanceof Positions.Rotary rotary) {
            metadata.putInt(prefix + "attention.key_length", attention.headDim());
            metadata.putInt(prefix + "attention.value_length", attention.headDim());
            metadata.putInt(prefix + "rope.dimension_count", attention.headDim());
            metadata.putFloat(prefix + "rope.freq_base", rotary.theta());
            writeScaling(rotary.scaling());
        }
        if (config.feedForward().kind() == FeedForwardConfig.Kind.EXPERTS) {
            metadata.putInt(prefix + "expert_count", config.feedForward().experts());
            metadata.putInt(prefix + "expert_used_count", config.feedForward().expertsPerToken());
        }
        metadata.putInt(prefix + "vocab_size", config.vocabSize());
        return warnings;
    }

    /** Where llama.cpp computes something else beyond some length, the file's context ends there. */
    private int context() {
        int context = config.maxPositionEmbeddings();
        int window = config.attention().slidingWindow();
        if (window > 0 && config.attention().slidingWindowFrom() < config.layers() && window < context) {
            warnings.add("llama.cpp has no sliding window for this family: the file's context is the window, " + window
                    + " tokens");
            return window;
        }
        if (config.positions() instanceof Positions.Rotary rotary
                && rotary.scaling() instanceof RotaryScaling.Dynamic) {
            warnings.add("llama.cpp has no dynamic scaling of rotary positions: the file's context is that of the"
                    + " unscaled ones, " + context + " tokens");
        }
        return context;
    }

    private void writeScaling(RotaryScaling scaling) {
        if (scaling instanceof RotaryScaling.Linear linear) {
            metadata.putText(prefix + "rope.scaling.type", "linear");
            metadata.putFloat(prefix + "rope.scaling.factor", linear.factor());
        } else if (scaling instanceof RotaryScaling.Llama3 llama3) { // its factors are a tensor
            metadata.putFloat(LOW_FACTOR, llama3.lowFactor());
            metadata.putFloat(HIGH_FACTOR, llama3.highFactor());
            metadata.putInt(ORIGINAL_POSITIONS, llama3.originalPositions());
        }
    }
}
