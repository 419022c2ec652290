package io.github.rlhf4j.ppo;

import static io.github.rlhf4j.core.stage.ConfigException.checkConfig;

import io.github.rlhf4j.core.stage.ConfigGroup;

/**
 * From rewards and values to advantages.
 *
 * @param gamma discount per token
 * @param lam lambda of the advantage estimate
 * @param whitenRewards whether rewards are whitened before the advantages (mean kept)
 */
public record AdvantageConfig(double gamma, double lam, boolean whitenRewards) implements ConfigGroup {
    /** As in ppo-defaults.yaml. */
    public static final AdvantageConfig DEFAULT = new AdvantageConfig(1, 0.95, false);

    public AdvantageConfig {
        checkConfig(gamma >= 0 && gamma <= 1, "gamma", gamma, "must be between 0 and 1");
        checkConfig(lam >= 0 && lam <= 1, "lam", lam, "must be between 0 and 1");
    }

    /** The estimator. */
    GeneralizedAdvantage estimator() {
        return new GeneralizedAdvantage(gamma, lam);
    }
}
