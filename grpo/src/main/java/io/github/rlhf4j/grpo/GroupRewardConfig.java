package io.github.rlhf4j.grpo;

import static io.github.rlhf4j.core.stage.ConfigException.checkConfig;

import io.github.rlhf4j.core.stage.ConfigGroup;
import io.github.rlhf4j.core.stage.ModelReference;
import io.github.rlhf4j.rollout.RewardFunction;
import java.util.Optional;

/**
 * Where a response's reward comes from, and what its advantage is divided by.
 *
 * @param rewardModel a model with a scalar head
 * @param rewardFunction the name of a bound {@link RewardFunction}
 * @param scaleRewards group, batch or none
 */
public record GroupRewardConfig(
        Optional<ModelReference> rewardModel, Optional<String> rewardFunction, ScaleRewards scaleRewards)
        implements ConfigGroup {
    public GroupRewardConfig {
        checkConfig(
                rewardModel.isEmpty() || rewardFunction.isEmpty(),
                "reward_model",
                "given together with reward_function",
                "must be given, or else reward_function, and not both");
    }

    /** Whether there is a reward. */
    boolean isGiven() {
        return rewardModel.isPresent() || rewardFunction.isPresent();
    }
}
