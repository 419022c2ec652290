package io.github.rlhf4j.ppo;

import io.github.rlhf4j.core.CounterRandom;
import io.github.rlhf4j.core.generation.FinishReason;
import io.github.rlhf4j.core.generation.Generated;
import io.github.rlhf4j.core.generation.GenerationRequest;
import io.github.rlhf4j.core.generation.Generator;
import io.github.rlhf4j.core.generation.SamplingOptions;
import io.github.rlhf4j.core.model.TokenSequence;
import io.github.rlhf4j.core.tokenizer.Tokenizer;
import io.github.rlhf4j.core.train.BatchScorer;
import io.github.rlhf4j.datasets.tokens.TokenizedPrompt;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/**
 * Makes an iteration's experience: samples a response to each prompt, scores it, compares it with the reference and estimates advantages.
 *
 * <p>Values are read at the rows that predict each response token, the reward model's score at the response's last token: two different sets of positions.
 */
final class RolloutCollector {
    private static final double[] EQUAL = {};

    private final PpoConfig config;
    private final Generator generator;
    private final SamplingOptions sampling;
    private final Tokenizer tokenizer;
    private final Optional<BatchScorer> policy;
    private final BatchScorer reference;
    private final BatchScorer values;
    private final RewardSource scorer;
    private final RewardShaping shaping;
    private final GeneralizedAdvantage advantages;

    /** @param policy where its log-probs are the old ones, instead of the sampler's */
    RolloutCollector(
            PpoConfig config,
            Generator generator,
            Tokenizer tokenizer,
            Optional<BatchScorer> policy,
            BatchScorer reference,
            BatchScorer values,
            RewardSource scorer) {
        this.config = config;
        this.generator = generator;
        this.sampling = SamplingOptions.sampling(
                config.temperature(), config.responseLength(), config.rollouts().stopIds(tokenizer));
        this.policy = policy;
        this.tokenizer = tokenizer;
        this.reference = reference;
        this.values = values;
        this.scorer = scorer;
        this.shaping = config.shaping();
        this.advantages = new GeneralizedAdvantage(config.gamma(), config.lam());
    }

    /**
     * What an iteration starts from.
     *
     * @param oldLogProbs whose they are, and what was found of them
     */
    record Experience(
            List<Rollout> rollouts, RolloutMetrics metrics, ScoreNormalizer normalizer, OldLogProbs oldLogProbs) {}

    /**
     * The log-probs that a ratio of 1 means.
     *
     * @param byResponse of each token of each response, nats
     * @param weights of tokens that the sampler took with another probability
     * @param difference from the sampler's, where they are the trainer's
     */
    record OldLogProbs(
            List<double[]> byResponse, Optional<ImportanceWeights> weights, Optional<SamplingDifference> difference) {}

    /**
     * One response to each prompt.
     *
     * @param random of this iteration
     * @param klCoef now
     * @param normalizer of scores, before this iteration
     */
    Experience collect(List<TokenizedPrompt> prompts, CounterRandom random, double klCoef, ScoreNormalizer normalizer) {
        return experience(prompts, generate(prompts, random), klCoef, normalizer); // 1. sample at the temperature
    }

    /** Of samples that were made already, one to each prompt. */
    Experience experience(
            List<TokenizedPrompt> prompts, List<Generated> samples, double klCoef, ScoreNormalizer normalizer) {
        List<RewardSource.Response> responses = responses(prompts, samples);
        double[] scores = scorer.score(responses); // 2. score each response
        ScoreNormalizer observed = normalizer.observe(scores);
        double[] used = rewards(scores, observed, samples);
        OldLogProbs old = oldLogProbs(prompts, samples); // 3. log-probs under the policy and the reference
        List<double[]> refLogProbs = logProbs(reference, prompts, samples);
        List<double[]> oldValues = values(prompts, samples); // 4. values

        List<double[]> rewards = new ArrayList<>(); // 5. rewards by token
        RolloutMetrics metrics = RolloutMetrics.EMPTY;
        for (int i = 0; i < samples.size(); i++) {
            double[] logProbs = old.byResponse().get(i);
            rewards.add(shaping.rewards(logProbs, refLogProbs.get(i), used[i], klCoef, config.responseLength()));
            metrics = metrics.merge(RolloutMetrics.of(
                    logProbs, refLogProbs.get(i), used[i], ended(samples.get(i)), klCoef, config.klEstimator()));
        }
        return new Experience(rollouts(responses, samples, old, scores, oldValues, rewards), metrics, observed, old);
    }

    private OldLogProbs oldLogProbs(List<TokenizedPrompt> prompts, List<Generated> samples) {
        List<double[]> sampler = samples.stream().map(Generated::logProbs).toList();
        if (policy.isEmpty()) {
            return new OldLogProbs(sampler, Optional.empty(), Optional.empty());
        }
        List<double[]> trainer = logProbs(policy.get(), prompts, samples);
        double limit = config.rollouts().importanceLimit();
        return new OldLogProbs(
                trainer,
                Optional.of(ImportanceWeights.of(trainer, sampler, limit)),
                Optional.of(SamplingDifference.of(trainer, sampler)));
    }

    private double[] rewards(double[] scores, ScoreNormalizer observed, List<Generated> samples) {
        double[] normalized = observed.apply(scores);
        double clip = config.rewardClip() == 0 ? Double.POSITIVE_INFINITY : config.rewardClip();
        double[] clipped = ScoreNormalizer.clipped(normalized, clip);
        for (int i = 0; i < clipped.length; i++) {
            clipped[i] = shaping.penalized(clipped[i], ended(samples.get(i)));
        }
        return clipped;
    }

    /** 6. advantages over all positions, whitened over the iteration's tokens. */
    private List<Rollout> rollouts(
            List<RewardSource.Response> responses,
            List<Generated> samples,
            OldLogProbs old,
            double[] scores,
            List<double[]> oldValues,
            List<double[]> rewards) {
        List<double[]> shaped = config.whitenRewards() ? Whitening.whiten(rewards, true) : rewards;
        List<double[]> raw = new ArrayList<>();
        List<double[]> returns = new ArrayList<>();
        for (int i = 0; i < samples.size(); i++) {
            AdvantageEstimate estimate = advantages.estimate(shaped.get(i), oldValues.get(i));
            raw.add(Arrays.copyOf(estimate.advantages(), samples.get(i).ids().length));
            returns.add(estimate.returns());
        }
        List<double[]> whitened = Whitening.whiten(raw, false);
        List<Rollout> rollouts = new ArrayList<>();
        for (int i = 0; i < samples.size(); i++) {
            int response = i;
            double[] importance = old.weights()
                    .map(weights -> weights.byResponse().get(response))
                    .orElse(EQUAL);
            PpoResponse fixed = new PpoResponse(
                    old.byResponse().get(i), whitened.get(i), oldValues.get(i), returns.get(i), importance);
            rollouts.add(new Rollout(
                    responses.get(i).answer().prompt(),
                    responses.get(i).answer().response(),
                    responses.get(i).promptIds(),
                    responses.get(i).responseIds(),
                    ended(samples.get(i)),
                    scores[i],
                    responses.get(i).answer().columns(),
                    fixed));
        }
        return rollouts;
    }

    private List<Generated> generate(List<TokenizedPrompt> prompts, CounterRandom random) {
        List<GenerationRequest> requests = new ArrayList<>();
        for (int i = 0; i < prompts.size(); i++) {
            requests.add(new GenerationRequest(prompts.get(i).ids(), 1, random.derive(i)));
        }
        return generator.generate(requests, sampling);
    }

    private List<RewardSource.Response> responses(List<TokenizedPrompt> prompts, List<Generated> samples) {
        List<RewardSource.Response> responses = new ArrayList<>();
        for (int i = 0; i < samples.size(); i++) {
            int[] ids = samples.get(i).ids();
            String prompt = tokenizer.decode(prompts.get(i).ids(), true);
            String text = tokenizer.decode(ids, true);
            var answer = new RewardFunction.Answer(
                    prompt,
                    text,
                    ids.length,
                    ended(samples.get(i)),
                    prompts.get(i).columns());
            responses.add(new RewardSource.Response(prompts.get(i).ids(), ids, answer));
        }
        return responses;
    }

    private List<double[]> logProbs(BatchScorer model, List<TokenizedPrompt> prompts, List<Generated> samples) {
        return score(model, prompts, samples, false).stream()
                .map(BatchScorer.Scored::logProbs)
                .toList();
    }

    private List<double[]> values(List<TokenizedPrompt> prompts, List<Generated> samples) {
        return score(values, prompts, samples, true).stream()
                .map(BatchScorer.Scored::scalars)
                .toList();
    }

    private List<BatchScorer.Scored> score(
            BatchScorer model, List<TokenizedPrompt> prompts, List<Generated> samples, boolean readsValues) {
        List<List<TokenSequence>> groups = new ArrayList<>();
        for (int i = 0; i < samples.size(); i++) {
            int[] promptIds = prompts.get(i).ids();
            int[] ids = samples.get(i).ids();
            groups.add(List.of(
                    readsValues
                            ? Rollout.valueSequence(
                                    promptIds, ids, shaping.positions(ids.length, config.responseLength()))
                            : Rollout.sequence(promptIds, ids, 0)));
        }
        return model.score(groups, config.temperature()).stream()
                .map(group -> group.get(0))
                .toList();
    }

    /** Where nothing stops a response, it has ended if an end token occurs in it, as in TRL. */
    private boolean ended(Generated sample) {
        if (!config.rollouts().neverStops()) {
            return sample.finishReason() == FinishReason.STOP;
        }
        return Arrays.stream(sample.ids())
                .anyMatch(id -> Arrays.stream(tokenizer.stopIds()).anyMatch(stop -> stop == id));
    }
}
