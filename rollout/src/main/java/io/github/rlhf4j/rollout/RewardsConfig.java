package io.github.rlhf4j.rollout;

import static io.github.rlhf4j.core.stage.ConfigException.checkConfig;

import io.github.rlhf4j.core.stage.ConfigGroup;
import io.github.rlhf4j.core.stage.ModelReference;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * The list of rewards whose weighted sum is a response's score.
 *
 * @param rewards empty where reward_model or reward_function is given instead
 */
public record RewardsConfig(List<RewardEntry> rewards) implements ConfigGroup {
    /** None. */
    public static final RewardsConfig NONE = new RewardsConfig(List.of());

    public RewardsConfig {
        rewards = List.copyOf(rewards);
        List<String> names = rewards.stream().map(RewardEntry::shownName).toList();
        for (String name : names) {
            checkConfig(
                    names.indexOf(name) == names.lastIndexOf(name),
                    "rewards",
                    "two entries called " + name,
                    "must have names of their own; give one of them another name: ...");
        }
    }

    /**
     * Requires one of the three ways to say what the reward is, or none.
     *
     * @param rewardModel the key reward_model
     * @param rewardFunction the key reward_function
     */
    void checkAlone(Optional<ModelReference> rewardModel, Optional<String> rewardFunction) {
        checkConfig(
                rewardModel.isEmpty() || rewardFunction.isEmpty(),
                "reward_model",
                "given together with reward_function",
                "must be given, or else reward_function, and not both");
        checkConfig(
                rewards.isEmpty() || rewardModel.isEmpty() && rewardFunction.isEmpty(),
                "rewards",
                "given together with " + (rewardModel.isPresent() ? "reward_model" : "reward_function"),
                "must have it as an entry of the list instead");
    }

    /** Whether there is a reward. */
    public boolean isGiven() {
        return !rewards.isEmpty();
    }

    /** The entries; where there are none, those that the older keys mean. */
    List<RewardEntry> or(Optional<ModelReference> rewardModel, Optional<String> rewardFunction) {
        List<RewardEntry> entries = new ArrayList<>(rewards);
        rewardModel.ifPresent(model -> entries.add(RewardEntry.model(model).named("reward_model")));
        rewardFunction.ifPresent(name -> entries.add(RewardEntry.function(name)));
        return entries;
    }
}
