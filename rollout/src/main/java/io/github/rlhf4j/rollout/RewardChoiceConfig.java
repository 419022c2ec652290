package io.github.rlhf4j.rollout;

import io.github.rlhf4j.core.stage.ConfigGroup;
import io.github.rlhf4j.core.stage.ModelReference;
import java.util.List;
import java.util.Optional;

/**
 * Where a response's reward comes from: one of three keys, or none.
 *
 * @param rewardModel a model with a scalar head
 * @param rewardFunction the name of a bound {@link RewardFunction}
 * @param list of rewards, in the place of both
 */
public record RewardChoiceConfig(
        Optional<ModelReference> rewardModel, Optional<String> rewardFunction, RewardsConfig list)
        implements ConfigGroup {
    public RewardChoiceConfig {
        list.checkAlone(rewardModel, rewardFunction);
    }

    /** Whether there is a reward. */
    public boolean isGiven() {
        return !entries().isEmpty();
    }

    /** The key that gives it. */
    public String key() {
        return list.isGiven() ? "rewards" : rewardModel.isPresent() ? "reward_model" : "reward_function";
    }

    /** The rewards, whichever key gives them. */
    public List<RewardEntry> entries() {
        return list.or(rewardModel, rewardFunction);
    }
}
