package io.github.rlhf4j.grpo;

import io.github.rlhf4j.core.train.Objective;
import io.github.rlhf4j.core.train.StepMetrics;
import io.github.rlhf4j.rollout.GroupAdvantage;
import io.github.rlhf4j.rollout.KlEstimator;
import io.github.rlhf4j.rollout.Rollout;
import java.util.List;

/**
 * REINFORCE leave-one-out (Ahmadian et al. 2024, arXiv:2402.14740): the KL is part of the reward, the baseline of a response is the mean of the others of its group.
 *
 * <pre>
 *   R_i = clip(reward_i) - beta sum over t of (log p(t) - log p_ref(t))        k1 of the whole response
 *   A_i = R_i - mean of the other R_j,      with normalize_advantages (A - mean) / (std + 1e-4) over the generation
 * </pre>
 */
final class RlooMethod implements GroupMethod {
    private final RlooConfig config;

    RlooMethod(RlooConfig config) {
        this.config = config;
    }

    @Override
    public boolean advantagesNeedLogProbs() {
        return config.reference().beta() > 0;
    }

    @Override
    public GroupAdvantages advantages(List<List<Rollout>> groups) {
        List<double[]> rewards = groups.stream()
                .map(group -> group.stream().mapToDouble(this::reward).toArray())
                .toList();
        List<double[]> advantages =
                rewards.stream().map(RlooMethod::leaveOneOut).toList();
        return new GroupAdvantages(
                config.advantages().normalizeAdvantages() ? GroupAdvantages.normalized(advantages) : advantages,
                ScaleRewards.GROUP.shareWithoutSpread(rewards));
    }

    /** Among those that have a reward; 0 for one that has none, or is alone. */
    private static double[] leaveOneOut(double[] rewards) {
        double[] scored = ScaleRewards.scored(rewards);
        return scored.length < 2
                ? new double[rewards.length]
                : ScaleRewards.spread(rewards, GroupAdvantage.leaveOneOut(scored));
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

    @Override
    public void reportGroups(List<List<Rollout>> groups, StepMetrics metrics) {
        for (Rollout rollout : Rollout.flat(groups)) {
            if (rollout.refLogProbs().length > 0 && !isMasked(rollout)) {
                metrics.mean("kl", kl(rollout), rollout.tokens());
            }
        }
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
        return new RlooObjective(
                config.clipping(), config.sampler(), config.generation().temperature());
    }
}
