package io.github.rlhf4j.reward;

import io.github.rlhf4j.core.kernels.LogitStatistics.Column;
import io.github.rlhf4j.core.model.TokenSequence;
import io.github.rlhf4j.core.train.Objective;
import io.github.rlhf4j.core.train.ObjectiveBatch;
import io.github.rlhf4j.core.train.StepMetrics;
import io.github.rlhf4j.datasets.tokens.TokenizedRanking;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;

/**
 * A ranking loss, mean over prompts: the prompt once, its responses under it, each scored at its end token. Metrics are TRL's.
 *
 * <pre>
 *   var objective = new RankingObjective(new KWiseLoss(new BradleyTerry(0)));
 *   trainer.optimize(List.of(WeightedObjective.of(rankings, objective))); // of a model with a scalar head
 * </pre>
 */
public final class RankingObjective implements Objective<TokenizedRanking> {
    private final RankingLoss loss;

    /** @param loss of one prompt's responses */
    public RankingObjective(RankingLoss loss) {
        this.loss = loss;
    }

    @Override
    public List<TokenSequence> layout(TokenizedRanking ranking) {
        return sequences(ranking);
    }

    /** Each response after the prompt, scored at its last token. */
    static List<TokenSequence> sequences(TokenizedRanking ranking) {
        return Stream.of(ranking.responseIds())
                .map(response -> scored(ranking.promptIds(), response))
                .toList();
    }

    @Override
    public Set<Column> statistics() {
        return Set.of();
    }

    @Override
    public boolean separable() {
        return true;
    }

    @Override
    public void evaluate(ObjectiveBatch<TokenizedRanking> batch) {
        int prompts = batch.stepExamples().size();
        RewardMetrics metrics = RewardMetrics.EMPTY;
        for (int example = 0; example < batch.examples().size(); example++) {
            int[] ranks = batch.examples().get(example).ranks();
            double[] scores = new double[ranks.length];
            for (int k = 0; k < scores.length; k++) {
                scores[k] = batch.sequence(example, k).scalar(0);
            }
            if (!FiniteScores.are(scores)) {
                spoil(batch, example, scores.length);
                continue;
            }
            RankingGradient gradient =
                    loss.evaluate(scores, ranks, batch.examples().get(example).margin());
            for (int k = 0; k < scores.length; k++) {
                batch.sequence(example, k).addScalarGradient(0, gradient.dScore(k) / prompts);
            }
            batch.addLoss(gradient.loss() / prompts);
            metrics = metrics.merge(RewardMetrics.of(scores, ranks));
        }
        record(batch.metrics(), metrics);
    }

    /** A prompt without finite scores has neither loss nor gradient: the step is not done. */
    private static void spoil(ObjectiveBatch<TokenizedRanking> batch, int example, int responses) {
        batch.addLoss(Double.NaN);
        for (int k = 0; k < responses; k++) {
            batch.sequence(example, k).addScalarGradient(0, Double.NaN);
        }
    }

    private static void record(StepMetrics step, RewardMetrics metrics) {
        double scores = metrics.scores().count();
        double comparisons = metrics.comparisons();
        step.min("min_reward", metrics.minimum());
        step.mean("mean_reward", metrics.scores().mean() * scores, scores);
        step.max("max_reward", metrics.maximum());
        step.mean("accuracy", (double) metrics.correct(), comparisons);
        step.mean("margin", metrics.marginSum(), comparisons);
    }

    private static TokenSequence scored(int[] promptIds, int[] responseIds) {
        int[] ids = Arrays.copyOf(promptIds, promptIds.length + responseIds.length);
        System.arraycopy(responseIds, 0, ids, promptIds.length, responseIds.length);
        return TokenSequence.scoredAtEnd(ids);
    }
}
