package io.github.rlhf4j.grpo;

import static io.github.rlhf4j.core.stage.ConfigException.checkConfig;

import io.github.rlhf4j.core.stage.ConfigGroup;
import io.github.rlhf4j.core.tensor.WeightType;
import io.github.rlhf4j.rollout.ImportanceSampling;
import java.util.Optional;
import java.util.OptionalDouble;

/**
 * How far the sampler may be another policy than the one that is trained, and how that is corrected.
 *
 * @param rolloutWeights what responses are sampled with; in fewer bits than float32 the trainer's log-probs are the old ones
 * @param importanceSamplingMode what corrects for the sampler's other probabilities; absent: sequence_mask
 * @param importanceSamplingClipMax the largest weight; absent: 3
 */
public record SamplerConfig(
        WeightType rolloutWeights,
        Optional<ImportanceSampling> importanceSamplingMode,
        OptionalDouble importanceSamplingClipMax)
        implements ConfigGroup {
    private static final double CLIP_MAX = 3; // TRL
    private static final double[] EQUAL = {1};

    /** As in grpo-defaults.yaml. */
    public static final SamplerConfig DEFAULT =
            new SamplerConfig(WeightType.FLOAT32, Optional.empty(), OptionalDouble.empty());

    public SamplerConfig {
        String nothing = "does nothing with rollout_weights: float32, so must be left out";
        checkConfig(
                rolloutWeights.isCompact() || importanceSamplingMode.isEmpty(),
                "importance_sampling_mode",
                "given",
                nothing);
        double limit = importanceSamplingClipMax.orElse(CLIP_MAX);
        checkConfig(
                rolloutWeights.isCompact() || importanceSamplingClipMax.isEmpty(),
                "importance_sampling_clip_max",
                limit,
                nothing);
        checkConfig(
                limit > 0 && Double.isFinite(limit), "importance_sampling_clip_max", limit, "must be finite and > 0");
    }

    /** Whether the sampler's weights are rounded. */
    boolean isRounded() {
        return rolloutWeights.isCompact();
    }

    /** Of {@link #weights(Completion)}, that of the response where its tokens have none of their own, else 1. */
    double ofResponse(double[] weights) {
        return weighsTokens() ? 1 : weights[0];
    }

    /** Of {@link #weights(Completion)}, that of a token where tokens have their own, else 1. */
    double ofToken(double[] weights, int token) {
        return weighsTokens() ? weights[token] : 1;
    }

    private boolean weighsTokens() {
        return isRounded() && !mode().isOfSequence();
    }

    /** The weights of a response's tokens in the loss: one a token, or one for all. */
    double[] weights(double[] trainer, double[] sampler) {
        return mode().weights(trainer, sampler, importanceSamplingClipMax.orElse(CLIP_MAX));
    }

    /** The same of what the policy learns from; 1 where the sampler's weights are those of training. */
    double[] weights(Completion completion) {
        return isRounded() ? weights(completion.oldLogProbs(), completion.samplerLogProbs()) : EQUAL;
    }

    private ImportanceSampling mode() {
        return importanceSamplingMode.orElse(ImportanceSampling.SEQUENCE_MASK);
    }
}
