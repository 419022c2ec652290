package io.github.rlhf4j.rollout;

import io.github.rlhf4j.core.math.RunningStatistics;
import java.util.Arrays;

/** Advantages of the responses to one prompt from each other's rewards, without a value model. For GRPO and RLOO. */
public final class GroupAdvantage {
    private GroupAdvantage() {}

    /**
     * GRPO: (r - mean) / (std + epsilon).
     *
     * <p>Source: Shao et al. 2024, arXiv:2402.03300, section 4.1.2.
     *
     * @param rewards rewards of one prompt's responses, at least two where ddof is 1
     * @param ddof 1 divides the squares by G - 1 (sample), 0 by G (population)
     * @param epsilon added to the standard deviation, > 0 (1e-4: TRL)
     */
    public static double[] standardized(double[] rewards, int ddof, double epsilon) {
        if (rewards.length <= ddof || ddof < 0 || ddof > 1) {
            throw new IllegalArgumentException("a group needs more than ddof = 0 or 1 responses, but has "
                    + rewards.length + " with ddof " + ddof);
        }
        RunningStatistics statistics = RunningStatistics.of(rewards);
        double std = Math.sqrt(ddof == 1 ? statistics.sampleVariance() : statistics.variance());
        return centred(rewards, std + epsilon);
    }

    /**
     * (r - mean) / divisor.
     *
     * @param divisor > 0; 1: Dr. GRPO
     */
    public static double[] centred(double[] rewards, double divisor) {
        double mean = RunningStatistics.of(rewards).mean();
        return Arrays.stream(rewards).map(reward -> (reward - mean) / divisor).toArray();
    }

    /**
     * RLOO: the reward less the mean of the others'.
     *
     * <p>Source: Ahmadian et al. 2024, arXiv:2402.14740, Eq. 8.
     *
     * @param rewards rewards of one prompt's responses, at least two
     */
    public static double[] leaveOneOut(double[] rewards) {
        if (rewards.length < 2) {
            throw new IllegalArgumentException("a group needs at least two responses, but has " + rewards.length);
        }
        double sum = Arrays.stream(rewards).sum();
        return Arrays.stream(rewards)
                .map(reward -> reward - (sum - reward) / (rewards.length - 1))
                .toArray();
    }
}
