package io.github.rlhf4j.core.stage;

import static io.github.rlhf4j.core.stage.ConfigException.checkConfig;

import io.github.rlhf4j.core.cluster.SharedModel;
import io.github.rlhf4j.core.model.Transformer;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalLong;

/**
 * Whether a reference follows the policy, and how ({@link FollowingModel}).
 *
 * @param syncRefModel whether it does
 * @param refModelMixupAlpha weight of the policy in the mixture that becomes the reference, in (0, 1]; with syncRefModel, absent: 0.6
 * @param refModelSyncSteps optimiser steps from one mixture to the next, >= 1; with syncRefModel, absent: 512
 */
public record ReferenceSyncConfig(
        boolean syncRefModel, OptionalDouble refModelMixupAlpha, OptionalLong refModelSyncSteps)
        implements ConfigGroup {
    /** It stays as it is. */
    public static final ReferenceSyncConfig NONE =
            new ReferenceSyncConfig(false, OptionalDouble.empty(), OptionalLong.empty());

    private static final double MIXUP_ALPHA = 0.6; // TRL; Gorbatovski et al. 2024
    private static final long SYNC_STEPS = 512; // TRL
    private static final String NEEDS_SYNC = "does nothing without sync_ref_model: true, so must be left out";

    public ReferenceSyncConfig {
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

    /**
     * What makes the reference follow, part of every checkpoint; empty where it stays as it is.
     *
     * @param reference of the policy's shape
     */
    public Optional<FollowingModel> follow(SharedModel reference, Transformer policy, StageContext context) {
        if (!syncRefModel) {
            return Optional.empty();
        }
        FollowingModel following = new FollowingModel(
                reference, policy, refModelMixupAlpha.orElse(MIXUP_ALPHA), refModelSyncSteps.orElse(SYNC_STEPS));
        context.register("reference", following);
        return Optional.of(following);
    }
}
