package io.github.rlhf4j.dpo;

import io.github.rlhf4j.core.cluster.SharedModel;
import io.github.rlhf4j.core.stage.StageContext;
import io.github.rlhf4j.core.stage.StageLoop;
import io.github.rlhf4j.core.tokenizer.Tokenizer;
import io.github.rlhf4j.core.train.ModelTrainer;
import io.github.rlhf4j.core.train.NonFinite;
import io.github.rlhf4j.core.train.StepMetrics;
import io.github.rlhf4j.core.train.StepResult;
import io.github.rlhf4j.core.train.WeightedObjective;
import io.github.rlhf4j.datasets.tokens.TokenizedPair;
import io.github.rlhf4j.rollout.ResponseMetrics;
import io.github.rlhf4j.rollout.Rollout;
import io.github.rlhf4j.rollout.SampleTokens;
import io.github.rlhf4j.rollout.SamplingDifference;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.function.IntFunction;
import java.util.function.LongFunction;
import java.util.function.Supplier;
import java.util.stream.IntStream;

/**
 * Online DPO (Guo et al. 2024, arXiv:2402.04792, algorithm 1): pairs are the policy's own, of now. {@link OnlineDpoStage} loads what it needs.
 *
 * <pre>
 *  for each step:
 *    1. sample two responses to each prompt
 *    2. say which one is better
 *    3. log-probs under the reference
 *    4. one update on the pairs, by a loss of dpo
 *    5. log
 *    6. what follows the policy
 * </pre>
 */
final class OnlineDpoTrainer implements AutoCloseable {
    private final OnlineDpoConfig config;
    private final StageContext context;
    private final StageLoop<?> loop;
    private final SharedModel policy;
    private final StepReference<TokenizedPair> reference;
    private final LongFunction<LossOfStep> losses;
    private final SelfChecks<TokenizedPair> selfChecks;
    private final Tokenizer tokenizer;
    private final ModelTrainer trainer;

    /**
     * A loss over pairs.
     *
     * @param beta of it
     */
    record LossOfStep(PairPreferences pairs, double beta) {
        OnlineDpoObjective objective() {
            return new OnlineDpoObjective(pairs.objective(Comparisons.IGNORED), beta, pairs.needsReference());
        }
    }

    /**
     * @param loop whose checkpoints keep what changes here
     * @param policy the caller's, closed after this, as is the reference
     * @param tokenizer the policy's
     * @param losses by step, from 1
     */
    OnlineDpoTrainer(
            OnlineDpoConfig config,
            StageContext context,
            StageLoop<?> loop,
            SharedModel policy,
            StepReference<TokenizedPair> reference,
            SelfChecks<TokenizedPair> selfChecks,
            Tokenizer tokenizer,
            LongFunction<LossOfStep> losses) {
        this.config = config;
        this.context = context;
        this.loop = loop;
        this.policy = policy;
        this.reference = reference;
        this.selfChecks = selfChecks;
        this.tokenizer = tokenizer;
        this.losses = losses;
        trainer = loop.trainer("policy", policy.model(), config.training().learningRate());
    }

    /**
     * One optimiser step.
     *
     * @param number of the step, from 1
     * @param sampled steps 1 and 2
     */
    StepResult step(long number, Supplier<List<OnlinePair>> sampled) {
        try {
            return learn(number, sampled.get());
        } finally {
            // 6. What follows the policy, also where nothing was learnt in this step.
            reference.afterStep(number);
        }
    }

    private StepResult learn(long number, List<OnlinePair> pairs) {
        if (pairs.isEmpty()) {
            context.warn("step " + number + ": no pair has a verdict or both scores, so nothing is learnt from it");
            return StepResult.untrained(0, new StepMetrics());
        }

        // 3. Log-probs under the reference.
        List<WithRefLogProbs<TokenizedPair>> rows =
                reference.score(pairs.stream().map(OnlinePair::tokens).toList());
        LossOfStep loss = losses.apply(number);
        StepResult result;
        try {
            requireFinite(rows);
            if (number == 1) {
                checkStart(rows);
            }

            // 4. Forward, loss, backward, clip, update.
            result = trainer.optimize(List.of(WeightedObjective.of(rows, loss.objective())));
        } catch (NonFinite e) {
            IntFunction<Map<String, Object>> described = loop.described(number);
            throw e.at(pair -> described.apply(pairs.get(pair).row()));
        }

        policy.changed();

        // 5. Log.
        log(number, pairs, rows, result.metrics(), loss);
        return result;
    }

    private static void requireFinite(List<WithRefLogProbs<TokenizedPair>> rows) {
        List<Integer> wrong = IntStream.range(0, rows.size())
                .filter(i -> !Arrays.stream(rows.get(i).refLogProbs()).allMatch(Double::isFinite))
                .boxed()
                .toList();
        if (!wrong.isEmpty()) {
            throw new NonFinite(
                    "the reference gives responses the log-probs "
                            + Arrays.toString(rows.get(wrong.get(0)).refLogProbs()) + ", but they must be finite",
                    Map.of("pairs_with_ref_log_probs_not_finite", wrong),
                    wrong);
        }
    }

    private void checkStart(List<WithRefLogProbs<TokenizedPair>> rows) {
        if (losses.apply(1).pairs().needsReference() && config.reference().isStart(config.model())) {
            ResponseLogProbs now =
                    ResponseLogProbs.of(policy.model(), config.training().optimizer(0));
            selfChecks.policyIsTheReference(rows, now, losses.apply(1).pairs().atTheStart());
        }
    }

    private void log(
            long number,
            List<OnlinePair> pairs,
            List<WithRefLogProbs<TokenizedPair>> rows,
            StepMetrics metrics,
            LossOfStep loss) {
        List<Rollout> all =
                pairs.stream().flatMap(pair -> pair.responses().stream()).toList();
        long ended = all.stream().filter(Rollout::ended).count();
        metrics.set("val/contain_eos_token", (double) ended / all.size());
        metrics.set("completions/mean_length", ResponseMetrics.mean(all, Rollout::tokens));
        if (!all.get(0).scores().isEmpty()) {
            double score = ResponseMetrics.mean(all, Rollout::score);
            metrics.set("objective/scores", score);
            metrics.set(
                    "objective/scores_margin",
                    pairs.stream()
                            .mapToDouble(pair ->
                                    pair.chosen().score() - pair.rejected().score())
                            .average()
                            .orElseThrow());
            Optional.ofNullable(metrics.values().get("objective/non_score_reward"))
                    .ifPresent(cost -> metrics.set("objective/rlhf_reward", score + cost));
            ResponseMetrics.rewardMeans(all).forEach(metrics::set);
        }
        metrics.set("beta", loss.beta());
        if (config.sampling().isRounded()) {
            SamplingDifference.of(all).named().forEach(metrics::set);
        }
        samples(number, pairs, rows, metrics, loss);
    }

    private void samples(
            long number,
            List<OnlinePair> pairs,
            List<WithRefLogProbs<TokenizedPair>> rows,
            StepMetrics metrics,
            LossOfStep loss) {
        Map<TokenizedPair, double[]> logProbs = metrics.gathered(OnlineDpoObjective.LogProbs.class)
                .orElseThrow()
                .byPair();
        for (int i = 0; i < pairs.size(); i++) {
            OnlinePair pair = pairs.get(i);
            double[] policyLogProbs = Objects.requireNonNull(logProbs.get(pair.tokens()));
            for (int response = 0; response < pair.responses().size(); response++) {
                int side = response == pair.better() ? 0 : 1;
                Optional<Double> kl = loss.pairs().needsReference()
                        ? Optional.of(policyLogProbs[side] - rows.get(i).refLogProbs()[side])
                        : Optional.empty();
                context.sample(number, sample(pair.responses().get(response), side == 0, kl));
            }
        }
    }

    private Map<String, Object> sample(Rollout rollout, boolean chosen, Optional<Double> kl) {
        Map<String, Object> sample = new LinkedHashMap<>();
        sample.put("prompt", rollout.answer().prompt());
        sample.put("response", rollout.answer().response());
        if (!rollout.scores().isEmpty()) {
            sample.put("score", rollout.score());
            sample.put("scores", rollout.knownScores());
        }
        sample.put("chosen", chosen);
        kl.ifPresent(nats -> sample.put("kl", nats));
        sample.put("length", rollout.tokens());
        sample.put("ended", rollout.ended());
        if (config.logTokens()) {
            sample.put("tokens", SampleTokens.of(rollout, tokenizer, OptionalDouble.empty()));
        }
        return sample;
    }

    @Override
    public void close() {
        trainer.close();
    }
}
