package io.github.rlhf4j.grpo;

import io.github.rlhf4j.core.math.RunningStatistics;
import io.github.rlhf4j.core.train.Objective;
import io.github.rlhf4j.core.train.StepMetrics;
import io.github.rlhf4j.rollout.GroupAdvantage;
import io.github.rlhf4j.rollout.KlEstimator;
import io.github.rlhf4j.rollout.Rollout;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;

/**
 * REINFORCE leave-one-out (Ahmadian et al. 2024, arXiv:2402.14740): the KL is part of the reward, the baseline of a response is the mean of the others of its group.
 *
 * <pre>
 *   R_i = clip(reward_i) - beta sum over t of (log p(t) - log p_ref(t))        k1 of the whole response
 *   A_i = R_i - mean of the other R_j,      with normalize_advantages (A - mean) / (std + 1e-4) over the generation
 * </pre>
 */
final class RlooMethod implements GroupMethod {
    private static final double EPSILON = 1e-4; // TRL
    private static final double ZERO = 1e-8; // TRL: torch.isclose

    private final RlooConfig config;

    RlooMethod(RlooConfig config) {
        this.config = config;
    }

    @Override
    public boolean advantagesNeedLogProbs() {
        return config.reference().beta() > 0;
    }

    @Override
    public List<double[]> advantages(List<List<Rollout>> groups) {
        List<double[]> advantages = rewards(groups).map(RlooMethod::leaveOneOut).toList();
        return config.advantages().normalizeAdvantages() ? normalized(advantages) : advantages;
    }

    @Override
    public void reportGroups(List<List<Rollout>> groups, StepMetrics metrics) {
        long withoutSpread = rewards(groups)
                .map(RlooMethod::scored)
                .filter(group -> group.length > 1
                        && Math.sqrt(RunningStatistics.of(group).sampleVariance()) <= ZERO)
                .count();
        metrics.set("frac_reward_zero_std", (double) withoutSpread / groups.size());
        reportKl(groups, metrics);
    }

    /** Among those that have a reward; 0 for one that has none, or is alone. */
    private static double[] leaveOneOut(double[] rewards) {
        double[] scored = scored(rewards);
        double[] advantages = scored.length < 2 ? new double[scored.length] : GroupAdvantage.leaveOneOut(scored);
        double[] all = new double[rewards.length];
        int next = 0;
        for (int i = 0; i < all.length; i++) {
            all[i] = Double.isNaN(rewards[i]) ? 0 : advantages[next++];
        }
        return all;
    }

    private static double[] scored(double[] rewards) {
        return Arrays.stream(rewards).filter(reward -> !Double.isNaN(reward)).toArray();
    }

    private Stream<double[]> rewards(List<List<Rollout>> groups) {
        return groups.stream()
                .map(group -> group.stream().mapToDouble(this::reward).toArray());
    }

    private double reward(Rollout rollout) {
        double clipped = config.advantages().clipped(rollout.score());
        return rollout.refLogProbs().length == 0 || isMasked(rollout)
                ? clipped
                : clipped - config.reference().beta() * kl(rollout);
    }

    private boolean isMasked(Rollout rollout) {
        return config.generation().maskTruncatedCompletions() && !rollout.ended();
    }

    private void reportKl(List<List<Rollout>> groups, StepMetrics metrics) {
        for (Rollout rollout : Rollout.flat(groups)) {
            if (rollout.refLogProbs().length > 0 && !isMasked(rollout)) {
                metrics.mean("kl", kl(rollout), rollout.tokens());
            }
        }
    }

    private static List<double[]> normalized(List<double[]> advantages) {
        RunningStatistics all = RunningStatistics.of(
                advantages.stream().flatMapToDouble(Arrays::stream).toArray());
        double divisor = Math.sqrt(all.sampleVariance()) + EPSILON;
        List<double[]> normalized = new ArrayList<>();
        for (double[] group : advantages) {
            normalized.add(Arrays.stream(group)
                    .map(advantage -> (advantage - all.mean()) / divisor)
                    .toArray());
        }
        return normalized;
    }

    /** The sum over its tokens of k1. */
    @Override
    public double kl(Rollout rollout) {
        double[] logProbs = rollout.oldLogProbs();
        double sum = 0;
        for (int t = 0; t < logProbs.length; t++) {
            sum += KlEstimator.K1.value(logProbs[t] - rollout.refLogProbs()[t]);
        }
        return sum;
    }

    @Override
    public Objective<Completions> objective(GenerationBatch batch) {
        return new RlooObjective(config.clipping(), config.generation().temperature());
    }

    @Override
    public void reportUpdate(StepMetrics update, StepMetrics metrics) {}
}
