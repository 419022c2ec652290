package io.github.rlhf4j.bestofn;

import static io.github.rlhf4j.core.stage.ConfigException.checkConfig;

import io.github.rlhf4j.core.stage.ConfigGroup;
import io.github.rlhf4j.core.stage.ModelReference;
import io.github.rlhf4j.rollout.RewardFunction;
import java.util.Optional;

/**
 * What says how good a response is.
 *
 * @param rewardModel a model with a scalar head
 * @param rewardFunction the name of a bound {@link RewardFunction}
 */
public record ChoiceRewardConfig(Optional<ModelReference> rewardModel, Optional<String> rewardFunction)
        implements ConfigGroup {
    /** Nothing yet. */
    static final ChoiceRewardConfig NONE = new ChoiceRewardConfig(Optional.empty(), Optional.empty());

    public ChoiceRewardConfig {
        checkConfig(
                rewardModel.isEmpty() || rewardFunction.isEmpty(),
                "reward_model",
                "given together with reward_function",
                "must be given, or else reward_function, and not both");
    }

    ChoiceRewardConfig with(ModelReference model) {
        return new ChoiceRewardConfig(Optional.of(model), rewardFunction);
    }

    ChoiceRewardConfig with(String function) {
        return new ChoiceRewardConfig(rewardModel, Optional.of(function));
    }

    /** Whether there is a reward. */
    boolean isGiven() {
        return rewardModel.isPresent() || rewardFunction.isPresent();
    }
}
