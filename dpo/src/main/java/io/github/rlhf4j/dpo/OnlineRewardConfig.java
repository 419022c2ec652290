package io.github.rlhf4j.dpo;

import static io.github.rlhf4j.core.stage.ConfigException.checkConfig;

import io.github.rlhf4j.core.stage.ConfigGroup;
import io.github.rlhf4j.core.stage.ModelReference;
import io.github.rlhf4j.rollout.RewardEntry;
import io.github.rlhf4j.rollout.RewardFunction;
import io.github.rlhf4j.rollout.RewardsConfig;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;

/**
 * What says which response of a pair is better.
 *
 * @param rewardModel a model with a scalar head
 * @param rewardFunction the name of a bound {@link RewardFunction}
 * @param list of rewards, in the place of both
 * @param missingEosPenalty what a response that did not end loses, > 0; absent: nothing
 */
public record OnlineRewardConfig(
        Optional<ModelReference> rewardModel,
        Optional<String> rewardFunction,
        RewardsConfig list,
        OptionalDouble missingEosPenalty)
        implements ConfigGroup {
    public OnlineRewardConfig {
        list.checkAlone(rewardModel, rewardFunction);
        double penalty = missingEosPenalty.orElse(1);
        checkConfig(penalty > 0 && Double.isFinite(penalty), "missing_eos_penalty", penalty, "must be finite and > 0");
    }

    double penalty() {
        return missingEosPenalty.orElse(0);
    }

    /** Whether there is a reward. */
    boolean isGiven() {
        return !entries().isEmpty();
    }

    /** The key that gives it. */
    String key() {
        return list.isGiven() ? "rewards" : rewardModel.isPresent() ? "reward_model" : "reward_function";
    }

    /** The rewards, whichever key gives them. */
    List<RewardEntry> entries() {
        return list.or(rewardModel, rewardFunction);
    }
}
