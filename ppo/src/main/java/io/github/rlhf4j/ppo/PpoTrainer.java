package io.github.rlhf4j.ppo;

import io.github.rlhf4j.core.CounterRandom;
import io.github.rlhf4j.core.UserError;
import io.github.rlhf4j.core.cluster.SharedModel;
import io.github.rlhf4j.core.generation.SamplingOptions;
import io.github.rlhf4j.core.model.TokenSequence;
import io.github.rlhf4j.core.stage.StageContext;
import io.github.rlhf4j.core.stage.StageLoop;
import io.github.rlhf4j.core.tokenizer.Tokenizer;
import io.github.rlhf4j.core.train.BatchScorer;
import io.github.rlhf4j.core.train.ExampleOrder;
import io.github.rlhf4j.core.train.Examples;
import io.github.rlhf4j.core.train.ModelTrainer;
import io.github.rlhf4j.core.train.NonFinite;
import io.github.rlhf4j.core.train.Permutation;
import io.github.rlhf4j.core.train.StepMetrics;
import io.github.rlhf4j.core.train.StepResult;
import io.github.rlhf4j.core.train.WeightedObjective;
import io.github.rlhf4j.datasets.tokens.TokenizedPrompt;
import io.github.rlhf4j.rollout.ImportanceWeights;
import io.github.rlhf4j.rollout.ResponseMetrics;
import io.github.rlhf4j.rollout.Reward;
import io.github.rlhf4j.rollout.RewardFailure;
import io.github.rlhf4j.rollout.Rewards;
import io.github.rlhf4j.rollout.Rollout;
import io.github.rlhf4j.rollout.RolloutEngine;
import io.github.rlhf4j.rollout.RolloutNumbers;
import io.github.rlhf4j.rollout.RolloutsAhead;
import io.github.rlhf4j.rollout.SamplingDifference;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/**
 * Proximal policy optimisation from a reward model or a reward function, in the RLHF form of Ziegler et al. 2019 (arXiv:1909.08593) and Ouyang et al. 2022 (arXiv:2203.02155). The algorithm, in the order of the papers; {@link PpoStage}
 * loads what it needs.
 *
 * <pre>
 *  for each iteration:
 *    1. sample a response to each prompt
 *    2. score it
 *    3. log-probs under the policy that samples and under the reference
 *    4. values
 *    5. rewards by token: the cost of leaving the reference, and the score at the end
 *    6. advantages and returns
 *    7. epochs of mini-batches, an optimiser step each
 *    8. what follows the policy: its average, the cost of a nat, the statistics of scores
 *    9. log
 * </pre>
 */
final class PpoTrainer implements AutoCloseable {
    private static final double[] EQUAL = {};

    private final PpoConfig config;
    private final StageContext context;
    private final StageLoop<?> loop;
    private final PpoModels models;
    private final PpoState state;
    private final double temperature;
    private final int responseLength; // the longest, tokens
    private final SharedModel policy; // for forward passes, where the cluster computes them
    private final SharedModel reference;
    private final SharedModel values; // the policy where they share a trunk
    private final Optional<SharedModel> rewardModel;
    private final ModelTrainer policyTrainer;
    private final Optional<ModelTrainer> valueTrainer;
    private final Optional<ExampleOrder<List<TokenSequence>>> pretraining;
    private final PretrainingLoss pretrainingLoss;
    private final RolloutEngine engine;
    private final RolloutsAhead ahead;
    private final Rewards rewards;
    private final RewardShaping shaping;
    private final GeneralizedAdvantage advantages;
    private final Tokenizer tokenizer;
    private final PpoLoss loss;
    private final SelfChecks checks;

    /**
     * @param loop whose checkpoints keep what changes here
     * @param models the caller's, closed after this
     * @param given the rewards where reward_model does not name the only one
     * @param texts of the pre-training loss of PPO-ptx
     */
    PpoTrainer(
            PpoConfig config,
            StageContext context,
            StageLoop<TokenizedPrompt> loop,
            PpoModels models,
            Tokenizer tokenizer,
            Optional<Rewards> given,
            Optional<Examples<List<TokenSequence>>> texts) {
        this.config = config;
        this.context = context;
        this.loop = loop;
        this.models = models;
        this.tokenizer = tokenizer;
        temperature = config.rollouts().temperature();
        responseLength = config.rollouts().responseLength();
        policyTrainer =
                loop.trainer("policy", models.policy(), config.training().learningRate());
        valueTrainer = models.value().map(model -> loop.trainer("value", model, config.valueRate()));
        models.average().ifPresent(average -> context.register("ema", average));
        state = PpoState.of(config);
        context.register("ppo", state);

        policy = context.cluster().share("policy", models.policy());
        reference = context.cluster().share("reference", models.reference());
        values = models.value()
                .map(model -> context.cluster().share("value", model))
                .orElse(policy);
        rewardModel = models.reward().map(model -> context.cluster().share("reward", model));
        SamplingOptions sampling = SamplingOptions.sampling(
                temperature, responseLength, config.rollouts().stopIds(tokenizer));
        engine = new RolloutEngine(
                policy, tokenizer, sampling, 1, config.prompts().structuredOutputs());
        ahead = new RolloutsAhead(
                engine,
                config.rollouts().staleness(),
                number -> new RolloutsAhead.Draw(
                        loop.batch(number), random(number).derive("sample")));
        if (config.rollouts().staleness() > 0) {
            context.register("rollouts_ahead", ahead);
        }
        rewards = given.orElseGet(() -> Rewards.of(
                "score",
                Reward.of(config.scores().rewards().rewardModel().orElseThrow().given(), rewardModel.orElseThrow())));

        pretraining = texts.map(examples -> new ExampleOrder<>(
                examples,
                config.pretraining().ptxBatchSize(),
                config.training().shuffle(),
                context.random().derive("ptx")));
        pretrainingLoss = new PretrainingLoss(tokenizer.eosId().orElse(-1));
        shaping = config.shaping();
        advantages = config.advantages().estimator();
        loss = config.loss();
        if (!context.trainsInFloat32() && !config.rollouts().takesTrainersLogProbs()) {
            throw new UserError(
                    "old_log_probs must be trainer with compute: bfloat16, whose log-probs are not quite the"
                            + " sampler's");
        }
        checks = new SelfChecks(
                context,
                rollouts -> rewards.score(rollouts).stream()
                        .mapToDouble(Rollout::score)
                        .toArray(),
                config.kl().isStart(config.model()),
                temperature,
                config.rollouts().exactOnPolicy(),
                config.rollouts().rolloutWeights().isCompact());
    }

    /** One iteration over a batch of prompts, numbered from 1. */
    StepResult iteration(long number, List<TokenizedPrompt> prompts) {
        try {
            return RewardFailure.named(() -> learn(number, prompts), loop.described(number));
        } catch (NonFinite e) {
            ahead.begin(number); // where it was not reached
            throw e.described().isEmpty() ? e.at(loop.described(number)) : e;
        }
    }

    private StepResult learn(long number, List<TokenizedPrompt> prompts) {
        CounterRandom random = random(number);
        double klCoef = state.controller().coefficient();

        // 1. Sample a response to each prompt.
        List<Rollout> sampled =
                Rollout.flat(ahead.take(number, new RolloutsAhead.Draw(prompts, random.derive("sample"))));

        // 2. to 6. Score the responses, compare them with the reference, estimate advantages.
        Collected collected = collect(sampled, klCoef);
        if (number == 1) {
            checks.check(collected.rollouts(), collected.metrics(), before(collected.experience()));
        }

        // 7. Epochs of mini-batches, while the responses of a later iteration are sampled elsewhere.
        ahead.begin(number);
        List<Update> updates;
        try {
            updates = update(number, collected.experience(), random.derive("mini-batches"));
        } catch (NonFinite e) {
            throw e.moved(i -> place(sampled, collected.rollouts().get(i)));
        } finally { // also where one of them is not finite, and those before it were done
            policy.changed();
            valueTrainer.ifPresent(trainer -> values.changed());
        }

        // 8. What follows the policy.
        models.average().ifPresent(average -> average.update(models.policy()));
        state.advance(collected.metrics(), collected.normalizer());

        // 9. Log.
        if (number % config.training().loggingSteps() == 0) {
            logSamples(number, collected);
        }
        return result(number, collected, updates, klCoef);
    }

    private CounterRandom random(long number) {
        return context.random().derive("iteration").derive(number);
    }

    private void logSamples(long number, Collected collected) {
        int count = Math.min(
                config.rollouts().numSampleGenerations(), collected.rollouts().size());
        for (int i = 0; i < count; i++) {
            Rollout rollout = collected.rollouts().get(i);
            context.sample(
                    number,
                    config.rollouts().logTokens()
                            ? TokenLog.sample(rollout, collected.experience().get(i), tokenizer)
                            : rollout.sample());
        }
    }

    /**
     * What an iteration learns from.
     *
     * @param normalizer of scores, which has seen these
     */
    record Collected(
            List<Rollout> rollouts, List<Experience> experience, RolloutMetrics metrics, ScoreNormalizer normalizer) {}

    /** Steps 2 to 6, of responses as they were sampled. */
    Collected collect(List<Rollout> sampled, double klCoef) {
        // 2. Score each response (one without a score leaves the iteration): normalised, clipped, less the penalty
        // where it did not end.
        List<Rollout> rollouts =
                rewards.score(sampled).stream().filter(Rollout::isScored).toList();
        if (rollouts.isEmpty()) {
            throw new UserError("none of the " + sampled.size() + " responses of an iteration has a score from "
                    + String.join(", ", rewards.names()) + "; at least one must have");
        }
        double[] raw = rollouts.stream().mapToDouble(Rollout::score).toArray();
        ScoreNormalizer normalizer = state.normalizer().observe(raw);
        double[] scores =
                ScoreNormalizer.clipped(normalizer.apply(raw), config.scores().limit());
        for (int i = 0; i < scores.length; i++) {
            scores[i] = shaping.penalized(scores[i], rollouts.get(i).ended());
        }

        // 3. Log-probs of the tokens under the policy (the sampler's, or the trainer's) and under the reference.
        if (config.rollouts().takesTrainersLogProbs()) {
            rollouts = engine.withTrainerLogProbs(rollouts);
        }
        rollouts = engine.withRefLogProbs(rollouts, reference);

        // 4. Values, read at the rows that predict each token.
        List<double[]> oldValues = values(rollouts);
        requireFinite(sampled, rollouts, oldValues);

        // 5. Rewards by token.
        List<double[]> tokenRewards = new ArrayList<>();
        RolloutMetrics metrics = RolloutMetrics.EMPTY;
        for (int i = 0; i < scores.length; i++) {
            double[] logProbs = rollouts.get(i).oldLogProbs();
            double[] refLogProbs = rollouts.get(i).refLogProbs();
            double[] parts = rollouts.get(i).tokenScores();
            tokenRewards.add(shaping.rewards(logProbs, refLogProbs, scores[i], parts, klCoef, responseLength));
            metrics = metrics.merge(RolloutMetrics.of(
                    logProbs,
                    refLogProbs,
                    scores[i],
                    rollouts.get(i).ended(),
                    klCoef,
                    config.kl().klEstimator()));
        }
        if (config.advantages().whitenRewards()) {
            tokenRewards = Whitening.whiten(tokenRewards, true);
        }

        // 6. Advantages and returns over all positions; advantages are whitened over the iteration's tokens.
        List<double[]> tokenAdvantages = new ArrayList<>();
        List<double[]> returns = new ArrayList<>();
        for (int i = 0; i < scores.length; i++) {
            AdvantageEstimate estimate = advantages.estimate(tokenRewards.get(i), oldValues.get(i));
            tokenAdvantages.add(
                    Arrays.copyOf(estimate.advantages(), rollouts.get(i).tokens()));
            returns.add(estimate.returns());
        }
        List<double[]> whitened = Whitening.whiten(tokenAdvantages, false);
        List<Experience> experience = new ArrayList<>();
        for (int i = 0; i < scores.length; i++) {
            Rollout rollout = rollouts.get(i);
            experience.add(new Experience(
                    rollout.sequence(),
                    rollout.oldLogProbs(),
                    whitened.get(i),
                    oldValues.get(i),
                    returns.get(i),
                    importance(rollout)));
        }
        return new Collected(rollouts, experience, metrics, normalizer);
    }

    /** What is known before an update; afterwards one number that is not finite makes all of them so. */
    private static void requireFinite(List<Rollout> sampled, List<Rollout> rollouts, List<double[]> values) {
        try {
            RolloutNumbers.requireFinite(rollouts);
            RolloutNumbers.requireFinite(rollouts, "values", values);
        } catch (NonFinite e) {
            throw e.moved(i -> place(sampled, rollouts.get(i)));
        }
    }

    /** Where a response was among those that were sampled. */
    private static int place(List<Rollout> sampled, Rollout response) {
        int place = 0;
        while (sampled.get(place).responseIds() != response.responseIds()) {
            place++;
        }
        return place;
    }

    private List<double[]> values(List<Rollout> rollouts) {
        List<List<TokenSequence>> sequences = rollouts.stream()
                .map(rollout -> List.of(rollout.valueSequence(shaping.positions(rollout.tokens(), responseLength))))
                .toList();
        return values.score("values", sequences, temperature, 0).stream()
                .map(group -> group.get(0).scalars())
                .toList();
    }

    /** What the sampler's other probabilities make of a token's weight in the loss. */
    private double[] importance(Rollout rollout) {
        return config.rollouts().takesTrainersLogProbs()
                ? ImportanceWeights.of(
                        rollout.trainerLogProbs(),
                        rollout.samplerLogProbs(),
                        config.rollouts().importanceLimit())
                : EQUAL;
    }

    /** The statistics of experience under the policy as it is, without an update. */
    private PpoStatistics before(List<Experience> experience) {
        BatchScorer scorer = new BatchScorer(models.policy(), policyTrainer.microBatchTokens());
        return statistics(scorer.evaluate(experience, PpoObjective.ofPolicy(loss, temperature))
                .metrics());
    }

    /**
     * What a mini-batch did.
     *
     * @param epoch from 1
     * @param skipped whether its mean ratio exceeds max_ratio, so that nothing changed
     */
    record Update(
            int epoch,
            PpoStatistics statistics,
            boolean skipped,
            double loss,
            double gradientNorm,
            long tokens,
            StepMetrics metrics) {}

    /** Step 7: epochs of shuffled mini-batches, up to one whose divergence exceeds target_kl. All of them in order, skipped ones too. */
    List<Update> update(long number, List<Experience> experience, CounterRandom random) {
        List<Update> updates = new ArrayList<>();
        int size = (experience.size() + config.policy().numMiniBatches() - 1)
                / config.policy().numMiniBatches();
        long before =
                (number - 1) * config.policy().numPpoEpochs() * config.policy().numMiniBatches();
        for (int epoch = 1; epoch <= config.policy().numPpoEpochs(); epoch++) {
            List<Experience> shuffled = shuffled(experience, random.derive(epoch - 1));
            for (int from = 0; from < shuffled.size(); from += size) {
                List<Experience> miniBatch = shuffled.subList(from, Math.min(from + size, shuffled.size()));
                long update = before + (epoch - 1L) * config.policy().numMiniBatches() + from / size + 1;
                try {
                    updates.add(update(miniBatch, number, epoch, update));
                } catch (NonFinite e) {
                    throw e.moved(i -> experience.indexOf(miniBatch.get(i)));
                }
                if (exceedsTarget(updates.get(updates.size() - 1))) {
                    return updates;
                }
            }
        }
        return updates;
    }

    private static List<Experience> shuffled(List<Experience> experience, CounterRandom random) {
        Permutation permutation = new Permutation(experience.size(), random);
        List<Experience> shuffled = new ArrayList<>();
        for (int i = 0; i < experience.size(); i++) {
            shuffled.add(experience.get((int) permutation.at(i)));
        }
        return shuffled;
    }

    /** One optimiser step of the policy and one of an own value model. The learning rates are those of the schedules at this iteration. */
    private Update update(List<Experience> miniBatch, long iteration, int epoch, long number) {
        List<WeightedObjective<?>> objectives = new ArrayList<>();
        objectives.add(WeightedObjective.of(
                miniBatch,
                valueTrainer.isPresent()
                        ? PpoObjective.ofPolicy(loss, temperature)
                        : PpoObjective.ofBoth(loss, temperature)));
        pretraining.ifPresent(texts -> objectives.add(new WeightedObjective<>(
                texts.batch(number), pretrainingLoss, config.pretraining().ptxCoef())));
        StepResult step = policyTrainer.optimize(
                objectives, policyTrainer.learningRate(iteration - 1), metrics -> accepts(statistics(metrics)));
        PpoStatistics statistics = statistics(step.metrics());
        boolean skipped = !accepts(statistics);
        double total = step.loss();
        if (skipped) {
            context.warn("iteration %d: a mini-batch was skipped, its mean ratio %.3g exceeds max_ratio %s"
                    .formatted(
                            iteration, statistics.meanRatio(), config.policy().maxRatio()));
        } else if (valueTrainer.isPresent()) {
            ModelTrainer trainer = valueTrainer.get();
            StepResult ofValue = trainer.optimize(
                    List.of(WeightedObjective.of(miniBatch, PpoObjective.ofValue(loss))),
                    trainer.learningRate(iteration - 1),
                    metrics -> true);
            statistics = statistics.merge(statistics(ofValue.metrics()));
            total += ofValue.loss();
        }
        return new Update(epoch, statistics, skipped, total, step.gradientNorm(), step.tokens(), step.metrics());
    }

    /** A ratio that is not a number is no reason to skip: the step then says that the loss is not finite. */
    private boolean accepts(PpoStatistics statistics) {
        return !(statistics.meanRatio() > config.policy().maxRatio());
    }

    private boolean exceedsTarget(Update update) {
        return config.policy().targetKl() > 0
                && !update.skipped()
                && update.statistics().approxKl() > config.policy().targetKl();
    }

    private static PpoStatistics statistics(StepMetrics metrics) {
        return metrics.gathered(PpoStatistics.class).orElse(PpoStatistics.EMPTY);
    }

    private StepResult result(long number, Collected collected, List<Update> updates, double klCoef) {
        List<Update> done = updates.stream().filter(update -> !update.skipped()).toList();
        StepMetrics metrics = new StepMetrics();
        collected.metrics().named().forEach(metrics::set);
        ResponseMetrics.of(collected.rollouts()).forEach(metrics::set);
        double explained = Experience.explainedVariance(collected.experience());
        if (Double.isFinite(explained)) {
            metrics.set("val/explained_variance", explained);
        }
        if (config.rollouts().takesTrainersLogProbs()) {
            SamplingDifference.of(collected.rollouts()).named().forEach(metrics::set);
            ImportanceWeights.metrics(collected.experience().stream()
                            .map(Experience::importance)
                            .toList())
                    .forEach(metrics::set);
        } else { // of the first mini-batch, whose forward pass comes before any update
            updates.get(0).statistics().difference().named().forEach(metrics::set);
        }
        UpdateMetrics.of(done).forEach(metrics::set);
        metrics.set("policy/skipped_minibatches", updates.size() - done.size());
        Update last = updates.get(updates.size() - 1);
        if (exceedsTarget(last)) {
            metrics.set("policy/stopped_epoch", last.epoch());
        }
        metrics.set("objective/kl_coef", klCoef);
        if (config.rollouts().staleness() > 0) {
            metrics.set("sample/staleness_mean", ahead.staleness(number));
        }
        double learningRate = policyTrainer.learningRate(number - 1);
        metrics.set("lr", learningRate);
        metrics.set("episode", state.episodes());
        double meanLoss = done.stream().mapToDouble(Update::loss).average().orElse(0);
        double norm = done.isEmpty() ? 0 : done.get(done.size() - 1).gradientNorm();
        long tokens = done.stream().mapToLong(Update::tokens).sum();
        return new StepResult(meanLoss, norm, learningRate, tokens, metrics);
    }

    @Override
    public void close() {
        rewardModel.ifPresent(SharedModel::close);
        valueTrainer.ifPresent(trainer -> values.close());
        reference.close();
        policy.close();
        valueTrainer.ifPresent(ModelTrainer::close);
        policyTrainer.close();
    }
}
