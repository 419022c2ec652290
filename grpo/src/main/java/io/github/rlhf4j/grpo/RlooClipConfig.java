package io.github.rlhf4j.grpo;

import static io.github.rlhf4j.core.stage.ConfigException.checkConfig;

import io.github.rlhf4j.core.stage.ConfigGroup;
import java.util.OptionalDouble;

/**
 * How far the ratio of a response may go.
 *
 * @param epsilon below 1, and above it without epsilonHigh
 * @param epsilonHigh above 1; absent: epsilon
 */
public record RlooClipConfig(double epsilon, OptionalDouble epsilonHigh) implements ConfigGroup {
    /** As in rloo-defaults.yaml. */
    public static final RlooClipConfig DEFAULT = new RlooClipConfig(0.2, OptionalDouble.empty());

    public RlooClipConfig {
        checkConfig(epsilon > 0 && epsilon < 1, "epsilon", epsilon, "must be between 0 and 1");
        double high = epsilonHigh.orElse(epsilon);
        checkConfig(high > 0 && Double.isFinite(high), "epsilon_high", high, "must be finite and > 0");
    }

    double low() {
        return epsilon;
    }

    double high() {
        return epsilonHigh.orElse(epsilon);
    }
}
