package io.github.rlhf4j.dpo;

import io.github.rlhf4j.core.model.Transformer;
import io.github.rlhf4j.core.train.BatchScorer;
import io.github.rlhf4j.core.train.Examples;
import io.github.rlhf4j.core.train.StageContext.Evaluation;
import io.github.rlhf4j.core.train.StepMetrics;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** The loss and the metrics of training over held-out pairs, in batches of training's size; the loss is the mean over pairs of their batches' losses. */
final class DpoEvaluation implements Evaluation {
    private final Examples<DpoExample> examples;
    private final Reference reference;
    private final PreferenceObjective objective;
    private final BatchScorer scorer;
    private final int batchSize;

    DpoEvaluation(
            Examples<DpoExample> examples,
            Reference reference,
            PreferenceObjective objective,
            Transformer policy,
            DpoConfig config) {
        this.examples = examples;
        this.reference = reference;
        this.objective = objective;
        this.scorer = new BatchScorer(policy, config.training().optimizer(0).microBatchTokens(policy));
        this.batchSize = config.training().batchSize();
    }

    @Override
    public Map<String, Double> evaluate() {
        double loss = 0;
        StepMetrics metrics = new StepMetrics();
        for (long from = 0; from < examples.size(); from += batchSize) {
            List<DpoExample> batch = new ArrayList<>();
            for (long i = from; i < Math.min(from + batchSize, examples.size()); i++) {
                batch.add(examples.get(i));
            }
            BatchScorer.Evaluation result = scorer.evaluate(reference.complete(batch), objective);
            loss += result.loss() * batch.size() / examples.size();
            metrics.addAll(result.metrics());
        }
        Map<String, Double> values = new LinkedHashMap<>();
        values.put("loss", loss);
        values.putAll(metrics.values());
        return values;
    }
}
