package io.github.rlhf4j.dpo;

import io.github.rlhf4j.core.model.TokenSequence;
import io.github.rlhf4j.core.model.Transformer;
import io.github.rlhf4j.core.train.BatchScorer;
import io.github.rlhf4j.core.train.OptimizerSettings;
import java.util.List;

/** A model as a {@link ResponseLogProbs}, which sums the log-probs of a group's responses as told. */
final class ModelScorer implements ResponseLogProbs {
    private final BatchScorer scorer;
    private final ResponseSums sums;

    ModelScorer(Transformer model, OptimizerSettings settings, ResponseSums sums) {
        this(model, settings.microBatchTokens(model), sums);
    }

    ModelScorer(Transformer model, int microBatchTokens, ResponseSums sums) {
        this.scorer = new BatchScorer(model, microBatchTokens);
        this.sums = sums;
    }

    @Override
    public double[][] score(List<List<TokenSequence>> groups) {
        return sums.ofEach(scorer.score(groups, 1));
    }
}
