package io.github.rlhf4j.ppo;

import io.github.rlhf4j.core.stage.StageContext;
import io.github.rlhf4j.rollout.Reward;
import io.github.rlhf4j.rollout.Rollout;
import io.github.rlhf4j.rollout.SamplingDifference;
import java.util.List;

/** The self-checks at a PPO run's start, on the first roll-out before the first update. */
final class SelfChecks {
    private static final double TOKEN_TOLERANCE = 1e-4; // nats a token
    private static final double RATIO_TOLERANCE = 1e-5;
    private static final double SCORE_TOLERANCE = 1e-4;
    private static final int SCORED_ALONE = 4;

    private final StageContext context;
    private final Reward reward;
    private final boolean startsAtReference;
    private final double scale;
    private final boolean exact;
    private final boolean rounded;

    /**
     * @param temperature below 1 it magnifies differences of logits, and what is allowed grows with that
     * @param exact whether sampler and trainer compute in one order
     * @param rounded whether the sampler has weights in fewer bits, so that it is another policy
     */
    SelfChecks(
            StageContext context,
            Reward reward,
            boolean startsAtReference,
            double temperature,
            boolean exact,
            boolean rounded) {
        this.rounded = rounded;
        this.scale = Math.max(1, 1 / temperature);
        this.exact = exact;
        this.context = context;
        this.reward = reward;
        this.startsAtReference = startsAtReference;
    }

    /** @param before the statistics of the experience under the policy as it is */
    void check(List<Rollout> rollouts, RolloutMetrics metrics, PpoStatistics before) {
        double tolerance = exact ? 0 : TOKEN_TOLERANCE * scale;
        if (!rounded) {
            boolean asked = rollouts.stream().anyMatch(rollout -> rollout.trainerLogProbs().length > 0);
            (asked ? SamplingDifference.of(rollouts) : before.difference()).selfCheck(context, tolerance);
        }
        double ratioError = Math.abs(before.meanRatio() - 1);
        double ratioTolerance = exact ? 0 : RATIO_TOLERANCE * scale;
        context.selfCheck(
                "the first ratio is 1",
                ratioError <= ratioTolerance,
                "mean ratio differs from 1 by %.1e (allowed %.0e)".formatted(ratioError, ratioTolerance));
        if (startsAtReference) {
            double kl = Math.abs(metrics.kl()) / Math.max(1, before.tokens());
            context.selfCheck(
                    "KL to the reference is 0",
                    kl <= tolerance,
                    "%.1e nats a token before the first update".formatted(kl));
        }
        checkScores(rollouts);
    }

    private void checkScores(List<Rollout> rollouts) {
        double largest = 0;
        for (Rollout rollout : rollouts.subList(0, Math.min(SCORED_ALONE, rollouts.size()))) {
            double error = Math.abs(reward.score(List.of(rollout))[0] - rollout.score());
            largest = Math.max(largest, error / Math.max(1, Math.abs(rollout.score())));
        }
        context.selfCheck(
                "scores do not depend on the batch",
                largest <= SCORE_TOLERANCE,
                "scored alone they differ by at most %.1e (allowed %.0e)".formatted(largest, SCORE_TOLERANCE));
    }
}
