package io.github.rlhf4j.dpo;

import io.github.rlhf4j.core.cluster.Cluster;
import io.github.rlhf4j.core.cluster.ScoreTask;
import io.github.rlhf4j.core.cluster.SharedModel;
import io.github.rlhf4j.core.model.TokenSequence;
import java.util.List;

/** A reference that a {@link Cluster} asks: a piece of examples is computed as one, wherever that is. */
final class SharedScorer implements ResponseLogProbs {
    private final Cluster cluster;
    private final SharedModel model;
    private final int microBatchTokens;
    private final ResponseSums sums;

    SharedScorer(Cluster cluster, SharedModel model, int microBatchTokens, ResponseSums sums) {
        this.cluster = cluster;
        this.model = model;
        this.microBatchTokens = microBatchTokens;
        this.sums = sums;
    }

    @Override
    public double[][] score(List<List<TokenSequence>> groups) {
        return scoreEach(List.of(groups)).get(0);
    }

    @Override
    public List<double[][]> scoreEach(List<List<List<TokenSequence>>> pieces) {
        ScoreTask task = new ScoreTask(model.version(), 1, microBatchTokens);
        return cluster.map("reference log-probs", pieces, task).stream()
                .map(sums::ofEach)
                .toList();
    }

    @Override
    public int pieces() {
        return cluster.pieces();
    }
}
