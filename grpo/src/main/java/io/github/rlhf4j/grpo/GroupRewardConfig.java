package io.github.rlhf4j.grpo;

import static io.github.rlhf4j.core.stage.ConfigException.checkConfig;

import io.github.rlhf4j.core.stage.ConfigGroup;
import io.github.rlhf4j.core.stage.ModelReference;
import io.github.rlhf4j.rollout.RewardFunction;
import java.util.Optional;

/**
 * Where a response's reward comes from.
 *
 * @param rewardModel a model with a scalar head
 * @param rewardFunction the name of a bound {@link RewardFunction}
 */
public record GroupRewardConfig(Optional<ModelReference> rewardModel, Optional<String> rewardFunction)
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
