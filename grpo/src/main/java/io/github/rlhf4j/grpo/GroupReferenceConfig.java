package io.github.rlhf4j.grpo;

import static io.github.rlhf4j.core.stage.ConfigException.checkConfig;

import io.github.rlhf4j.core.stage.ConfigGroup;
import io.github.rlhf4j.core.stage.ModelReference;
import io.github.rlhf4j.core.stage.ReferenceSyncConfig;
import java.util.Optional;

/**
 * What leaving a reference costs. With beta: 0 there is none, and its other keys must be left out.
 *
 * @param beta price of a nat of KL
 * @param refModel the reference; absent: the model that training starts from
 * @param sync whether it follows the policy
 */
public record GroupReferenceConfig(double beta, Optional<ModelReference> refModel, ReferenceSyncConfig sync)
        implements ConfigGroup {
    static final String NEEDS_BETA = "does nothing with beta: 0, so must be left out";

    /** As in grpo-defaults.yaml: none. */
    public static final GroupReferenceConfig DEFAULT =
            new GroupReferenceConfig(0, Optional.empty(), ReferenceSyncConfig.NONE);

    public GroupReferenceConfig {
        checkConfig(beta >= 0 && Double.isFinite(beta), "beta", beta, "must be finite and >= 0");
        checkConfig(
                beta > 0 || refModel.isEmpty(),
                "ref_model",
                refModel.map(ModelReference::given).orElse(""),
                NEEDS_BETA);
        checkConfig(beta > 0 || !sync.syncRefModel(), "sync_ref_model", true, "must be false with beta: 0");
    }

    /** Whether a policy that starts from {@code model} starts as the reference. */
    boolean isStart(ModelReference model) {
        return refModel.orElse(model).isSame(model);
    }
}
