package io.github.rlhf4j.ppo;

import static io.github.rlhf4j.core.stage.ConfigException.checkConfig;

import io.github.rlhf4j.core.stage.ConfigGroup;
import io.github.rlhf4j.core.stage.ModelReference;
import io.github.rlhf4j.rollout.KlEstimator;
import java.util.Optional;

/**
 * What the policy must stay near, and what leaving it costs.
 *
 * @param refModel what the policy must stay near; default: model
 * @param klCoef cost of a nat of divergence from the reference
 * @param klEstimator k1, k2 or k3
 * @param klController fixed or adaptive
 * @param klTarget nats a response that the adaptive controller steers to; 0: 6
 * @param klHorizon responses over which it does; 0: 10,000
 */
public record KlConfig(
        Optional<ModelReference> refModel,
        double klCoef,
        KlEstimator klEstimator,
        KlSchedule klController,
        double klTarget,
        double klHorizon)
        implements ConfigGroup {
    /** As in ppo-defaults.yaml. */
    public static final KlConfig DEFAULT = new KlConfig(Optional.empty(), 0.05, KlEstimator.K1, KlSchedule.FIXED, 0, 0);

    /** Ziegler et al. 2019. */
    private static final double KL_TARGET = 6;

    private static final double KL_HORIZON = 10_000;

    /** Whether kl_coef moves. */
    public enum KlSchedule {
        FIXED,
        ADAPTIVE
    }

    public KlConfig {
        checkConfig(klCoef >= 0 && Double.isFinite(klCoef), "kl_coef", klCoef, "must be finite and >= 0");
        checkConfig(
                klController == KlSchedule.FIXED || klCoef > 0,
                "kl_coef",
                klCoef,
                "must be > 0 with kl_controller: adaptive");
        checkConfig(klTarget >= 0, "kl_target", klTarget, "must be > 0, or 0 for " + KL_TARGET);
        checkConfig(klHorizon >= 0, "kl_horizon", klHorizon, "must be > 0, or 0 for " + KL_HORIZON);
        checkOfAdaptive(klController, "kl_target", klTarget);
        checkOfAdaptive(klController, "kl_horizon", klHorizon);
    }

    private static void checkOfAdaptive(KlSchedule controller, String key, double value) {
        checkConfig(
                value == 0 || controller == KlSchedule.ADAPTIVE,
                key,
                value,
                "does nothing with kl_controller: fixed, so must be left out");
    }

    /** The controller at the start. */
    KlController atStart() {
        return klController == KlSchedule.FIXED
                ? new KlController.Fixed(klCoef)
                : new KlController.Adaptive(
                        klCoef, klTarget == 0 ? KL_TARGET : klTarget, klHorizon == 0 ? KL_HORIZON : klHorizon);
    }

    /** Whether a policy that starts from {@code model} starts as the reference. */
    boolean isStart(ModelReference model) {
        return refModel.orElse(model).isSame(model);
    }
}
