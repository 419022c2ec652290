package io.github.rlhf4j.ppo;

import io.github.rlhf4j.core.train.StageContext;
import java.util.ArrayList;
import java.util.List;

/** The self-checks at a PPO run's start, on the first roll-out before the first update. */
final class PpoSelfChecks implements PpoIteration.StartChecks {
    private static final double TOKEN_TOLERANCE = 1e-4; // nats a token
    private static final double RATIO_TOLERANCE = 1e-5;
    private static final double SCORE_TOLERANCE = 1e-4;
    private static final int SCORED_ALONE = 4;

    private final StageContext context;
    private final ResponseScorer scorer;
    private final boolean startsAtReference;

    PpoSelfChecks(StageContext context, ResponseScorer scorer, boolean startsAtReference) {
        this.context = context;
        this.scorer = scorer;
        this.startsAtReference = startsAtReference;
    }

    @Override
    public void check(RolloutCollector.Experience experience, PpoStatistics before) {
        context.selfCheck(
                "sampler and trainer agree",
                before.largestLogRatio() <= TOKEN_TOLERANCE,
                "a token's log-prob differs by at most %.1e nats (allowed %.0e)"
                        .formatted(before.largestLogRatio(), TOKEN_TOLERANCE));
        double ratioError = Math.abs(before.meanRatio() - 1);
        context.selfCheck(
                "the first ratio is 1",
                ratioError <= RATIO_TOLERANCE,
                "mean ratio differs from 1 by %.1e (allowed %.0e)".formatted(ratioError, RATIO_TOLERANCE));
        if (startsAtReference) {
            double kl = Math.abs(experience.metrics().kl()) / Math.max(1, before.tokens());
            context.selfCheck(
                    "KL to the reference is 0",
                    kl <= TOKEN_TOLERANCE,
                    "%.1e nats a token before the first update".formatted(kl));
        }
        checkScores(experience.rollouts());
    }

    private void checkScores(List<Rollout> rollouts) {
        double largest = 0;
        for (Rollout rollout : rollouts.subList(0, Math.min(SCORED_ALONE, rollouts.size()))) {
            var answer = new RewardFunction.Answer(
                    rollout.prompt(), rollout.response(), rollout.responseIds().length, rollout.ended());
            List<ResponseScorer.Response> alone = new ArrayList<>();
            alone.add(new ResponseScorer.Response(rollout.promptIds(), rollout.responseIds(), answer));
            double error = Math.abs(scorer.score(alone)[0] - rollout.score());
            largest = Math.max(largest, error / Math.max(1, Math.abs(rollout.score())));
        }
        context.selfCheck(
                "scores do not depend on the batch",
                largest <= SCORE_TOLERANCE,
                "scored alone they differ by at most %.1e (allowed %.0e)".formatted(largest, SCORE_TOLERANCE));
    }
}
