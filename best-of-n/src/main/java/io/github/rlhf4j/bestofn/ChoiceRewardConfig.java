package io.github.rlhf4j.bestofn;

import io.github.rlhf4j.core.stage.ConfigGroup;
import io.github.rlhf4j.core.stage.ModelReference;
import io.github.rlhf4j.rollout.RewardEntry;
import io.github.rlhf4j.rollout.RewardFunction;
import io.github.rlhf4j.rollout.RewardsConfig;
import java.util.List;
import java.util.Optional;

/**
 * What says how good a response is.
 *
 * @param rewardModel a model with a scalar head
 * @param rewardFunction the name of a bound {@link RewardFunction}
 * @param list of rewards, in the place of both
 */
public record ChoiceRewardConfig(
        Optional<ModelReference> rewardModel, Optional<String> rewardFunction, RewardsConfig list)
        implements ConfigGroup {
    /** Nothing yet. */
    static final ChoiceRewardConfig NONE =
            new ChoiceRewardConfig(Optional.empty(), Optional.empty(), RewardsConfig.NONE);

    public ChoiceRewardConfig {
        list.checkAlone(rewardModel, rewardFunction);
    }

    ChoiceRewardConfig with(ModelReference model) {
        return new ChoiceRewardConfig(Optional.of(model), rewardFunction, list);
    }

    ChoiceRewardConfig with(String function) {
        return new ChoiceRewardConfig(rewardModel, Optional.of(function), list);
    }

    ChoiceRewardConfig with(RewardsConfig rewards) {
        return new ChoiceRewardConfig(rewardModel, rewardFunction, rewards);
    }

    /** The rewards, whichever key gives them. */
    List<RewardEntry> entries() {
        return list.or(rewardModel, rewardFunction);
    }

    /** Whether there is a reward. */
    boolean isGiven() {
        return !entries().isEmpty();
    }
}
