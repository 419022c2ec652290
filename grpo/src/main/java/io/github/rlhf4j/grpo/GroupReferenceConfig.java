package io.github.rlhf4j.grpo;

import static io.github.rlhf4j.core.stage.ConfigException.checkConfig;

import io.github.rlhf4j.core.stage.ConfigGroup;
import io.github.rlhf4j.core.stage.ModelReference;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalLong;

/**
 * What leaving a reference costs. With beta: 0 there is none, and its other keys must be left out.
 *
 * @param beta price of a nat of KL
 * @param useBiasCorrectionKl whether the KL of a token is weighted by its ratio; absent: true
 * @param refModel the reference; absent: the model that training starts from
 * @param syncRefModel whether the reference follows the policy
 * @param refModelMixupAlpha weight of the policy in the mixture that becomes the reference; with syncRefModel, absent: 0.6
 * @param refModelSyncSteps optimiser steps from one mixture to the next; with syncRefModel, absent: 512
 */
public record GroupReferenceConfig(
        double beta,
        Optional<Boolean> useBiasCorrectionKl,
        Optional<ModelReference> refModel,
        boolean syncRefModel,
        OptionalDouble refModelMixupAlpha,
        OptionalLong refModelSyncSteps)
        implements ConfigGroup {
    private static final double MIXUP_ALPHA = 0.6; // TRL
    private static final long SYNC_STEPS = 512; // TRL
    private static final String NEEDS_BETA = "does nothing with beta: 0, so must be left out";
    private static final String NEEDS_SYNC = "does nothing without sync_ref_model: true, so must be left out";

    /** As in grpo-defaults.yaml: none. */
    public static final GroupReferenceConfig DEFAULT = new GroupReferenceConfig(
            0, Optional.empty(), Optional.empty(), false, OptionalDouble.empty(), OptionalLong.empty());

    public GroupReferenceConfig {
        checkConfig(beta >= 0 && Double.isFinite(beta), "beta", beta, "must be finite and >= 0");
        checkConfig(
                beta > 0 || useBiasCorrectionKl.isEmpty(),
                "use_bias_correction_kl",
                useBiasCorrectionKl.orElse(true),
                NEEDS_BETA);
        checkConfig(
                beta > 0 || refModel.isEmpty(),
                "ref_model",
                refModel.map(ModelReference::given).orElse(""),
                NEEDS_BETA);
        checkConfig(beta > 0 || !syncRefModel, "sync_ref_model", true, "must be false with beta: 0");
        checkConfig(
                syncRefModel || refModelMixupAlpha.isEmpty(),
                "ref_model_mixup_alpha",
                refModelMixupAlpha.orElse(0),
                NEEDS_SYNC);
        checkConfig(
                syncRefModel || refModelSyncSteps.isEmpty(),
                "ref_model_sync_steps",
                refModelSyncSteps.orElse(0),
                NEEDS_SYNC);
        double alpha = refModelMixupAlpha.orElse(MIXUP_ALPHA);
        long steps = refModelSyncSteps.orElse(SYNC_STEPS);
        checkConfig(alpha > 0 && alpha <= 1, "ref_model_mixup_alpha", alpha, "must be in (0, 1]");
        checkConfig(steps >= 1, "ref_model_sync_steps", steps, "must be >= 1");
    }

    boolean correctsBias() {
        return useBiasCorrectionKl.orElse(true);
    }

    double mixupAlpha() {
        return refModelMixupAlpha.orElse(MIXUP_ALPHA);
    }

    long syncSteps() {
        return refModelSyncSteps.orElse(SYNC_STEPS);
    }

    /** Whether a policy that starts from {@code model} starts as the reference. */
    boolean isStart(ModelReference model) {
        return refModel.orElse(model).directory().equals(model.directory());
    }
}
