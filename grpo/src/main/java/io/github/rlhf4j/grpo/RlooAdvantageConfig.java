package io.github.rlhf4j.grpo;

import static io.github.rlhf4j.core.stage.ConfigException.checkConfig;

import io.github.rlhf4j.core.stage.ConfigGroup;
import java.util.List;

/**
 * How rewards become advantages.
 *
 * @param normalizeAdvantages whether those of a generation get mean 0 and standard deviation 1
 * @param rewardClipRange the smallest and the largest reward, before the KL is taken off; empty: as they are
 */
public record RlooAdvantageConfig(boolean normalizeAdvantages, List<Double> rewardClipRange) implements ConfigGroup {
    /** As in rloo-defaults.yaml. */
    public static final RlooAdvantageConfig DEFAULT = new RlooAdvantageConfig(false, List.of());

    public RlooAdvantageConfig {
        rewardClipRange = List.copyOf(rewardClipRange);
        checkConfig(
                rewardClipRange.isEmpty()
                        || rewardClipRange.size() == 2 && rewardClipRange.get(0) < rewardClipRange.get(1),
                "reward_clip_range",
                rewardClipRange,
                "must be two numbers, the smaller one first");
    }

    double clipped(double reward) {
        return rewardClipRange.isEmpty()
                ? reward
                : Math.max(rewardClipRange.get(0), Math.min(rewardClipRange.get(1), reward));
    }
}
