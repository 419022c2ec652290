package io.github.rlhf4j.dpo;

import io.github.rlhf4j.core.model.Transformer;
import io.github.rlhf4j.core.stage.StageContext.Evaluation;
import io.github.rlhf4j.core.stage.TrainingConfig;
import io.github.rlhf4j.core.train.BatchScorer;
import io.github.rlhf4j.core.train.Examples;
import io.github.rlhf4j.core.train.Objective;
import io.github.rlhf4j.core.train.StepMetrics;
import java.util.ArrayList;
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
    private final Examples<WithRefLogProbs<T>> examples;
    private final Reference<T> reference;
    private final Function<List<WithRefLogProbs<T>>, Objective<WithRefLogProbs<T>>> objective;
    private final BatchScorer scorer;
    private final int batchSize;

    /** @param objective of a batch */
    PreferenceEvaluation(
            Examples<WithRefLogProbs<T>> examples,
            Reference<T> reference,
            Function<List<WithRefLogProbs<T>>, Objective<WithRefLogProbs<T>>> objective,
            Transformer policy,
            TrainingConfig training) {
        this.examples = examples;
        this.reference = reference;
        this.objective = objective;
        this.scorer = new BatchScorer(policy, training.optimizer(0).microBatchTokens(policy));
        this.batchSize = training.batchSize();
    }

    @Override
    public Map<String, Double> evaluate() {
        double loss = 0;
        StepMetrics metrics = new StepMetrics();
        for (long from = 0; from < examples.size(); from += batchSize) {
            List<WithRefLogProbs<T>> batch = new ArrayList<>();
            for (long i = from; i < Math.min(from + batchSize, examples.size()); i++) {
                batch.add(examples.get(i));
            }
            List<WithRefLogProbs<T>> complete = reference.complete(batch);
            BatchScorer.Evaluation result = scorer.evaluate(complete, objective.apply(complete));
            loss += result.loss() * batch.size() / examples.size();
            metrics.addAll(result.metrics());
        }
        Map<String, Double> values = new LinkedHashMap<>();
        values.put("loss", loss);
        values.putAll(metrics.values());
        return values;
    }
}
