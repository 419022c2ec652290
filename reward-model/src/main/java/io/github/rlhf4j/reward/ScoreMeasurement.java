package io.github.rlhf4j.reward;

import io.github.rlhf4j.core.CounterRandom;
import io.github.rlhf4j.core.UserError;
import io.github.rlhf4j.core.files.ScoreStatistics;
import io.github.rlhf4j.core.math.RunningStatistics;
import io.github.rlhf4j.core.model.TokenSequence;
import io.github.rlhf4j.core.train.Examples;
import io.github.rlhf4j.core.train.Permutation;
import io.github.rlhf4j.datasets.tokens.TokenizedRanking;
import io.github.rlhf4j.datasets.tokens.TokenizedSequence;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.LongStream;

/**
 * Measures what is stored beside a trained reward model, on rows drawn at random: the shift that makes demonstrations average 0, and mean and standard deviation of the raw scores of all responses.
 *
 * <p>Source: Ouyang et al. 2022, arXiv:2203.02155, section 3.5.
 */
final class ScoreMeasurement {
    private static final int CHUNK = 64; // rows

    private final RewardModelScorer scorer;
    private final int rows;
    private final CounterRandom random;
    private final boolean leavesOut;
    private int leftOut; // rows of both

    /**
     * @param rows at most so many of each dataset are scored
     * @param random draws them
     * @param leavesOut whether rows without finite scores are left out, as training did
     */
    ScoreMeasurement(RewardModelScorer scorer, int rows, CounterRandom random, boolean leavesOut) {
        this.scorer = scorer;
        this.rows = rows;
        this.random = random;
        this.leavesOut = leavesOut;
    }

    /** Rows that were. */
    int leftOut() {
        return leftOut;
    }

    /**
     * Measures.
     *
     * @param demonstrations empty: the best responses of the rankings stand for them
     * @throws UserError naming a row without finite scores that is not left out, or where no row is left
     */
    ScoreStatistics measure(
            Examples<TokenizedRanking> rankings, Optional<? extends Examples<TokenizedSequence>> demonstrations) {
        RunningStatistics all = RunningStatistics.EMPTY;
        RunningStatistics best = RunningStatistics.EMPTY;
        long[] drawn = draw(rows, random.derive("rankings"), rankings.size());
        for (int from = 0; from < drawn.length; from += CHUNK) {
            List<TokenizedRanking> chunk = chunk(rankings, drawn, from);
            List<double[]> scores = scorer.score(chunk);
            for (int i = 0; i < chunk.size(); i++) {
                if (counts(scores.get(i), rankings, drawn[from + i])) {
                    all = all.merge(RunningStatistics.of(scores.get(i)));
                    best = best.merge(best(scores.get(i), chunk.get(i).ranks()));
                }
            }
        }
        RunningStatistics shown = demonstrations.isEmpty() ? best : demonstrations(demonstrations.get());
        FiniteScores.requireSome(leftOut == 0 || all.count() > 0, "ranking");
        FiniteScores.requireSome(leftOut == 0 || shown.count() > 0, "demonstration");
        return statistics(shown, all);
    }

    /** Whether a row's scores are part of what is measured. */
    private boolean counts(double[] scores, Examples<?> of, long index) {
        if (leavesOut && !FiniteScores.are(scores)) {
            leftOut++;
            return false;
        }
        FiniteScores.require(scores, of, index);
        return true;
    }

    /** The statistics of a trained model; a spread of 0 is stored as 1. */
    static ScoreStatistics statistics(RunningStatistics demonstrations, RunningStatistics all) {
        double spread = all.standardDeviation();
        return new ScoreStatistics(-demonstrations.mean(), all.mean(), spread > 0 ? spread : 1);
    }

    private RunningStatistics demonstrations(Examples<TokenizedSequence> demonstrations) {
        RunningStatistics seen = RunningStatistics.EMPTY;
        long[] drawn = draw(rows, random.derive("demonstrations"), demonstrations.size());
        for (int from = 0; from < drawn.length; from += CHUNK) {
            List<TokenSequence> sequences = chunk(demonstrations, drawn, from).stream()
                    .map(demonstration -> TokenSequence.scoredAtEnd(demonstration.ids()))
                    .toList();
            double[] scores = scorer.scoreSingles(sequences);
            RunningStatistics some = RunningStatistics.EMPTY;
            for (int i = 0; i < scores.length; i++) {
                if (counts(new double[] {scores[i]}, demonstrations, drawn[from + i])) {
                    some = some.plus(scores[i]);
                }
            }
            seen = seen.merge(some);
        }
        return seen;
    }

    private static RunningStatistics best(double[] scores, int[] ranks) {
        RunningStatistics best = RunningStatistics.EMPTY;
        int first = Integer.MAX_VALUE;
        for (int rank : ranks) {
            first = Math.min(first, rank);
        }
        for (int k = 0; k < scores.length; k++) {
            best = ranks[k] == first ? best.plus(scores[k]) : best;
        }
        return best;
    }

    /** Ascending indices, each at most once. */
    static long[] draw(int rows, CounterRandom random, long size) {
        Permutation permutation = new Permutation(size, random);
        return LongStream.range(0, Math.min(rows, size))
                .map(permutation::at)
                .sorted()
                .toArray();
    }

    private static <T> List<T> chunk(Examples<T> examples, long[] drawn, int from) {
        List<T> chunk = new ArrayList<>();
        for (int i = from; i < Math.min(from + CHUNK, drawn.length); i++) {
            chunk.add(examples.get(drawn[i]));
        }
        return chunk;
    }
}
