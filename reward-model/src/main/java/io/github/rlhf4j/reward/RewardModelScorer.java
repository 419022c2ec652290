package io.github.rlhf4j.reward;

import io.github.rlhf4j.core.model.TokenSequence;
import io.github.rlhf4j.core.model.Transformer;
import io.github.rlhf4j.core.train.BatchScorer;
import io.github.rlhf4j.core.train.OptimizerSettings;
import io.github.rlhf4j.datasets.tokens.TokenizedRanking;
import java.util.ArrayList;
import java.util.List;

/** Raw scores of responses by a model with a scalar head, without gradients. */
final class RewardModelScorer {
    private final BatchScorer scorer;

    RewardModelScorer(Transformer model, OptimizerSettings settings) {
        this.scorer = new BatchScorer(model, settings.microBatchTokens(model));
    }

    /** The scores of each ranking's responses, rankings sharing a batch. */
    List<double[]> score(List<TokenizedRanking> rankings) {
        List<double[]> scores = new ArrayList<>();
        for (List<BatchScorer.Scored> responses :
                scorer.score(rankings.stream().map(RankingObjective::sequences).toList(), 1)) {
            scores.add(responses.stream()
                    .mapToDouble(response -> response.scalars()[0])
                    .toArray());
        }
        return scores;
    }

    /** The scores of sequences that share nothing. */
    double[] scoreSingles(List<TokenSequence> sequences) {
        return scorer.score(sequences.stream().map(List::of).toList(), 1).stream()
                .mapToDouble(group -> group.get(0).scalars()[0])
                .toArray();
    }
}
