package io.github.rlhf4j.grpo;

import io.github.rlhf4j.core.math.RunningStatistics;
import io.github.rlhf4j.rollout.GroupAdvantage;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * What the distance of a reward from its group's mean is divided by.
 *
 * <pre>  advantage = (reward - mean of the group) / (std + 1e-4)</pre>
 *
 * <p>Source: Shao et al. 2024, arXiv:2402.03300, section 4.1.2; batch: Liu et al. 2025, arXiv:2508.08221; none: Liu et al. 2025, arXiv:2503.20783. Standard deviations are unbiased, as TRL's.
 */
public enum ScaleRewards {
    /** The group's standard deviation. */
    GROUP,
    /** That of all rewards of the generation. */
    BATCH,
    /** Nothing. */
    NONE;

    private static final double EPSILON = 1e-4; // TRL
    private static final double ZERO = 1e-8; // TRL: torch.isclose

    /** The advantages of each group's responses. */
    List<double[]> advantages(List<double[]> groups) {
        double ofAll = std(all(groups));
        List<double[]> advantages = new ArrayList<>();
        for (double[] rewards : groups) {
            advantages.add(
                    switch (this) {
                        case GROUP -> GroupAdvantage.standardized(rewards, 1, EPSILON);
                        case BATCH -> GroupAdvantage.centred(rewards, ofAll + EPSILON);
                        case NONE -> GroupAdvantage.centred(rewards, 1);
                    });
        }
        return advantages;
    }

    /** The share of responses from which nothing can be learnt, since their group (batch: all) has one reward. */
    double shareWithoutSpread(List<double[]> groups) {
        if (this == BATCH) {
            return std(all(groups)) <= ZERO ? 1 : 0;
        }
        long without = groups.stream()
                .filter(rewards -> std(rewards) <= ZERO)
                .mapToLong(rewards -> rewards.length)
                .sum();
        return (double) without / all(groups).length;
    }

    private static double[] all(List<double[]> groups) {
        return groups.stream().flatMapToDouble(Arrays::stream).toArray();
    }

    private static double std(double[] rewards) {
        return Math.sqrt(RunningStatistics.of(rewards).sampleVariance());
    }
}
