package io.github.rlhf4j.grpo;

import io.github.rlhf4j.core.cluster.SharedModel;
import io.github.rlhf4j.core.stage.FollowingModel;
import io.github.rlhf4j.core.stage.StageContext;
import io.github.rlhf4j.core.stage.StageLoop;
import io.github.rlhf4j.core.train.ModelTrainer;
import io.github.rlhf4j.core.train.NonFinite;
import io.github.rlhf4j.core.train.StepMetrics;
import io.github.rlhf4j.core.train.StepResult;
import io.github.rlhf4j.core.train.WeightedObjective;
import io.github.rlhf4j.rollout.ImportanceWeights;
import io.github.rlhf4j.rollout.Rollout;
import io.github.rlhf4j.rollout.RolloutEngine;
import io.github.rlhf4j.rollout.RolloutNumbers;
import io.github.rlhf4j.rollout.SamplingDifference;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * The loop of the methods that learn from groups of responses: group relative policy optimisation (Shao et al. 2024, arXiv:2402.03300) with its kin, and RLOO (Ahmadian et al. 2024, arXiv:2402.14740). {@link GroupRun} loads what
 * it needs, a {@link GroupMethod} knows advantages and loss.
 *
 * <pre>
 *  for each step:
 *    where the responses of the last generation are used up:
 *      1. sample a group of responses to each prompt, and score them
 *      2. log-probs under the reference, and under the policy where it will have changed when they are used
 *      3. advantages: how a response compares with the others of its group
 *      4. log
 *    5. one update on the step's groups
 *    6. what follows the policy
 * </pre>
 */
final class GroupTrainer implements AutoCloseable {
    private static final double TOLERANCE = 1e-4; // nats a token

    private final GroupConfig config;
    private final GroupMethod method;
    private final StageContext context;
    private final StageLoop<?> loop;
    private final Groups groups;
    private final RolloutEngine engine;
    private final SharedModel policy;
    private final Optional<SharedModel> reference;
    private final Optional<FollowingModel> following;
    private final ModelTrainer trainer;
    private final GenerationBatch batch = new GenerationBatch();

    /**
     * @param loop whose checkpoints keep what changes here
     * @param groups where responses and their scores come from
     * @param engine of the policy
     * @param policy the caller's, closed after this, as is the reference
     */
    GroupTrainer(
            GroupConfig config,
            GroupMethod method,
            StageContext context,
            StageLoop<?> loop,
            Groups groups,
            RolloutEngine engine,
            SharedModel policy,
            Optional<SharedModel> reference) {
        this.config = config;
        this.method = method;
        this.context = context;
        this.loop = loop;
        this.groups = groups;
        this.engine = engine;
        this.policy = policy;
        this.reference = reference;
        loop.learningFrom(
                step -> firstBatch(step) + used(step) % config.generation().stepsPerGeneration());
        trainer = loop.trainer("policy", policy.model(), config.training().learningRate());
        context.register("generation", batch);
        following = reference.flatMap(model -> config.reference().sync().follow(model, policy.model(), context));
    }

    /** One optimiser step, numbered from 1. */
    StepResult step(long number) {
        try {
            return learn(number);
        } catch (NonFinite e) {
            finish(number);
            throw e;
        }
    }

    private StepResult learn(long number) {
        StepMetrics metrics = new StepMetrics();
        long tokens = used(number) == 0 ? generate(number, metrics) : 0;
        if (batch.isEmpty()) { // its generation had numbers that were not finite
            finish(number);
            return StepResult.untrained(tokens, metrics);
        }

        // 5. One update on the step's groups, while what a later generation takes is sampled elsewhere.
        if (used(number) == 0) {
            groups.ahead(generation(number) + 1);
        }
        StepResult result = optimize(number);

        // 6. What follows the policy.
        policy.changed();
        finish(number);

        metrics.addAll(result.metrics());
        method.reportUpdate(result.metrics(), metrics);
        return new StepResult(result.loss(), result.gradientNorm(), result.learningRate(), tokens, metrics);
    }

    /** Steps that have used the generation before this one. */
    private long used(long number) {
        return (number - 1) % config.generation().generateEvery();
    }

    /** Generations before that of a step. */
    private long generation(long number) {
        return (number - 1) / config.generation().generateEvery();
    }

    /** The number of the first batch of prompts of a step's generation, from 1. */
    private long firstBatch(long number) {
        return generation(number) * config.generation().stepsPerGeneration() + 1;
    }

    private StepResult optimize(long number) {
        int at = (int) (used(number) % config.generation().stepsPerGeneration());
        List<List<Completion>> step = batch.groups(at);
        List<Completions> parts = Completions.cut(step, trainer.microBatchTokens());
        try {
            return trainer.optimize(List.of(WeightedObjective.of(parts, method.objective(batch))));
        } catch (NonFinite e) {
            Function<Groups.Row, Map<String, Object>> rows = Groups.Row.described(loop);
            throw e.at(part -> rows.apply(groups.row(firstBatch(number), at, groupOf(step, parts.get(part)))));
        }
    }

    private static int groupOf(List<List<Completion>> step, Completions part) {
        int group = 0;
        while (!step.get(group).contains(part.list().get(0))) {
            group++;
        }
        return group;
    }

    private void finish(long number) {
        if (used(number) == 0) {
            groups.ahead(generation(number) + 1); // also where numbers were not finite before that
        }
        if (used(number) == config.generation().generateEvery() - 1) {
            batch.clear();
        }
        following.ifPresent(model -> model.afterStep(number));
    }

    /** Steps 1 to 4; returns the tokens of all sequences. */
    private long generate(long number, StepMetrics metrics) {
        GenerationConfig generation = config.generation();
        batch.clear();

        // 1. Groups of responses, scored.
        Groups.Generation drawn =
                groups.next(generation(number) + 1, firstBatch(number), generation.stepsPerGeneration());
        List<List<Rollout>> sampled = drawn.groups();

        // 2. Log-probs under the policy as it is, and under the reference.
        List<Rollout> rollouts = Rollout.flat(sampled);
        if (generation.reuses() || isOffPolicy() || number == 1 || method.advantagesNeedLogProbs()) {
            rollouts = engine.withTrainerLogProbs(rollouts);
        }
        if (reference.isPresent()) {
            rollouts = engine.withRefLogProbs(rollouts, reference.get());
        }
        List<Rollout> scored = rollouts;
        named(number, drawn, () -> RolloutNumbers.requireFinite(scored));
        if (number == 1) {
            check(rollouts);
        }

        // 3. The advantage of a response, from the rewards of its group.
        List<List<Rollout>> known =
                SampledGroups.cut(rollouts, sampled.stream().map(List::size).toList());
        GroupAdvantages advantages = method.advantages(known);
        named(
                number,
                drawn,
                () -> RolloutNumbers.requireFinite(
                        scored,
                        "advantage",
                        advantages.list().stream()
                                .flatMapToDouble(Arrays::stream)
                                .mapToObj(advantage -> new double[] {advantage})
                                .toList()));
        batch.replace(completions(drawn.steps(), known, advantages.list()));

        // 4. Log.
        List<Rollout> all = new ArrayList<>(rollouts);
        all.addAll(Rollout.flat(drawn.leftOut()));
        GroupMetrics.set(metrics, all);
        metrics.set("frac_reward_zero_std", advantages.shareWithoutSpread());
        method.reportGroups(known, metrics);
        if (generation.staleness() > 0) {
            metrics.set("sample/staleness_mean", groups.staleness(generation(number) + 1));
        }
        if (isOffPolicy()) {
            SamplingDifference.of(rollouts).named().forEach(metrics::set);
            ImportanceWeights.metrics(rollouts.stream().map(this::importance).toList())
                    .forEach(metrics::set);
        }
        if (config.dynamicSampling().filterGroups()) {
            metrics.set("num_gen_batches", (double) all.size() / rollouts.size());
            metrics.set("filtered_groups", drawn.leftOut().size());
        }
        log(number, all, advantages.list());
        return all.stream()
                .mapToLong(rollout -> rollout.promptIds().length + rollout.tokens())
                .sum();
    }

    /** Whether the sampler is another policy than the one that learns. */
    private boolean isOffPolicy() {
        return config.generation().staleness() > 0 || config.sampler().isRounded();
    }

    /** How much likelier the policy makes a response's tokens than their sampler did; as it weighs in the loss where the sampler is rounded. */
    private double[] importance(Rollout rollout) {
        double[] trainer = rollout.trainerLogProbs();
        double[] sampler = rollout.samplerLogProbs();
        return config.sampler().isRounded()
                ? config.sampler().weights(trainer, sampler)
                : ImportanceWeights.of(trainer, sampler, Double.POSITIVE_INFINITY);
    }

    /** A check of all roll-outs that were drawn, whose failure names their rows. */
    private void named(long number, Groups.Generation drawn, Runnable check) {
        try {
            check.run();
        } catch (NonFinite e) {
            Function<Groups.Row, Map<String, Object>> rows = Groups.Row.described(loop);
            throw e.at(place -> {
                int group = SampledGroups.groupOf(drawn.groups(), place);
                int step = SampledGroups.groupOf(drawn.steps(), group);
                int before = drawn.steps().subList(0, step).stream()
                        .mapToInt(List::size)
                        .sum();
                return rows.apply(groups.row(firstBatch(number), step, group - before));
            });
        }
    }

    /**
     * What the policy learns from, by step.
     *
     * @param sampled by step
     * @param known the same groups with their log-probs
     */
    private List<List<List<Completion>>> completions(
            List<List<List<Rollout>>> sampled, List<List<Rollout>> known, List<double[]> advantages) {
        List<List<Completion>> completions = new ArrayList<>();
        for (int group = 0; group < known.size(); group++) {
            List<Completion> members = new ArrayList<>();
            for (int i = 0; i < known.get(group).size(); i++) {
                members.add(completion(known.get(group).get(i), advantages.get(group)[i]));
            }
            completions.add(members);
        }
        return SampledGroups.cut(completions, sampled.stream().map(List::size).toList());
    }

    private Completion completion(Rollout rollout, double advantage) {
        boolean masked = config.generation().maskTruncatedCompletions() && !rollout.ended();
        boolean takesTrainers = config.generation().reuses() || config.sampler().isRounded();
        Completion completion = Completion.of(rollout, advantage, takesTrainers, masked);
        return config.generation().staleness() > 0 ? completion.fromSampler() : completion;
    }

    private void check(List<Rollout> rollouts) {
        double tolerance = TOLERANCE * Math.max(1, 1 / config.generation().temperature());
        if (config.rollouts().isEmpty() && !config.sampler().isRounded()) {
            SamplingDifference.of(rollouts).selfCheck(context, tolerance);
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

    private void log(long number, List<Rollout> all, List<double[]> advantages) {
        double[] ofLearnt = advantages.stream().flatMapToDouble(Arrays::stream).toArray();
        long lines = config.generation().numCompletionsToPrint().orElse(Integer.MAX_VALUE);
        for (int i = 0; i < Math.min(lines, all.size()); i++) {
            OptionalDouble advantage = i < ofLearnt.length ? OptionalDouble.of(ofLearnt[i]) : OptionalDouble.empty();
            context.sample(number, sample(all.get(i), advantage));
        }
    }

    /** @param advantage absent where it is filtered */
    private Map<String, @Nullable Object> sample(Rollout rollout, OptionalDouble advantage) {
        Map<String, @Nullable Object> sample = new LinkedHashMap<>();
        sample.put("prompt", rollout.answer().prompt());
        sample.put("response", rollout.answer().response());
        sample.put("score", rollout.isScored() ? rollout.score() : null);
        sample.put("scores", rollout.scoresOrNull());
        if (advantage.isEmpty()) {
            sample.put("filtered", true);
        } else {
            sample.put("advantage", advantage.getAsDouble());
            if (rollout.refLogProbs().length > 0) {
                sample.put("kl", method.kl(rollout));
            }
        }
        sample.put("length", rollout.tokens());
        sample.put("ended", rollout.ended());
        if (config.generation().logTokens()) {
            sample.put("tokens", engine.tokens(rollout, advantage));
        }
        return sample;
    }

    @Override
    public void close() {
        trainer.close();
    }
}
