package io.github.rlhf4j.dpo;

import io.github.rlhf4j.core.stage.StageContext;
import io.github.rlhf4j.core.stage.StageLoop;
import io.github.rlhf4j.datasets.tokens.TokenizedPrompt;
import io.github.rlhf4j.judge.JudgeFailure;
import io.github.rlhf4j.rollout.RewardFailure;
import io.github.rlhf4j.rollout.Rollout;
import io.github.rlhf4j.rollout.RolloutEngine;
import io.github.rlhf4j.rollout.SamplingDifference;
import java.util.List;
import java.util.Map;
import java.util.function.IntFunction;
import java.util.stream.IntStream;

/** Pairs of the policy's own responses. */
final class SampledPairs implements PairSource<TokenizedPrompt> {
    private static final double TOLERANCE = 1e-4; // nats a token

    private final OnlineDpoConfig config;
    private final StageContext context;
    private final StageLoop<TokenizedPrompt> loop;
    private final RolloutEngine engine;
    private final PairRanking ranking;

    /** @param engine of the policy, with two samples a prompt */
    SampledPairs(
            OnlineDpoConfig config,
            StageContext context,
            StageLoop<TokenizedPrompt> loop,
            RolloutEngine engine,
            PairRanking ranking) {
        this.config = config;
        this.context = context;
        this.loop = loop;
        this.engine = engine;
        this.ranking = ranking;
    }

    @Override
    public List<OnlinePair> of(long step, List<TokenizedPrompt> prompts) {
        // 1. Two responses to each prompt.
        List<List<Rollout>> sampled =
                engine.sample(prompts, context.random().derive("generation").derive(step));
        List<List<Rollout>> groups = config.sampling().isRounded() ? withTrainerLogProbs(sampled) : sampled;
        if (step == 1 && !config.sampling().isRounded()) {
            check(Rollout.flat(groups));
        }

        // 2. Which one is better.
        IntFunction<Map<String, Object>> rows = loop.described(step);
        return RewardFailure.named(
                () -> JudgeFailure.named(() -> ranking.rank(groups), rows),
                place -> rows.apply(place / OnlineDpoStage.RESPONSES));
    }

    /** So that it can be logged how far the sampler is from the policy; the loss needs only the policy's own log-probs. */
    private List<List<Rollout>> withTrainerLogProbs(List<List<Rollout>> groups) {
        List<Rollout> known = engine.withTrainerLogProbs(Rollout.flat(groups));
        return IntStream.range(0, groups.size())
                .map(group -> group * OnlineDpoStage.RESPONSES)
                .mapToObj(first -> known.subList(first, first + OnlineDpoStage.RESPONSES))
                .toList();
    }

    private void check(List<Rollout> rollouts) {
        double tolerance = TOLERANCE * Math.max(1, 1 / config.sampling().temperature());
        SamplingDifference.of(engine.withTrainerLogProbs(rollouts)).selfCheck(context, tolerance);
    }
}
