package io.github.rlhf4j.sft;

import static io.github.rlhf4j.core.stage.ConfigException.checkConfig;

import io.github.rlhf4j.core.model.AttentionConfig;
import io.github.rlhf4j.core.model.Family;
import io.github.rlhf4j.core.model.ModelConfig;
import io.github.rlhf4j.core.model.NormConfig;
import io.github.rlhf4j.core.model.Positions;
import io.github.rlhf4j.core.model.RotaryScaling;
import java.util.Optional;

/**
 * The sizes of a new Llama, or of a new Mixtral where there are experts, with the names of its config.json.
 *
 * @param hiddenSize C
 * @param intermediateSize F, of the feed-forward block, or of each expert
 * @param numHiddenLayers L
 * @param numAttentionHeads H
 * @param numKeyValueHeads Hkv, divides H; default: H
 * @param headDim D, even; default: C / H
 * @param maxPositionEmbeddings the context, tokens
 * @param ropeTheta base of the rotary frequencies; default 10000
 * @param tieWordEmbeddings whether head and embedding are one; default true
 * @param initializerRange standard deviation of fresh weights; default 0.02
 * @param experts those of the feed-forward block
 */
public record ArchitectureConfig(
        int hiddenSize,
        int intermediateSize,
        int numHiddenLayers,
        int numAttentionHeads,
        Optional<Integer> numKeyValueHeads,
        Optional<Integer> headDim,
        int maxPositionEmbeddings,
        Optional<Double> ropeTheta,
        Optional<Boolean> tieWordEmbeddings,
        Optional<Double> initializerRange,
        ExpertsConfig experts) {
    private static final double NORM_EPSILON = 1e-5;
    private static final double ROPE_THETA = 10_000;
    private static final double INITIALIZER_RANGE = 0.02;

    public ArchitectureConfig {
        checkConfig(hiddenSize >= 1, "hidden_size", hiddenSize, "must be >= 1");
        checkConfig(intermediateSize >= 1, "intermediate_size", intermediateSize, "must be >= 1");
        checkConfig(numHiddenLayers >= 1, "num_hidden_layers", numHiddenLayers, "must be >= 1");
        checkConfig(numAttentionHeads >= 1, "num_attention_heads", numAttentionHeads, "must be >= 1");
        int heads = Math.max(1, numAttentionHeads);
        int keyValueHeads = numKeyValueHeads.orElse(heads);
        checkConfig(
                keyValueHeads >= 1 && heads % Math.max(1, keyValueHeads) == 0,
                "num_key_value_heads",
                keyValueHeads,
                "must divide num_attention_heads");
        checkConfig(
                headDim.isPresent() || hiddenSize % heads == 0,
                "num_attention_heads",
                heads,
                "must divide hidden_size unless head_dim is given");
        int dim = headDim.orElse(hiddenSize / heads);
        checkConfig(dim >= 2 && dim % 2 == 0, "head_dim", dim, "must be even and >= 2");
        checkConfig(maxPositionEmbeddings >= 2, "max_position_embeddings", maxPositionEmbeddings, "must be >= 2");
        checkConfig(ropeTheta.orElse(1.0) > 0, "rope_theta", ropeTheta.orElse(1.0), "must be > 0");
        double range = initializerRange.orElse(INITIALIZER_RANGE);
        checkConfig(range > 0 && Double.isFinite(range), "initializer_range", range, "must be finite and > 0");
    }

    /** A Llama whose fresh weights have a standard deviation of 0.02. */
    public ArchitectureConfig(
            int hiddenSize,
            int intermediateSize,
            int numHiddenLayers,
            int numAttentionHeads,
            Optional<Integer> numKeyValueHeads,
            Optional<Integer> headDim,
            int maxPositionEmbeddings,
            Optional<Double> ropeTheta,
            Optional<Boolean> tieWordEmbeddings) {
        this(
                hiddenSize,
                intermediateSize,
                numHiddenLayers,
                numAttentionHeads,
                numKeyValueHeads,
                headDim,
                maxPositionEmbeddings,
                ropeTheta,
                tieWordEmbeddings,
                Optional.empty(),
                ExpertsConfig.NONE);
    }

    /** The same sizes with experts. */
    public ArchitectureConfig with(ExpertsConfig newExperts) {
        return new ArchitectureConfig(
                hiddenSize,
                intermediateSize,
                numHiddenLayers,
                numAttentionHeads,
                numKeyValueHeads,
                headDim,
                maxPositionEmbeddings,
                ropeTheta,
                tieWordEmbeddings,
                initializerRange,
                newExperts);
    }

    /** The shape of a model for a tokenizer of so many tokens. */
    public ModelConfig shape(int vocabSize) {
        int heads = numAttentionHeads;
        return new ModelConfig(
                experts.isMixture() ? Family.MIXTRAL : Family.LLAMA,
                vocabSize,
                hiddenSize,
                numHiddenLayers,
                maxPositionEmbeddings,
                new NormConfig(NormConfig.Kind.RMS, NORM_EPSILON),
                new Positions.Rotary(ropeTheta.orElse(ROPE_THETA), new RotaryScaling.None()),
                AttentionConfig.plain(heads, numKeyValueHeads.orElse(heads), headDim.orElse(hiddenSize / heads)),
                experts.feedForward(intermediateSize),
                tieWordEmbeddings.orElse(true),
                initializerRange.orElse(INITIALIZER_RANGE));
    }
}
