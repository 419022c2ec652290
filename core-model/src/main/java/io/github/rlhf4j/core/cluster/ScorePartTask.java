package io.github.rlhf4j.core.cluster;

import io.github.rlhf4j.core.train.BatchScorer;
import io.github.rlhf4j.core.train.ScorePart;
import java.util.List;

/**
 * Reads log-probs and head values of whole micro-batches of a score.
 *
 * @param model the scorer
 * @param temperature divides the logits, > 0
 * @param microBatchTokens rows at once; 0 chooses by the size of the model
 */
public record ScorePartTask(ModelVersion model, double temperature, int microBatchTokens)
        implements Task<ScorePart, List<List<BatchScorer.Scored>>> {
    @Override
    public List<List<BatchScorer.Scored>> run(ScorePart part, Worker worker) {
        return worker.scorer(model, microBatchTokens).score(part, temperature);
    }
}
