package io.github.rlhf4j.dpo;

import static io.github.rlhf4j.core.stage.ConfigException.checkConfig;

import io.github.rlhf4j.core.stage.ConfigGroup;
import io.github.rlhf4j.core.stage.ModelReference;
import io.github.rlhf4j.rollout.RewardFunction;
import java.util.Optional;
import java.util.OptionalDouble;

/**
 * What says which response of a pair is better.
 *
 * @param rewardModel a model with a scalar head
 * @param rewardFunction the name of a bound {@link RewardFunction}
 * @param missingEosPenalty what a response that did not end loses, > 0; absent: nothing
 */
public record OnlineRewardConfig(
        Optional<ModelReference> rewardModel, Optional<String> rewardFunction, OptionalDouble missingEosPenalty)
        implements ConfigGroup {
    public OnlineRewardConfig {
        checkConfig(
                rewardModel.isEmpty() || rewardFunction.isEmpty(),
                "reward_model",
                "given together with reward_function",
                "must be given, or else reward_function, and not both");
        double penalty = missingEosPenalty.orElse(1);
        checkConfig(penalty > 0 && Double.isFinite(penalty), "missing_eos_penalty", penalty, "must be finite and > 0");
    }

    double penalty() {
        return missingEosPenalty.orElse(0);
    }

    /** Whether there is a reward. */
    boolean isGiven() {
        return rewardModel.isPresent() || rewardFunction.isPresent();
    }
}
