package io.github.rlhf4j.ppo;

import static io.github.rlhf4j.core.stage.ConfigException.checkConfig;

import io.github.rlhf4j.core.stage.ConfigGroup;
import io.github.rlhf4j.rollout.RewardChoiceConfig;
import io.github.rlhf4j.rollout.RewardEntry;
import java.util.Locale;

/**
 * Where a response's score comes from, and what becomes of it before it is a reward.
 *
 * @param rewards where it comes from, which must be given
 * @param rewardNormalization none, running, batch or stored
 * @param rewardClip scores are clipped to +- this after normalisation; 0: not
 * @param missingEosPenalty subtracted from the score of a response that never ended
 * @param rewardPlacement end or after_end
 */
public record ScoreConfig(
        RewardChoiceConfig rewards,
        RewardNormalization rewardNormalization,
        double rewardClip,
        double missingEosPenalty,
        RewardPlacement rewardPlacement)
        implements ConfigGroup {

    /** What happens to scores before they are rewards. */
    public enum RewardNormalization {
        NONE,
        RUNNING,
        BATCH,
        STORED
    }

    public ScoreConfig {
        checkConfig(
                rewards.isGiven(),
                "reward_model",
                "missing, as are reward_function and rewards",
                "must be given, or else reward_function or rewards");
        checkConfig(
                rewardNormalization != RewardNormalization.STORED
                        || rewards.rewardModel().isPresent(),
                "reward_normalization",
                "stored",
                "must be none, running or batch without a reward_model");
        checkConfig(
                rewardNormalization == RewardNormalization.NONE
                        || rewards.entries().stream().noneMatch(RewardEntry::isGivenByToken),
                "reward_normalization",
                rewardNormalization.name().toLowerCase(Locale.ROOT),
                "must be none with steps: each, whose parts are given as they are");
        checkConfig(
                missingEosPenalty >= 0 && Double.isFinite(missingEosPenalty),
                "missing_eos_penalty",
                missingEosPenalty,
                "must be finite and >= 0");
        checkConfig(rewardClip >= 0, "reward_clip", rewardClip, "must be > 0, or 0 for none");
    }

    /** Scores are clipped to +- this; infinite: not. */
    double limit() {
        return rewardClip == 0 ? Double.POSITIVE_INFINITY : rewardClip;
    }
}
