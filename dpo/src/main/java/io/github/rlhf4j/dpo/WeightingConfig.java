package io.github.rlhf4j.dpo;

import static io.github.rlhf4j.core.stage.ConfigException.checkConfig;

import io.github.rlhf4j.core.stage.ConfigGroup;
import java.util.OptionalDouble;

/**
 * Which pairs and tokens count more than others.
 *
 * @param useWeighting WPO: each pair counts as likely as the policy finds both its responses (Zhou et al. 2024, arXiv:2406.11827, Eq. 2)
 * @param ldAlpha LD-DPO: what tokens beyond the shorter response's length count, in [0, 1] (Liu et al. 2024, arXiv:2409.06411); absent: 1
 */
public record WeightingConfig(boolean useWeighting, OptionalDouble ldAlpha) implements ConfigGroup {
    /** All count alike. */
    public static final WeightingConfig NONE = new WeightingConfig(false, OptionalDouble.empty());

    public WeightingConfig {
        checkConfig(
                ldAlpha.orElse(1) >= 0 && ldAlpha.orElse(1) <= 1, "ld_alpha", ldAlpha.orElse(1), "must be in [0, 1]");
    }

    ResponseSums sums() {
        return new ResponseSums(ldAlpha.orElse(1));
    }
}
