package io.github.rlhf4j.dpo;

import io.github.rlhf4j.core.kernels.LogitStatistics.Column;
import io.github.rlhf4j.core.model.TokenSequence;
import io.github.rlhf4j.core.train.Objective;
import io.github.rlhf4j.core.train.ObjectiveBatch;
import io.github.rlhf4j.core.train.SequenceOutputs;
import io.github.rlhf4j.datasets.tokens.TokenizedPair;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;

/**
 * A preference loss over pairs: sums each response's log-probs, asks the loss, hands its derivatives back to the tokens. Metrics are TRL 1.16's.
 *
 * <pre>
 *   ResponseLogProbs reference = ResponseLogProbs.of(referenceModel, settings);
 *   var objective = new PreferenceObjective(new SigmoidLoss(0.1), 0.1);
 *   trainer.optimize(List.of(WeightedObjective.of(reference.score(pairs, ResponseLayout::pair), objective)));
 * </pre>
 */
public final class PreferenceObjective implements Objective<WithRefLogProbs<TokenizedPair>> {
    private static final int CHOSEN = 0;
    private static final int REJECTED = 1;

    private final PreferenceLoss loss;
    private final double beta;
    private final boolean useWeighting;
    private final ResponseSums sums;
    private final Comparisons comparisons;

    /**
     * As a run file without use_weighting and ld_alpha has it.
     *
     * @param beta scales the reported rewards; the loss has its own
     */
    public PreferenceObjective(PreferenceLoss loss, double beta) {
        this(loss, beta, false, ResponseSums.WHOLE, Comparisons.IGNORED);
    }

    /**
     * @param beta scales the reported rewards
     * @param useWeighting WPO
     */
    PreferenceObjective(
            PreferenceLoss loss, double beta, boolean useWeighting, ResponseSums sums, Comparisons comparisons) {
        this.loss = loss;
        this.beta = beta;
        this.useWeighting = useWeighting;
        this.sums = sums;
        this.comparisons = comparisons;
    }

    @Override
    public List<TokenSequence> layout(WithRefLogProbs<TokenizedPair> example) {
        return ResponseLayout.pair(example.tokens());
    }

    @Override
    public Set<Column> statistics() {
        return useWeighting
                ? EnumSet.allOf(Column.class)
                : EnumSet.of(Column.LOG_PROB, Column.ENTROPY, Column.IS_TOP, Column.MEAN_LOGIT);
    }

    @Override
    public boolean separable() {
        return loss.separable();
    }

    @Override
    public void evaluate(ObjectiveBatch<WithRefLogProbs<TokenizedPair>> batch) {
        List<PairLogProbs> pairs = new ArrayList<>();
        double[] weights = new double[batch.examples().size()];
        for (int i = 0; i < batch.examples().size(); i++) {
            SequenceOutputs chosen = batch.sequence(i, CHOSEN);
            SequenceOutputs rejected = batch.sequence(i, REJECTED);
            pairs.add(pair(batch.examples().get(i), chosen, rejected));
            weights[i] = useWeighting ? likelihood(chosen) * likelihood(rejected) : 1;
        }
        PreferenceGradient gradient = useWeighting ? loss.evaluate(pairs, weights) : loss.evaluate(pairs);
        double share = (double) pairs.size() / batch.stepExamples().size(); // of the step's mean
        batch.addLoss(share * gradient.loss());
        for (int i = 0; i < pairs.size(); i++) {
            SequenceOutputs chosen = batch.sequence(i, CHOSEN);
            SequenceOutputs rejected = batch.sequence(i, REJECTED);
            sums.addGradient(chosen, shared(chosen, rejected), share * gradient.dChosen(i));
            sums.addGradient(rejected, shared(chosen, rejected), share * gradient.dRejected(i));
            boolean isRight = DpoMetrics.record(batch.metrics(), loss, beta, pairs.get(i), chosen, rejected);
            comparisons.add(batch.examples().get(i).tokens().promptIds(), isRight ? 1 : 0, 1);
        }
    }

    private PairLogProbs pair(
            WithRefLogProbs<TokenizedPair> example, SequenceOutputs chosen, SequenceOutputs rejected) {
        int shared = shared(chosen, rejected);
        return new PairLogProbs(
                sums.sum(chosen, shared),
                sums.sum(rejected, shared),
                example.refLogProbs()[CHOSEN],
                example.refLogProbs()[REJECTED],
                chosen.targets(),
                rejected.targets());
    }

    private static int shared(SequenceOutputs chosen, SequenceOutputs rejected) {
        return ResponseSums.shared(IntStream.of(chosen.targets(), rejected.targets()));
    }

    /** WPO's weight of a response: exp of the mean over its tokens of log p - log sum p^2, so that a sampled token counts 1 on average. */
    private static double likelihood(SequenceOutputs response) {
        double sum = 0;
        for (int target = 0; target < response.targets(); target++) {
            sum += response.logProb(target) - Math.log(response.statistic(Column.SUM_SQUARED_PROBABILITIES, target));
        }
        return Math.exp(sum / response.targets());
    }
}
