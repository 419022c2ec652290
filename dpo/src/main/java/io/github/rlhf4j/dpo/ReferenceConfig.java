package io.github.rlhf4j.dpo;

import static io.github.rlhf4j.core.train.ConfigException.checkConfig;

import io.github.rlhf4j.core.train.ConfigGroup;
import io.github.rlhf4j.core.train.ModelReference;
import java.util.Optional;

/**
 * The reference that a policy is compared with.
 *
 * @param refModel the reference; default: the model that training starts from
 * @param precomputeRefLogProbs whether the reference's log-probs are computed once, cached and checked, or in every step
 * @param syncRefModel TR-DPO: the reference follows the policy
 * @param refModelMixupAlpha weight of the policy in the mixture that becomes the reference, in (0, 1]; with syncRefModel
 * @param refModelSyncSteps optimiser steps from one mixture to the next, >= 1; with syncRefModel
 */
public record ReferenceConfig(
        Optional<ModelReference> refModel,
        boolean precomputeRefLogProbs,
        boolean syncRefModel,
        double refModelMixupAlpha,
        long refModelSyncSteps)
        implements ConfigGroup {
    public ReferenceConfig {
        checkConfig(
                !(precomputeRefLogProbs && syncRefModel),
                "precompute_ref_log_probs",
                true,
                "must be false with sync_ref_model: true, whose reference changes");
        checkConfig(
                refModelMixupAlpha > 0 && refModelMixupAlpha <= 1,
                "ref_model_mixup_alpha",
                refModelMixupAlpha,
                "must be in (0, 1]");
        checkConfig(refModelSyncSteps >= 1, "ref_model_sync_steps", refModelSyncSteps, "must be >= 1");
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
