package io.github.rlhf4j.reward;

import io.github.rlhf4j.core.math.RunningStatistics;

/**
 * What a trained reward model carries with it, so that its scores can be compared with other models'.
 *
 * <pre>  shifted = score + shift           (demonstrations average 0)
 *  normalized = (score - mean) / std  (over the training comparisons)</pre>
 *
 * @param shift {@code score_shift}: what makes the demonstrations' scores average 0
 * @param mean {@code score_mean}: mean raw score
 * @param std {@code score_std}: standard deviation of raw scores, > 0
 */
public record ScoreStatistics(double shift, double mean, double std) {
    /** Where nothing is known: raw scores stay as they are. */
    public static final ScoreStatistics IDENTITY = new ScoreStatistics(0, 0, 1);

    public ScoreStatistics {
        if (!Double.isFinite(shift) || !Double.isFinite(mean) || !(std > 0 && Double.isFinite(std))) {
            throw new IllegalArgumentException("score statistics must be finite with std > 0, but are shift " + shift
                    + ", mean " + mean + ", std " + std);
        }
    }

    /**
     * The statistics of a trained model; a spread of 0 is stored as 1.
     *
     * @param demonstrations raw scores of demonstrations, the best there is; the same as {@code all} where there are none
     * @param all raw scores of all responses compared
     */
    public static ScoreStatistics of(RunningStatistics demonstrations, RunningStatistics all) {
        double spread = all.standardDeviation();
        return new ScoreStatistics(-demonstrations.mean(), all.mean(), spread > 0 ? spread : 1);
    }

    /** The score with its training mean and spread taken out. */
    public double normalize(double score) {
        return (score - mean) / std;
    }

    /** The score on the scale where demonstrations average 0. */
    public double shifted(double score) {
        return score + shift;
    }
}
