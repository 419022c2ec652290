package io.github.rlhf4j.bestofn;

import static io.github.rlhf4j.core.stage.ConfigException.checkConfig;

import io.github.rlhf4j.core.stage.ConfigGroup;
import io.github.rlhf4j.rollout.MissingEosConfig;
import java.util.Optional;
import java.util.OptionalDouble;

/**
 * How many responses each prompt gets and which of them are kept.
 *
 * @param numGenerations n, >= 2
 * @param select what is kept
 * @param minReward least reward of the best response; a prompt whose best one has less gives no row; absent: each gives one
 * @param missingEos what becomes of a response that did not end
 * @param accuracyFunction a reward function that the best response is measured by, beside the reward that chose it; absent: none
 */
public record ChoiceConfig(
        int numGenerations,
        Select select,
        OptionalDouble minReward,
        MissingEosConfig missingEos,
        Optional<String> accuracyFunction)
        implements ConfigGroup {
    /** As in best_of_n-defaults.yaml. */
    public static final ChoiceConfig DEFAULT =
            new ChoiceConfig(8, Select.BEST, OptionalDouble.empty(), MissingEosConfig.NONE, Optional.empty());

    public ChoiceConfig {
        checkConfig(numGenerations >= 2, "num_generations", numGenerations, "must be >= 2: one alone is no choice");
        checkConfig(!Double.isNaN(minReward.orElse(0)), "min_reward", minReward.orElse(0), "must be a number");
    }
}
