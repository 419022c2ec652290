package io.github.rlhf4j.core.cluster;

import io.github.rlhf4j.core.model.TokenSequence;
import io.github.rlhf4j.core.train.BatchScorer;
import java.util.List;

/**
 * Reads log-probs and head values of groups of sequences that share a prefix.
 *
 * @param model the scorer
 * @param temperature divides the logits, > 0
 * @param microBatchTokens rows at once; 0 chooses by the size of the model
 */
public record ScoreTask(ModelVersion model, double temperature, int microBatchTokens)
        implements Task<List<List<TokenSequence>>, List<List<BatchScorer.Scored>>> {
    @Override
    public List<List<BatchScorer.Scored>> run(List<List<TokenSequence>> groups, Worker worker) {
        return worker.scorer(model, microBatchTokens).score(groups, temperature);
    }
}
