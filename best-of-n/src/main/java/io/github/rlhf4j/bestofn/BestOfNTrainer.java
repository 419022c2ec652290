package io.github.rlhf4j.bestofn;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.github.rlhf4j.core.cluster.SharedModel;
import io.github.rlhf4j.core.math.RunningStatistics;
import io.github.rlhf4j.core.optim.LearningRateSchedule;
import io.github.rlhf4j.core.stage.StageContext;
import io.github.rlhf4j.core.stage.StageData;
import io.github.rlhf4j.core.stage.TrainingConfig;
import io.github.rlhf4j.core.train.ExampleOrder;
import io.github.rlhf4j.core.train.Examples;
import io.github.rlhf4j.core.train.ModelTrainer;
import io.github.rlhf4j.core.train.NextTokenLoss;
import io.github.rlhf4j.core.train.NonFinite;
import io.github.rlhf4j.core.train.StepMetrics;
import io.github.rlhf4j.core.train.StepResult;
import io.github.rlhf4j.core.train.WeightedObjective;
import io.github.rlhf4j.datasets.DataRecord;
import io.github.rlhf4j.datasets.RecordJson;
import io.github.rlhf4j.rollout.ResponseMetrics;
import io.github.rlhf4j.rollout.Rollout;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Best of n: keeps the best of several responses to each prompt. With rounds: RAFT (Dong et al. 2023, arXiv:2304.06767, algorithm 1).
 *
 * <pre>
 *  for each round, or once:
 *    for each batch of prompts:
 *      1. sample n responses to each prompt, and score them
 *      2. keep the best, as a row for later stages and as a demonstration
 *    with rounds, for each batch of demonstrations:
 *      3. one step of next-token loss on them
 * </pre>
 */
final class BestOfNTrainer {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final double[] UNKNOWN = {};
    private static final TypeReference<LinkedHashMap<String, Object>> OBJECT = new TypeReference<>() {};

    private final BestOfNConfig config;
    private final StageContext context;
    private final SampledAnswers answers;
    private final SharedModel policy;
    private final StageData data;
    private final Optional<ModelTrainer> trainer;
    private final NextTokenLoss loss;
    private final long rows;
    private final Curve curve;
    private final Choosers choosers;
    private final Kept kept = new Kept();

    /**
     * @param answers of the policy
     * @param policy the caller's
     * @param data where rows go
     * @param trainer of the policy; empty without rounds
     * @param loss of demonstrations
     * @param rows prompts of the dataset
     */
    BestOfNTrainer(
            BestOfNConfig config,
            StageContext context,
            SampledAnswers answers,
            SharedModel policy,
            StageData data,
            Optional<ModelTrainer> trainer,
            NextTokenLoss loss,
            long rows) {
        this.config = config;
        this.context = context;
        this.answers = answers;
        this.policy = policy;
        this.data = data;
        this.trainer = trainer;
        this.loss = loss;
        this.rows = rows;
        curve = new Curve(config.choice().numGenerations());
        choosers = new Choosers(config.choice().numGenerations(), answers.choosers());
        context.register("curve", curve);
        if (!answers.choosers().isEmpty()) {
            context.register("choosers", choosers);
        }
        context.register("kept", kept);
    }

    /** Steps of a round. */
    static long stepsOfRound(BestOfNConfig config, long rows) {
        return config.rounds().samplingSteps(rows, config.training().batchSize())
                + config.rounds().trainingSteps(rows, config.training());
    }

    /** One step, numbered from 1. */
    StepResult step(long number) {
        long round = (number - 1) / stepsOfRound(config, rows);
        long within = (number - 1) % stepsOfRound(config, rows);
        long sampling = config.rounds().samplingSteps(rows, config.training().batchSize());
        return within < sampling ? sample(number, round, within) : train(round, within - sampling);
    }

    private StepResult sample(long number, long round, long batch) {
        if (batch == 0) {
            curve.clear();
            choosers.clear();
            kept.clear();
        }
        long size = config.training().batchSize();
        long prompts = config.rounds().prompts(rows);
        int count = (int) Math.min(size, prompts - batch * size);

        // 1. Groups of responses, scored.
        List<Group> groups = answers.of(number, round * prompts + batch * size, count);

        // 2. The best of each.
        int rowsOfStep = 0;
        for (Group group : groups) {
            double[] measures = answers.measures(group);
            boolean isMeasured = Arrays.stream(measures).noneMatch(Double::isNaN); // a function may say nothing of some
            curve.add(group.scores(), isMeasured ? measures : UNKNOWN);
            choosers.add(group, isMeasured ? measures : UNKNOWN);
            Optional<DataRecord> row = row(group, round);
            row.ifPresent(known -> data.write(json(known)));
            if (row.isPresent() && config.rounds().train()) {
                kept.add(group.responses().get(group.best()));
            }
            rowsOfStep += row.isPresent() ? 1 : 0;
            log(number, group, measures, row.isPresent());
        }
        return StepResult.untrained(tokens(groups), metrics(groups, rowsOfStep));
    }

    private Optional<DataRecord> row(Group group, long round) {
        Map<String, Object> tags = config.rounds().train() ? Map.of("round", round + 1) : Map.of();
        return group.row(config.choice().select(), config.choice().minReward().orElse(Double.NEGATIVE_INFINITY), tags);
    }

    private static Map<String, Object> json(DataRecord row) {
        try {
            return JSON.readValue(RecordJson.toLine(row), OBJECT);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException(e);
        }
    }

    private static long tokens(List<Group> groups) {
        return groups.stream()
                .flatMap(group -> group.responses().stream())
                .mapToLong(rollout -> rollout.promptIds().length + rollout.tokens())
                .sum();
    }

    private StepMetrics metrics(List<Group> groups, int rowsOfStep) {
        List<Rollout> all =
                groups.stream().flatMap(group -> group.responses().stream()).toList();
        StepMetrics metrics = new StepMetrics();
        if (all.isEmpty()) { // no reward said anything
            return metrics;
        }
        RunningStatistics scores =
                RunningStatistics.of(all.stream().mapToDouble(Rollout::score).toArray());
        metrics.set("reward", scores.mean());
        metrics.set("reward_std", Math.sqrt(scores.sampleVariance()));
        ResponseMetrics.rewardMeans(all).forEach(metrics::set);
        metrics.set(
                "reward_of_best",
                groups.stream()
                        .mapToDouble(
                                group -> group.responses().get(group.best()).score())
                        .average()
                        .orElseThrow());
        long flat = groups.stream()
                .filter(group -> group.responses().get(group.best()).score()
                        == group.responses().get(group.worst()).score())
                .count();
        metrics.set("frac_reward_zero_std", (double) flat / groups.size());
        metrics.set("kept", (double) rowsOfStep / groups.size());
        metrics.set("completions/mean_length", ResponseMetrics.mean(all, Rollout::tokens));
        metrics.set("completions/clipped_ratio", ResponseMetrics.mean(all, rollout -> rollout.ended() ? 0 : 1));
        return metrics;
    }

    private void log(long number, Group group, double[] measures, boolean hasRow) {
        for (int i = 0; i < group.responses().size(); i++) {
            Rollout rollout = group.responses().get(i);
            Map<String, Object> sample = new LinkedHashMap<>();
            sample.put("prompt", rollout.answer().prompt());
            sample.put("response", rollout.answer().response());
            sample.put("score", rollout.score());
            sample.put("scores", rollout.knownScores());
            if (measures.length > 0 && !Double.isNaN(measures[i])) {
                sample.put("accuracy", measures[i]);
            }
            sample.put("best", hasRow && i == group.best());
            sample.put("length", rollout.tokens());
            sample.put("ended", rollout.ended());
            context.sample(number, sample);
        }
    }

    private StepResult train(long round, long step) {
        List<Kept.Demonstration> all = kept.list();
        if (all.isEmpty()) {
            if (step == 0) {
                context.warn(
                        "round " + (round + 1)
                                + " has kept no response, so nothing is trained in it; sample more of them (num_generations), or lower min_reward");
            }
            return StepResult.untrained(0, new StepMetrics());
        }
        ModelTrainer model = trainer.orElseThrow();
        TrainingConfig training = config.training();
        ExampleOrder<Kept.Demonstration> order = new ExampleOrder<>(
                Examples.of(all.size(), index -> all.get((int) index)),
                training.batchSize(),
                training.shuffle(),
                context.random().derive("order").derive(round));

        // 3. Forward, loss, backward, clip, update.
        LearningRateSchedule schedule =
                training.schedule(config.rounds().rounds() * config.rounds().trainingSteps(rows, training));
        List<Kept.Demonstration> batch = order.batch(step + 1);
        try {
            StepResult result = model.optimize(
                    List.of(WeightedObjective.of(
                            batch.stream().map(Kept.Demonstration::sequences).toList(), loss)),
                    training.learningRate() * schedule.factor(model.steps()),
                    metrics -> true);
            policy.changed();
            return result;
        } catch (NonFinite e) {
            throw e.at(i -> Map.of("kept_response_of_round", all.indexOf(batch.get(i))));
        }
    }

    /** What the last round's choices were worth, for summary.json and the report. */
    void summarize() {
        curve.means().forEach(context::summarize);
        choosers.means().forEach(context::summarize);
        Map<String, Object> points = new LinkedHashMap<>(Map.of("points", curve.points()));
        if (!answers.choosers().isEmpty()) {
            points.put("by", choosers.points());
        }
        context.summarize("curve", points);
    }
}
