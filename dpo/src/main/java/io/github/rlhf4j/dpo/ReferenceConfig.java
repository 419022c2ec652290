package io.github.rlhf4j.dpo;

import static io.github.rlhf4j.core.stage.ConfigException.checkConfig;

import io.github.rlhf4j.core.stage.ConfigGroup;
import io.github.rlhf4j.core.stage.ModelReference;
import io.github.rlhf4j.core.stage.ReferenceSyncConfig;
import io.github.rlhf4j.core.stage.ReplicasConfig;
import io.github.rlhf4j.core.stage.TrainingConfig;
import io.github.rlhf4j.core.stage.TuningConfig;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalLong;

/**
 * The reference that a policy is compared with.
 *
 * @param refModel the reference; default: the model that training starts from
 * @param precomputeRefLogProbs whether the reference's log-probs are computed once, cached and checked, or in every step
 * @param sync whether it follows the policy
 */
public record ReferenceConfig(
        Optional<ModelReference> refModel, boolean precomputeRefLogProbs, ReferenceSyncConfig sync)
        implements ConfigGroup {
    /** As the other, with the keys of {@link ReferenceSyncConfig}. */
    public ReferenceConfig(
            Optional<ModelReference> refModel,
            boolean precomputeRefLogProbs,
            boolean syncRefModel,
            OptionalDouble refModelMixupAlpha,
            OptionalLong refModelSyncSteps) {
        this(
                refModel,
                precomputeRefLogProbs,
                new ReferenceSyncConfig(syncRefModel, refModelMixupAlpha, refModelSyncSteps));
    }

    public ReferenceConfig {
        checkConfig(
                !(precomputeRefLogProbs && sync.syncRefModel()),
                "precompute_ref_log_probs",
                true,
                "must be false with sync_ref_model: true, whose reference changes");
    }

    /** The model that training starts from, which stays as it is. */
    public static ReferenceConfig of(boolean precomputeRefLogProbs) {
        return new ReferenceConfig(Optional.empty(), precomputeRefLogProbs, ReferenceSyncConfig.NONE);
    }

    /** What does not go together where an adapter is trained. */
    void checkBeside(TuningConfig tuning, ModelReference model) {
        tuning.checkKeysFor(model);
        checkConfig(
                !tuning.trainsAdapter(model) || !sync.syncRefModel(),
                "sync_ref_model",
                true,
                "must be false with an adapter: the reference is the model that training starts from");
    }

    /** Checks what parts of training do not go together with. */
    void checkFor(ReplicasConfig parts, TrainingConfig training) {
        parts.checkFor(training);
        checkConfig(
                !parts.hasOuterStep() || !sync.syncRefModel(),
                "sync_ref_model",
                true,
                "must be false with local_steps: between outer steps there is no one policy to follow");
    }

    /** The reference as given, or else the model. */
    ModelReference or(ModelReference model) {
        return refModel.orElse(model);
    }

    /** Whether a policy that starts from {@code model} starts as the reference. */
    boolean isStart(ModelReference model) {
        return or(model).isSame(model);
    }
}
