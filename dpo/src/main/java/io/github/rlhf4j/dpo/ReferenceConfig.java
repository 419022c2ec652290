package io.github.rlhf4j.dpo;

import static io.github.rlhf4j.core.stage.ConfigException.checkConfig;

import io.github.rlhf4j.core.stage.ConfigGroup;
import io.github.rlhf4j.core.stage.ModelReference;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalLong;

/**
 * The reference that a policy is compared with.
 *
 * @param refModel the reference; default: the model that training starts from
 * @param precomputeRefLogProbs whether the reference's log-probs are computed once, cached and checked, or in every step
 * @param syncRefModel TR-DPO: the reference follows the policy
 * @param refModelMixupAlpha weight of the policy in the mixture that becomes the reference, in (0, 1]; with syncRefModel, absent: 0.6
 * @param refModelSyncSteps optimiser steps from one mixture to the next, >= 1; with syncRefModel, absent: 512
 */
public record ReferenceConfig(
        Optional<ModelReference> refModel,
        boolean precomputeRefLogProbs,
        boolean syncRefModel,
        OptionalDouble refModelMixupAlpha,
        OptionalLong refModelSyncSteps)
        implements ConfigGroup {
    private static final double DEFAULT_MIXUP_ALPHA = 0.6; // TRL; Gorbatovski et al. 2024
    private static final long DEFAULT_SYNC_STEPS = 512; // TRL
    private static final String NEEDS_SYNC = "does nothing without sync_ref_model: true, so must be left out";

    public ReferenceConfig {
        checkConfig(
                !(precomputeRefLogProbs && syncRefModel),
                "precompute_ref_log_probs",
                true,
                "must be false with sync_ref_model: true, whose reference changes");
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
        double alpha = refModelMixupAlpha.orElse(DEFAULT_MIXUP_ALPHA);
        long steps = refModelSyncSteps.orElse(DEFAULT_SYNC_STEPS);
        checkConfig(alpha > 0 && alpha <= 1, "ref_model_mixup_alpha", alpha, "must be in (0, 1]");
        checkConfig(steps >= 1, "ref_model_sync_steps", steps, "must be >= 1");
    }

    /** The model that training starts from, which stays as it is. */
    public static ReferenceConfig of(boolean precomputeRefLogProbs) {
        return new ReferenceConfig(
                Optional.empty(), precomputeRefLogProbs, false, OptionalDouble.empty(), OptionalLong.empty());
    }

    double mixupAlpha() {
        return refModelMixupAlpha.orElse(DEFAULT_MIXUP_ALPHA);
    }

    long syncSteps() {
        return refModelSyncSteps.orElse(DEFAULT_SYNC_STEPS);
    }

    /** The reference as given, or else the model. */
    ModelReference or(ModelReference model) {
        return refModel.orElse(model);
    }

    /** Whether a policy that starts from {@code model} starts as the reference. */
    boolean isStart(ModelReference model) {
        return or(model).directory().equals(model.directory());
    }
}
