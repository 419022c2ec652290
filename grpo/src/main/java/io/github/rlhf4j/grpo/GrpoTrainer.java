package io.github.rlhf4j.grpo;

import io.github.rlhf4j.core.cluster.SharedModel;
import io.github.rlhf4j.core.stage.FollowingModel;
import io.github.rlhf4j.core.stage.StageContext;
import io.github.rlhf4j.core.stage.StageLoop;
import io.github.rlhf4j.core.train.ModelTrainer;
import io.github.rlhf4j.core.train.StepMetrics;
import io.github.rlhf4j.core.train.StepResult;
import io.github.rlhf4j.core.train.WeightedObjective;
import io.github.rlhf4j.rollout.KlEstimator;
import io.github.rlhf4j.rollout.Rollout;
import io.github.rlhf4j.rollout.RolloutEngine;
import io.github.rlhf4j.rollout.SamplingDifference;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Group relative policy optimisation (Shao et al. 2024, arXiv:2402.03300) and its kin. The algorithm, in the order of the paper; {@link GrpoStage} loads what it needs.
 *
 * <pre>
 *  for each step:
 *    where the responses of the last generation are used up:
 *      1. sample a group of responses to each prompt, and score them
 *      2. log-probs under the reference, and under the policy where it will have changed when they are used
 *      3. advantages: the distance from the group's mean
 *      4. log
 *    5. one update on the step's groups
 *    6. what follows the policy
 * </pre>
 */
final class GrpoTrainer implements AutoCloseable {
    private static final double TOLERANCE = 1e-4; // nats a token

    private final GrpoConfig config;
    private final StageContext context;
    private final Groups groups;
    private final RolloutEngine engine;
    private final SharedModel policy;
    private final Optional<SharedModel> reference;
    private final Optional<FollowingModel> following;
    private final ModelTrainer trainer;
    private final GrpoLoss loss;
    private final GenerationBatch batch = new GenerationBatch();

    /**
     * @param loop whose checkpoints keep what changes here
     * @param groups where responses and their scores come from
     * @param engine of the policy
     * @param policy the caller's, closed after this, as is the reference
     */
    GrpoTrainer(
            GrpoConfig config,
            StageContext context,
            StageLoop<?> loop,
            Groups groups,
            RolloutEngine engine,
            SharedModel policy,
            Optional<SharedModel> reference) {
        this.config = config;
        this.context = context;
        this.groups = groups;
        this.engine = engine;
        this.policy = policy;
        this.reference = reference;
        trainer = loop.trainer("policy", policy.model(), config.training().learningRate());
        loss = config.loss().with(config.reference());
        context.register("generation", batch);
        following = reference.flatMap(model -> config.reference().sync().follow(model, policy.model(), context));
    }

    /** One optimiser step, numbered from 1. */
    StepResult step(long number) {
        StepMetrics metrics = new StepMetrics();
        long used = (number - 1) % config.generation().generateEvery();
        long tokens = used == 0 ? generate(number, metrics) : 0;

        // 5. One update on the step's groups.
        List<List<Completion>> step =
                batch.groups((int) (used % config.generation().stepsPerGeneration()));
        GrpoObjective objective = new GrpoObjective(
                loss,
                config.generation().temperature(),
                batch.tokensPerStep(),
                config.generation().maxCompletionLength());
        StepResult result = trainer.optimize(
                List.of(WeightedObjective.of(Completions.cut(step, trainer.microBatchTokens()), objective)));
        if (used == config.generation().generateEvery() - 1) {
            batch.clear();
        }

        // 6. What follows the policy.
        policy.changed();
        following.ifPresent(model -> model.afterStep(number));

        metrics.addAll(result.metrics());
        result.metrics().gathered(GrpoObjective.PolicyPart.class).ifPresent(part -> {
            metrics.set("policy_loss", part.loss());
            metrics.set("entropy_coef", loss.entropyCoef());
        });
        return new StepResult(result.loss(), result.gradientNorm(), result.learningRate(), tokens, metrics);
    }

    /** Steps 1 to 4; returns the tokens of all sequences. */
    private long generate(long number, StepMetrics metrics) {
        GenerationConfig generation = config.generation();
        long count = (number - 1) / generation.generateEvery();

        // 1. Groups of responses, scored.
        List<List<List<Rollout>>> sampled =
                groups.next(count + 1, count * generation.stepsPerGeneration() + 1, generation.stepsPerGeneration());
        List<List<Rollout>> all = sampled.stream().flatMap(List::stream).toList();

        // 2. Log-probs under the policy as it is, and under the reference.
        List<Rollout> rollouts = Rollout.flat(all);
        if (generation.reuses() || number == 1) {
            rollouts = engine.withTrainerLogProbs(rollouts);
        }
        if (reference.isPresent()) {
            rollouts = engine.withRefLogProbs(rollouts, reference.get());
        }
        if (number == 1) {
            check(rollouts);
        }

        // 3. The advantage of a response: its reward's distance from the group's mean.
        List<double[]> rewards = all.stream()
                .map(group -> group.stream().mapToDouble(Rollout::score).toArray())
                .toList();
        List<double[]> advantages = config.rewards().scaleRewards().advantages(rewards);
        batch.replace(completions(sampled, rollouts, advantages));

        // 4. Log.
        GroupMetrics.set(metrics, rollouts, config.rewards().scaleRewards().shareWithoutSpread(rewards));
        log(number, rollouts, advantages);
        return rollouts.stream()
                .mapToLong(rollout -> rollout.promptIds().length + rollout.tokens())
                .sum();
    }

    /**
     * What the policy learns from, in the order of the groups.
     *
     * @param rollouts the same responses with their log-probs
     */
    private List<List<List<Completion>>> completions(
            List<List<List<Rollout>>> sampled, List<Rollout> rollouts, List<double[]> advantages) {
        List<List<List<Completion>>> steps = new ArrayList<>();
        int next = 0;
        int group = 0;
        for (List<List<Rollout>> step : sampled) {
            List<List<Completion>> groupsOfStep = new ArrayList<>();
            for (List<Rollout> members : step) {
                List<Completion> completions = new ArrayList<>();
                for (int i = 0; i < members.size(); i++, next++) {
                    Rollout rollout = rollouts.get(next);
                    boolean masked = config.generation().maskTruncatedCompletions() && !rollout.ended();
                    completions.add(Completion.of(
                            rollout,
                            advantages.get(group)[i],
                            config.generation().reuses(),
                            masked));
                }
                groupsOfStep.add(completions);
                group++;
            }
            steps.add(groupsOfStep);
        }
        return steps;
    }

    private void check(List<Rollout> rollouts) {
        double tolerance = TOLERANCE * Math.max(1, 1 / config.generation().temperature());
        if (config.rollouts().isEmpty()) {
            double largest = SamplingDifference.of(rollouts).largest();
            context.selfCheck(
                    "sampler and trainer agree",
                    largest <= tolerance,
                    "a token's log-prob differs by at most %.1e nats (allowed %.0e)".formatted(largest, tolerance));
        }
        if (reference.isPresent() && config.reference().isStart(config.model())) {
            double largest = 0;
            for (Rollout rollout : rollouts) {
                SamplingDifference difference = SamplingDifference.of(rollout.trainerLogProbs(), rollout.refLogProbs());
                largest = Math.max(largest, difference.largest());
            }
            context.selfCheck(
                    "KL to the reference is 0",
                    largest <= tolerance,
                    "%.1e nats a token at most before the first update".formatted(largest));
        }
    }

    private void log(long number, List<Rollout> rollouts, List<double[]> advantages) {
        long lines = config.generation().numCompletionsToPrint().orElse(Integer.MAX_VALUE);
        int next = 0;
        for (double[] group : advantages) {
            for (double advantage : group) {
                if (next < lines) {
                    context.sample(number, sample(rollouts.get(next), advantage));
                }
                next++;
            }
        }
    }

    private static Map<String, Object> sample(Rollout rollout, double advantage) {
        Map<String, Object> sample = new LinkedHashMap<>();
        sample.put("prompt", rollout.answer().prompt());
        sample.put("response", rollout.answer().response());
        sample.put("score", rollout.score());
        sample.put("scores", rollout.scores());
        sample.put("advantage", advantage);
        if (rollout.refLogProbs().length > 0) {
            sample.put("kl", kl(rollout));
        }
        sample.put("length", rollout.tokens());
        sample.put("ended", rollout.ended());
        return sample;
    }

    /** The mean over its tokens of k3, nats. */
    private static double kl(Rollout rollout) {
        double[] logProbs = rollout.oldLogProbs();
        double sum = 0;
        for (int t = 0; t < logProbs.length; t++) {
            sum += KlEstimator.K3.value(logProbs[t] - rollout.refLogProbs()[t]);
        }
        return sum / logProbs.length;
    }

    @Override
    public void close() {
        trainer.close();
    }
}
