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

    /** The advantages of each group's responses; 0 for one whose reward is NaN, since it has none: it leaves its group, as in TRL. */
    List<double[]> advantages(List<double[]> groups) {
        double ofAll = std(all(groups));
        List<double[]> advantages = new ArrayList<>();
        for (double[] rewards : groups) {
            double[] scored = scored(rewards);
            double divisor = switch (this) {
                case GROUP -> std(scored) + EPSILON;
                case BATCH -> ofAll + EPSILON;
                case NONE -> 1;
            };
            boolean isAlone = this == GROUP && scored.length < 2;
            advantages.add(
                    isAlone ? new double[rewards.length] : spread(rewards, GroupAdvantage.centred(scored, divisor)));
        }
        return advantages;
    }

    /** Those that are there. */
    static double[] scored(double[] rewards) {
        return Arrays.stream(rewards).filter(reward -> !Double.isNaN(reward)).toArray();
    }

    /** The advantages of those that have a reward at their places, 0 elsewhere. */
    static double[] spread(double[] rewards, double[] advantages) {
        double[] all = new double[rewards.length];
        int next = 0;
        for (int i = 0; i < all.length; i++) {
            all[i] = Double.isNaN(rewards[i]) ? 0 : advantages[next++];
        }
        return all;
    }

    /** The share of responses from which nothing can be learnt, since their group (batch: all) has one reward. */
    double shareWithoutSpread(List<double[]> groups) {
        if (this == BATCH) {
            return hasNoSpread(all(groups)) ? 1 : 0;
        }
        long without = groups.stream()
                .filter(rewards -> hasNoSpread(scored(rewards)))
                .mapToLong(rewards -> rewards.length)
                .sum();
        long responses = groups.stream().mapToLong(rewards -> rewards.length).sum();
        return (double) without / responses;
    }

    /** One that is alone has none to be without. */
    private static boolean hasNoSpread(double[] rewards) {
        return rewards.length > 1 && std(rewards) <= ZERO;
    }

    private static double[] all(List<double[]> groups) {
        return scored(groups.stream().flatMapToDouble(Arrays::stream).toArray());
    }

    private static double std(double[] rewards) {
        return Math.sqrt(RunningStatistics.of(rewards).sampleVariance());
    }
}
