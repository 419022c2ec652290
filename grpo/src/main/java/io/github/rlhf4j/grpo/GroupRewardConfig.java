package io.github.rlhf4j.grpo;

import io.github.rlhf4j.core.stage.ConfigGroup;
import io.github.rlhf4j.core.stage.ModelReference;
import io.github.rlhf4j.rollout.RewardEntry;
import io.github.rlhf4j.rollout.RewardFunction;
import io.github.rlhf4j.rollout.RewardsConfig;
import java.util.List;
import java.util.Optional;

/**
 * Where a response's reward comes from.
 *
 * @param rewardModel a model with a scalar head
 * @param rewardFunction the name of a bound {@link RewardFunction}
 * @param list of rewards, in the place of both
 */
public record GroupRewardConfig(
        Optional<ModelReference> rewardModel, Optional<String> rewardFunction, RewardsConfig list)
        implements ConfigGroup {
    public GroupRewardConfig {
        list.checkAlone(rewardModel, rewardFunction);
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
