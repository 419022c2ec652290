package io.github.rlhf4j.dpo;

import io.github.rlhf4j.core.model.Transformer;
import io.github.rlhf4j.core.stage.LeftOutRows;
import io.github.rlhf4j.core.stage.StageContext.Evaluation;
import io.github.rlhf4j.core.stage.TrainingConfig;
import io.github.rlhf4j.core.train.BatchScorer;
import io.github.rlhf4j.core.train.Objective;
import io.github.rlhf4j.core.train.StepMetrics;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;

/**
 * The loss and the metrics of training over held-out examples, in batches of training's size; the loss is the mean over examples of their batches' losses.
 *
 * @param <T> the example
 */
final class PreferenceEvaluation<T> implements Evaluation {
    private final HeldOut<T> held;
    private final ObjectiveOfBatch<T> objective;
    private final Transformer policy;
    private final TrainingConfig training;
    private final Consumer<String> warn;

    /** What a batch is measured by; it tells {@code comparisons} of those that it makes. */
    @FunctionalInterface
    interface ObjectiveOfBatch<T> {
        Objective<WithRefLogProbs<T>> of(List<WithRefLogProbs<T>> batch, Comparisons comparisons);
    }

    /** @param warn takes a line about rows that are left out */
    PreferenceEvaluation(
            HeldOut<T> held,
            ObjectiveOfBatch<T> objective,
            Transformer policy,
            TrainingConfig training,
            Consumer<String> warn) {
        this.held = held;
        this.objective = objective;
        this.policy = policy;
        this.training = training;
        this.warn = warn;
    }

    @Override
    public Map<String, Double> evaluate() {
        LeftOutRows leftOut = new LeftOutRows(training, held.examples(), warn);
        BatchScorer scorer = new BatchScorer(policy, training.optimizer(0).microBatchTokens(policy));
        int batchSize = training.batchSize();
        double loss = 0;
        StepMetrics metrics = new StepMetrics();
        PairAccuracy accuracy = new PairAccuracy();
        for (long from = 0; from < held.size(); from += batchSize) {
            List<WithRefLogProbs<T>> batch = held.range(from, Math.min(from + batchSize, held.size()));
            long before = leftOut.kept();
            List<Consumer<Comparisons>> compared = new ArrayList<>(); // by the evaluation that counts
            BatchScorer.Evaluation result = leftOut.evaluate(batch, from, some -> {
                compared.clear();
                return scorer.evaluate(
                        some,
                        objective.of(
                                some, (prompt, right, all) -> compared.add(counts -> counts.add(prompt, right, all))));
            });
            long kept = batch.size() - (before - leftOut.kept());
            if (kept > 0) {
                compared.forEach(comparison -> comparison.accept(accuracy));
                loss += result.loss() * kept / held.size();
                metrics.addAll(result.metrics());
            }
        }
        Map<String, Double> values = new LinkedHashMap<>();
        values.put("loss", leftOut.kept() == held.size() ? loss : loss * held.size() / leftOut.kept());
        values.putAll(metrics.values());
        accuracy.standardError().ifPresent(error -> values.put("rewards/accuracies_se", error));
        leftOut.report(values);
        return values;
    }
}
