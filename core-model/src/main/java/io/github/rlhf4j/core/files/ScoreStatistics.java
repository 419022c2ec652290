package io.github.rlhf4j.core.files;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;

/**
 * What is stored about a reward model's scores beside its weights.
 *
 * @param shift added to the head's output so that demonstrations average 0
 * @param mean mean of the head's outputs, not shifted, on the data it was measured on
 * @param std their standard deviation, > 0
 */
public record ScoreStatistics(double shift, double mean, double std) {
    public ScoreStatistics {
        if (!Double.isFinite(shift) || !Double.isFinite(mean) || !Double.isFinite(std) || std <= 0) {
            throw new IllegalArgumentException("score statistics must be finite and std > 0, but are shift " + shift
                    + ", mean " + mean + ", std " + std);
        }
    }

    /** From its file. */
    static ScoreStatistics of(ObjectNode json) {
        return new ScoreStatistics(
                json.path("score_shift").asDouble(),
                json.path("score_mean").asDouble(),
                json.path("score_std").asDouble(1));
    }

    /** As its file has it. */
    ObjectNode toJson() {
        return JsonNodeFactory.instance
                .objectNode()
                .put("score_shift", shift)
                .put("score_mean", mean)
                .put("score_std", std);
    }

    /** A raw score with the mean and spread of all responses taken out, as PPO's {@code reward_normalization: stored} does. */
    public double normalized(double score) {
        return (score - mean) / std;
    }
}
