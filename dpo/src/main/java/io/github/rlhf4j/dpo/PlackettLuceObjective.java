package io.github.rlhf4j.dpo;

import io.github.rlhf4j.core.kernels.LogitStatistics.Column;
import io.github.rlhf4j.core.math.PlackettLuce;
import io.github.rlhf4j.core.model.TokenSequence;
import io.github.rlhf4j.core.train.Objective;
import io.github.rlhf4j.core.train.ObjectiveBatch;
import io.github.rlhf4j.core.train.SequenceOutputs;
import io.github.rlhf4j.core.train.StepMetrics;
import io.github.rlhf4j.datasets.tokens.TokenizedRanking;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;

/**
 * DPO on whole rankings: {@link PlackettLuce} of the rewards that policy and reference imply.
 *
 * <p>Uses the whole order, where pairs of a ranking of K would count K (K-1) / 2 times. Typical: beta 0.1 to 0.5.
 *
 * <pre>  loss = sum over i of log sum over j ranked as i or worse of exp(r_j)  -  r_i,    r = b log pi/ref</pre>
 *
 * <p>Mean over rankings. Of two responses it is {@link SigmoidLoss}. Source: Rafailov et al. 2023, arXiv:2305.18290, Eq. 20 in App. A.3.
 *
 * <p>Metrics are those of pairs, where chosen are the responses of the best rank and rejected those of the worst; accuracies and margins are over all pairs of different rank.
 */
public final class PlackettLuceObjective implements Objective<WithRefLogProbs<TokenizedRanking>> {
    private final double beta;
    private final Comparisons comparisons;

    /** @param beta strength of the pull towards the reference, finite and > 0; it also scales the reported rewards */
    public PlackettLuceObjective(double beta) {
        this(HyperParameters.positive("beta", beta), Comparisons.IGNORED);
    }

    PlackettLuceObjective(double beta, Comparisons comparisons) {
        this.beta = beta;
        this.comparisons = comparisons;
    }

    @Override
    public List<TokenSequence> layout(WithRefLogProbs<TokenizedRanking> example) {
        return ResponseLayout.ranking(example.tokens());
    }

    @Override
    public Set<Column> statistics() {
        return EnumSet.of(Column.LOG_PROB, Column.ENTROPY, Column.IS_TOP, Column.MEAN_LOGIT);
    }

    @Override
    public void evaluate(ObjectiveBatch<WithRefLogProbs<TokenizedRanking>> batch) {
        double rankings = batch.stepExamples().size();
        for (int i = 0; i < batch.examples().size(); i++) {
            TokenizedRanking ranking = batch.examples().get(i).tokens();
            double[] rewards = new double[ranking.ranks().length];
            for (int k = 0; k < rewards.length; k++) {
                rewards[k] = beta
                        * (batch.sequence(i, k).sumLogProb()
                                - batch.examples().get(i).refLogProbs()[k]);
            }
            double[] dRewards = new double[rewards.length];
            batch.addLoss(PlackettLuce.loss(rewards, ranking.ranks(), dRewards) / rankings);
            for (int k = 0; k < rewards.length; k++) {
                batch.sequence(i, k).addSumLogProbGradient(beta * dRewards[k] / rankings);
                record(batch.metrics(), side(ranking.ranks(), k), rewards[k], batch.sequence(i, k));
            }
            compare(batch.metrics(), ranking, rewards);
        }
    }

    private static String side(int[] ranks, int response) {
        int best = Arrays.stream(ranks).min().orElseThrow();
        int worst = Arrays.stream(ranks).max().orElseThrow();
        return ranks[response] == best ? "chosen" : ranks[response] == worst ? "rejected" : "";
    }

    private static void record(StepMetrics metrics, String side, double reward, SequenceOutputs response) {
        metrics.mean("entropy", response.sum(Column.ENTROPY), response.targets());
        if (!side.isEmpty()) {
            metrics.mean("logits/" + side, response.sum(Column.MEAN_LOGIT), response.targets());
            metrics.mean("rewards/" + side, reward, 1);
            metrics.mean("logps/" + side, response.sumLogProb(), 1);
        }
        if (side.equals("chosen")) {
            metrics.mean("mean_token_accuracy", response.sum(Column.IS_TOP), response.targets());
        }
    }

    private void compare(StepMetrics metrics, TokenizedRanking ranking, double[] rewards) {
        double right = 0;
        double compared = 0;
        double margins = 0;
        for (int better = 0; better < rewards.length; better++) {
            for (int worse = 0; worse < rewards.length; worse++) {
                if (ranking.ranks()[better] < ranking.ranks()[worse]) {
                    right += rewards[better] > rewards[worse] ? 1 : 0;
                    margins += rewards[better] - rewards[worse];
                    compared++;
                }
            }
        }
        metrics.mean("rewards/accuracies", right, compared);
        metrics.mean("rewards/margins", margins, compared);
        comparisons.add(ranking.promptIds(), right, compared);
    }
}
