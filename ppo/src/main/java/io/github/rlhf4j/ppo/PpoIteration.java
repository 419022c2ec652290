package io.github.rlhf4j.ppo;

import io.github.rlhf4j.core.CounterRandom;
import io.github.rlhf4j.core.stage.StageContext;
import io.github.rlhf4j.core.train.Permutation;
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

    /**
     * What the updates of an iteration did.
     *
     * @param all of them in order, skipped ones too
     * @param stopped the epoch that target_kl stopped
     */
    private record Updates(List<PpoUpdater.Update> all, Optional<Integer> stopped) {
        List<PpoUpdater.Update> done() {
            return all.stream().filter(update -> !update.skipped()).toList();
        }

        long tokens() {
            return done().stream().mapToLong(PpoUpdater.Update::tokens).sum();
        }

        /** Of the last mini-batch. */
        double gradientNorm() {
            List<PpoUpdater.Update> done = done();
            return done.isEmpty() ? 0 : done.get(done.size() - 1).gradientNorm();
        }

        /** Mean over mini-batches of all that is minimised. */
        double loss() {
            return done().stream()
                    .mapToDouble(PpoUpdater.Update::loss)
                    .average()
                    .orElse(0);
        }
    }

    private Updates update(long number, List<Rollout> rollouts, CounterRandom random) {
        List<PpoUpdater.Update> updates = new ArrayList<>();
        int size = (rollouts.size() + config.numMiniBatches() - 1) / config.numMiniBatches();
        long updatesBefore = (number - 1) * config.numPpoEpochs() * config.numMiniBatches();
        for (int epoch = 0; epoch < config.numPpoEpochs(); epoch++) {
            List<Rollout> shuffled = shuffled(rollouts, random.derive(epoch));
            for (int from = 0; from < shuffled.size(); from += size) {
                List<Rollout> miniBatch = shuffled.subList(from, Math.min(from + size, shuffled.size()));
                long update = updatesBefore + (long) epoch * config.numMiniBatches() + from / size + 1;
                PpoUpdater.Update done = updater.update(miniBatch, number, update);
                updates.add(done);
                if (done.skipped()) {
                    context.warn("iteration %d: a mini-batch was skipped, its mean ratio %.3g exceeds max_ratio %s"
                            .formatted(number, done.statistics().meanRatio(), config.maxRatio()));
                } else if (config.targetKl() > 0 && done.statistics().approxKl() > config.targetKl()) {
                    return new Updates(updates, Optional.of(epoch + 1));
                }
            }
        }
        return new Updates(updates, Optional.empty());
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
        ResponseMetrics.named(experience.rollouts()).forEach(metrics::set);
        sampling(experience, updates).forEach(metrics::set);
        if (!updates.done().isEmpty()) {
            UpdateMetrics.named(updates.done().stream()
                            .map(PpoUpdater.Update::statistics)
                            .toList())
                    .forEach(metrics::set);
        }
        otherTerms(updates.done()).forEach(metrics::set);
        metrics.set(
                "policy/skipped_minibatches",
                updates.all().size() - updates.done().size());
        updates.stopped().ifPresent(epoch -> metrics.set("policy/stopped_epoch", epoch));
        metrics.set("objective/kl_coef", klCoef);
        double learningRate = updater.learningRate(number);
        metrics.set("lr", learningRate);
        metrics.set("episode", state.episodes());
        return new StepResult(updates.loss(), updates.gradientNorm(), learningRate, updates.tokens(), metrics);
    }

    /** How far sampler and trainer are apart: over all tokens where those log-probs were computed, else over the first mini-batch's, whose forward pass comes before any update. */
    private static Map<String, Double> sampling(RolloutCollector.Experience experience, Updates updates) {
        RolloutCollector.OldLogProbs old = experience.oldLogProbs();
        Map<String, Double> metrics = new LinkedHashMap<>(old.difference()
                .orElseGet(() -> updates.all().get(0).statistics().difference())
                .named());
        old.weights().ifPresent(weights -> metrics.putAll(weights.named()));
        return metrics;
    }

    /** What the policy's other terms report: a mixture's router loss, and PPO-ptx's loss and what SFT reports beside it, as {@code ptx/}. */
    private static Map<String, Double> otherTerms(List<PpoUpdater.Update> updates) {
        StepMetrics all = new StepMetrics();
        updates.forEach(update -> all.addAll(update.metrics()));
        Map<String, Double> named = new LinkedHashMap<>();
        all.values().forEach((name, value) -> {
            boolean own = name.equals("aux_loss") || name.equals(PretrainingLoss.NAME);
            named.put(own ? name : "ptx/" + name, value);
        });
        return named;
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
