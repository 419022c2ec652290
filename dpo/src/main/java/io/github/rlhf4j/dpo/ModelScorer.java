package io.github.rlhf4j.dpo;

import io.github.rlhf4j.core.model.TokenSequence;
import io.github.rlhf4j.core.model.Transformer;
import io.github.rlhf4j.core.train.BatchScorer;
import io.github.rlhf4j.core.train.OptimizerSettings;
import java.util.List;

/** A model as a {@link ResponseScorer}. */
final class ModelScorer implements ResponseScorer {
    private final BatchScorer scorer;

    ModelScorer(Transformer model, OptimizerSettings settings) {
        this.scorer = new BatchScorer(model, settings.microBatchTokens(model));
    }

    @Override
    public double[][] score(List<List<TokenSequence>> groups) {
        return scorer.score(groups, 1).stream()
                .map(group -> group.stream()
                        .mapToDouble(BatchScorer.Scored::sumLogProb)
                        .toArray())
                .toArray(double[][]::new);
    }
}
