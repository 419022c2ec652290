package io.github.rlhf4j.ppo;

import io.github.rlhf4j.core.model.TokenSequence;
import io.github.rlhf4j.core.train.BatchScorer;
import io.github.rlhf4j.core.train.ExampleOrder;
import io.github.rlhf4j.core.train.ModelTrainer;
import io.github.rlhf4j.core.train.StepMetrics;
import io.github.rlhf4j.core.train.StepResult;
import io.github.rlhf4j.core.train.WeightedObjective;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Updates policy and value model on mini-batches: one optimiser step each, or one together where they share a trunk. */
final class PpoUpdater {
    private final PpoConfig config;
    private final PpoLoss loss;
    private final ModelTrainer policy;
    private final Optional<ModelTrainer> value;
    private final Optional<ExampleOrder<List<TokenSequence>>> ptx;
    private final int endToken;

    /** @param ptx the pre-training examples of PPO-ptx */
    PpoUpdater(
            PpoConfig config,
            ModelTrainer policy,
            Optional<ModelTrainer> value,
            Optional<ExampleOrder<List<TokenSequence>>> ptx,
            int endToken) {
        this.config = config;
        this.loss = config.loss();
        this.policy = policy;
        this.value = value;
        this.ptx = ptx;
        this.endToken = endToken;
    }

    /** What a mini-batch did; skipped: its mean ratio exceeds max_ratio and nothing changed. */
    record Update(
            PpoStatistics statistics,
            boolean skipped,
            double loss,
            double gradientNorm,
            long tokens,
            StepMetrics metrics) {}

    /**
     * One mini-batch.
     *
     * @param iteration from 1: the learning rates are those of the schedules at this iteration
     * @param number of this mini-batch in the whole run, from 1
     */
    Update update(List<Rollout> miniBatch, long iteration, long number) {
        PpoObjective.Part part = value.isPresent() ? PpoObjective.Part.POLICY : PpoObjective.Part.BOTH;
        List<WeightedObjective<?>> terms = new ArrayList<>();
        terms.add(WeightedObjective.of(miniBatch, new PpoObjective(loss, part, config.temperature())));
        ptx.ifPresent(order -> terms.add(
                new WeightedObjective<>(order.batch(number), new PretrainingLoss(endToken), config.ptxCoef())));
        StepResult step =
                policy.optimize(terms, policy.learningRate(iteration - 1), metrics -> accepts(statistics(metrics)));
        PpoStatistics statistics = statistics(step.metrics());
        boolean skipped = !accepts(statistics);
        double total = step.loss();
        if (!skipped && value.isPresent()) {
            ModelTrainer model = value.get();
            StepResult ofValue = model.optimize(
                    List.of(WeightedObjective.of(miniBatch, new PpoObjective(loss, PpoObjective.Part.VALUE, 1))),
                    model.learningRate(iteration - 1),
                    metrics -> true);
            statistics = statistics.merge(statistics(ofValue.metrics()));
            total += ofValue.loss();
        }
        return new Update(statistics, skipped, total, step.gradientNorm(), step.tokens(), step.metrics());
    }

    /** A ratio that is not a number is no reason to skip: the step then says that the loss is not finite. */
    private boolean accepts(PpoStatistics statistics) {
        return !(statistics.meanRatio() > config.maxRatio());
    }

    private static PpoStatistics statistics(StepMetrics metrics) {
        return metrics.gathered(PpoStatistics.class).orElse(PpoStatistics.EMPTY);
    }

    /** The statistics of roll-outs under the policy as it is, without an update. */
    PpoStatistics evaluate(List<Rollout> rollouts) {
        PpoObjective objective = new PpoObjective(loss, PpoObjective.Part.POLICY, config.temperature());
        return statistics(new BatchScorer(policy.model(), policy.microBatchTokens())
                .evaluate(rollouts, objective)
                .metrics());
    }

    /** The policy's learning rate in an iteration. */
    double learningRate(long iteration) {
        return policy.learningRate(iteration - 1);
    }
}
