package io.github.rlhf4j.dpo;

import io.github.rlhf4j.core.model.Transformer;
import io.github.rlhf4j.core.stage.StageContext.Evaluation;
import io.github.rlhf4j.core.stage.TrainingConfig;
import io.github.rlhf4j.core.train.BatchScorer;
import io.github.rlhf4j.core.train.Objective;
import io.github.rlhf4j.core.train.StepMetrics;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;

/**
 * The loss and the metrics of training over held-out examples, in batches of training's size; the loss is the mean over examples of their batches' losses.
 *
 * @param <T> the example
 */
final class PreferenceEvaluation<T> implements Evaluation {
    private final HeldOut<T> held;
    private final Function<List<WithRefLogProbs<T>>, Objective<WithRefLogProbs<T>>> objective;
    private final BatchScorer scorer;
    private final int batchSize;

    /** @param objective of a batch */
    PreferenceEvaluation(
            HeldOut<T> held,
            Function<List<WithRefLogProbs<T>>, Objective<WithRefLogProbs<T>>> objective,
            Transformer policy,
            TrainingConfig training) {
        this.held = held;
        this.objective = objective;
        this.scorer = new BatchScorer(policy, training.optimizer(0).microBatchTokens(policy));
        this.batchSize = training.batchSize();
    }

    @Override
    public Map<String, Double> evaluate() {
        double loss = 0;
        StepMetrics metrics = new StepMetrics();
        for (long from = 0; from < held.size(); from += batchSize) {
            List<WithRefLogProbs<T>> batch = held.range(from, Math.min(from + batchSize, held.size()));
            BatchScorer.Evaluation result = scorer.evaluate(batch, objective.apply(batch));
            loss += result.loss() * batch.size() / held.size();
            metrics.addAll(result.metrics());
        }
        Map<String, Double> values = new LinkedHashMap<>();
        values.put("loss", loss);
        values.putAll(metrics.values());
        return values;
    }
}
