package io.github.rlhf4j.dpo;

import io.github.rlhf4j.core.kernels.LogitStatistics.Column;
import io.github.rlhf4j.core.model.TokenSequence;
import io.github.rlhf4j.core.train.Objective;
import io.github.rlhf4j.core.train.ObjectiveBatch;
import io.github.rlhf4j.core.train.SequenceOutputs;
import io.github.rlhf4j.datasets.tokens.TokenizedPair;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/** A preference loss over pairs: sums each response's log-probs, asks the loss, hands its derivatives back to the tokens. */
final class PreferenceObjective implements Objective<Referenced<TokenizedPair>> {
    private static final int CHOSEN = 0;
    private static final int REJECTED = 1;

    private final PreferenceLoss loss;
    private final double beta;

    /** @param beta scales the reported rewards */
    PreferenceObjective(PreferenceLoss loss, double beta) {
        this.loss = loss;
        this.beta = beta;
    }

    @Override
    public List<TokenSequence> layout(Referenced<TokenizedPair> example) {
        return ResponseLayout.pair(example.tokens());
    }

    @Override
    public Set<Column> statistics() {
        return Set.of(Column.LOG_PROB, Column.ENTROPY, Column.IS_TOP, Column.MEAN_LOGIT);
    }

    @Override
    public boolean separable() {
        return loss.separable();
    }

    @Override
    public void evaluate(ObjectiveBatch<Referenced<TokenizedPair>> batch) {
        List<PairLogProbs> pairs = new ArrayList<>();
        for (int i = 0; i < batch.examples().size(); i++) {
            pairs.add(pair(batch.examples().get(i), batch.sequence(i, CHOSEN), batch.sequence(i, REJECTED)));
        }
        PreferenceGradient gradient = loss.evaluate(pairs);
        double share = (double) pairs.size() / batch.stepExamples().size(); // of the step's mean
        for (int i = 0; i < pairs.size(); i++) {
            batch.sequence(i, CHOSEN).addSumLogProbGradient(share * gradient.dChosen(i));
            batch.sequence(i, REJECTED).addSumLogProbGradient(share * gradient.dRejected(i));
        }
        batch.addLoss(share * gradient.loss());
        for (int i = 0; i < pairs.size(); i++) {
            DpoMetrics.record(
                    batch.metrics(), loss, beta, pairs.get(i), batch.sequence(i, CHOSEN), batch.sequence(i, REJECTED));
        }
    }

    private static PairLogProbs pair(
            Referenced<TokenizedPair> example, SequenceOutputs chosen, SequenceOutputs rejected) {
        return new PairLogProbs(
                chosen.sumLogProb(),
                rejected.sumLogProb(),
                example.refLogProbs()[CHOSEN],
                example.refLogProbs()[REJECTED],
                chosen.targets(),
                rejected.targets());
    }
}
