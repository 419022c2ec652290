package io.github.rlhf4j.core.files;

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

    /** A raw score with the mean and spread of all responses taken out, as PPO's {@code reward_normalization: stored} does. */
    public double normalized(double score) {
        return (score - mean) / std;
    }
}
