package io.github.rlhf4j.judge;

import static io.github.rlhf4j.core.stage.ConfigException.checkConfig;

import java.util.OptionalDouble;

/**
 * Somebody who knows the truth of the synthetic world and errs at a known rate.
 *
 * @param errorRate the share of pairs, drawn by their texts, of which the worse response is preferred, in either order; 0 to 1; absent: 0
 * @param positionBias the share of pairs of which the response shown first is preferred, whichever it is; 0 to 1; absent: 0
 */
public record SyntheticConfig(OptionalDouble errorRate, OptionalDouble positionBias) {
    public SyntheticConfig {
        double errors = errorRate.orElse(0);
        checkConfig(errors >= 0 && errors <= 1, "error_rate", errors, "must be in [0, 1]");
        double bias = positionBias.orElse(0);
        checkConfig(bias >= 0 && bias <= 1, "position_bias", bias, "must be in [0, 1]");
    }

    /** Who errs so often, whatever the order. */
    public static SyntheticConfig of(double errorRate) {
        return new SyntheticConfig(OptionalDouble.of(errorRate), OptionalDouble.empty());
    }
}
