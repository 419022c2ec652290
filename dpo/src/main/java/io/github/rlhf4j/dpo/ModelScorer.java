package io.github.rlhf4j.dpo;

import io.github.rlhf4j.core.model.TokenSequence;
import io.github.rlhf4j.core.model.Transformer;
import io.github.rlhf4j.core.train.BatchScorer;
import io.github.rlhf4j.core.train.OptimizerSettings;
import io.github.rlhf4j.datasets.tokens.TokenizedPair;
import java.util.List;

/** A model as a {@link PairScorer}. */
final class ModelScorer implements PairScorer {
    private final BatchScorer scorer;

    ModelScorer(Transformer model, OptimizerSettings settings) {
        this.scorer = new BatchScorer(model, settings.microBatchTokens(model));
    }

    @Override
    public double[] score(List<TokenizedPair> pairs) {
        List<List<TokenSequence>> groups = pairs.stream().map(PairLayout::of).toList();
        return scorer.score(groups, 1).stream()
                .flatMap(List::stream)
                .mapToDouble(BatchScorer.Scored::sumLogProb)
                .toArray();
    }
}
