package io.github.rlhf4j.ppo;

import io.github.rlhf4j.core.CounterRandom;
import io.github.rlhf4j.core.train.Permutation;
import io.github.rlhf4j.core.train.StageContext;
import io.github.rlhf4j.core.train.StepMetrics;
import io.github.rlhf4j.core.train.StepResult;
import io.github.rlhf4j.datasets.tokens.TokenizedPrompt;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** One iteration of PPO: roll out, then several epochs of mini-batches on what was seen. */
final class PpoIteration {
    private final PpoConfig config;
    private final StageContext context;
    private final PpoState state;
    private final RolloutCollector collector;
    private final PpoUpdater updater;
    private final PolicyAverage average;
    private final StartChecks checks;

    /** What follows the policy after each iteration. */
    @FunctionalInterface
    interface PolicyAverage {
        void update();
    }

    /** What is checked on the first roll-out. */
    @FunctionalInterface
    interface StartChecks {
        void check(RolloutCollector.Experience experience, PpoStatistics before);
    }

    PpoIteration(
            PpoConfig config,
            StageContext context,
            PpoState state,
            RolloutCollector collector,
            PpoUpdater updater,
            PolicyAverage average,
            StartChecks checks) {
        this.config = config;
        this.context = context;
        this.state = state;
        this.collector = collector;
        this.updater = updater;
        this.average = average;
        this.checks = checks;
    }

    /** @param number of the iteration, from 1 */
    StepResult run(long number, List<TokenizedPrompt> prompts) {
        CounterRandom random = context.random().derive("iteration").derive(number);
        double klCoef = state.controller().coefficient();
        RolloutCollector.Experience experience = // 1. sample, score, compare with the reference, estimate advantages
                collector.collect(prompts, random.derive("sample"), klCoef, state.normalizer());
        if (number == 1) {
            checks.check(experience, updater.evaluate(experience.rollouts()));
        }
        Updates updates = update(number, experience.rollouts(), random.derive("mini-batches")); // 2. epochs of updates
        average.update(); // 3. moving average of the policy
        state.advance(experience.metrics(), experience.normalizer()); // 4. KL controller, statistics of scores
        sample(number, experience.rollouts());
        return result(number, experience, updates, klCoef);
    }

    /** What the updates of an iteration did. */
    private record Updates(
            List<PpoStatistics> miniBatches, double gradientNorm, long tokens, Optional<Integer> stopped) {}

    private Updates update(long number, List<Rollout> rollouts, CounterRandom random) {
        List<PpoStatistics> miniBatches = new ArrayList<>();
        double gradientNorm = 0;
        long tokens = 0;
        int size = (rollouts.size() + config.numMiniBatches() - 1) / config.numMiniBatches();
        long updatesBefore = (number - 1) * config.numPpoEpochs() * config.numMiniBatches();
        for (int epoch = 0; epoch < config.numPpoEpochs(); epoch++) {
            List<Rollout> shuffled = shuffled(rollouts, random.derive(epoch));
            for (int from = 0; from < shuffled.size(); from += size) {
                List<Rollout> miniBatch = shuffled.subList(from, Math.min(from + size, shuffled.size()));
                long update = updatesBefore + (long) epoch * config.numMiniBatches() + from / size + 1;
                PpoUpdater.Update done = updater.update(miniBatch, number, update);
                if (done.skipped()) {
                    context.warn("iteration %d: a mini-batch was skipped, its mean ratio %.3g exceeds max_ratio %s"
                            .formatted(number, done.statistics().meanRatio(), config.maxRatio()));
                    continue;
                }
                miniBatches.add(done.statistics());
                gradientNorm = done.gradientNorm();
                tokens += done.tokens();
                if (config.targetKl() > 0 && done.statistics().approxKl() > config.targetKl()) {
                    return new Updates(miniBatches, gradientNorm, tokens, Optional.of(epoch + 1));
                }
            }
        }
        return new Updates(miniBatches, gradientNorm, tokens, Optional.empty());
    }

    private static List<Rollout> shuffled(List<Rollout> rollouts, CounterRandom random) {
        Permutation permutation = new Permutation(rollouts.size(), random);
        List<Rollout> shuffled = new ArrayList<>();
        for (int i = 0; i < rollouts.size(); i++) {
            shuffled.add(rollouts.get((int) permutation.at(i)));
        }
        return shuffled;
    }

    private StepResult result(long number, RolloutCollector.Experience experience, Updates updates, double klCoef) {
        StepMetrics metrics = new StepMetrics();
        experience.metrics().named().forEach(metrics::set);
        double loss = 0;
        if (!updates.miniBatches().isEmpty()) {
            Map<String, Double> named = UpdateMetrics.named(updates.miniBatches());
            named.forEach(metrics::set);
            loss = named.getOrDefault("loss/policy_avg", 0.0)
                    + config.vfCoef() * named.getOrDefault("loss/value_avg", 0.0);
        }
        updates.stopped().ifPresent(epoch -> metrics.set("policy/stopped_epoch", epoch));
        metrics.set("objective/kl_coef", klCoef);
        double length = experience.rollouts().stream()
                .mapToInt(rollout -> rollout.responseIds().length)
                .average()
                .orElse(0);
        metrics.set("objective/response_length", length);
        double learningRate = updater.learningRate(number);
        metrics.set("lr", learningRate);
        metrics.set("episode", state.episodes());
        return new StepResult(loss, updates.gradientNorm(), learningRate, updates.tokens(), metrics);
    }

    private void sample(long number, List<Rollout> rollouts) {
        if (number % config.training().loggingSteps() != 0) {
            return;
        }
        for (Rollout rollout : rollouts.subList(0, Math.min(config.numSampleGenerations(), rollouts.size()))) {
            Map<String, Object> sample = new LinkedHashMap<>();
            sample.put("prompt", rollout.prompt());
            sample.put("response", rollout.response());
            sample.put("score", rollout.score());
            sample.put("ended", rollout.ended());
            context.sample(number, sample);
        }
    }
}
