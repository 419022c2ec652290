package io.github.rlhf4j.core.train;

import io.github.rlhf4j.core.kernels.LogitStatistics.Column;
import io.github.rlhf4j.core.model.TokenSequence;
import java.util.List;
import java.util.Set;

/**
 * Mean negative log-likelihood of the target tokens.
 *
 * <pre>  loss = -(1 / n) sum log p(token | tokens before it),   n = target tokens of the whole step</pre>
 *
 * <p>An example is a list of sequences: one demonstration, or the documents of a pre-training window.
 *
 * <p>Because n counts the step and not the micro-batch, 8 x 1 sequences give what 1 x 8 give. Metrics as TRL's SFTTrainer: entropy (nats) and mean_token_accuracy, means over target tokens; trained_to_stop: the
 * share of sequences whose last target is the end token.
 */
public final class NextTokenLoss implements Objective<List<TokenSequence>> {
    private final int endToken;

    /** @param endToken id of the end token, -1 for none */
    public NextTokenLoss(int endToken) {
        this.endToken = endToken;
    }

    @Override
    public List<TokenSequence> layout(List<TokenSequence> example) {
        return example;
    }

    @Override
    public Set<Column> statistics() {
        return Set.of(Column.LOG_PROB, Column.ENTROPY, Column.IS_TOP);
    }

    @Override
    public boolean linear() {
        return true;
    }

    @Override
    public void evaluate(ObjectiveBatch<List<TokenSequence>> batch) {
        double share = 1.0 / Math.max(1, batch.stepTargets());
        Sums sums = new Sums();
        for (int example = 0; example < batch.examples().size(); example++) {
            for (int sequence = 0; sequence < batch.sequences(example); sequence++) {
                SequenceOutputs outputs = batch.sequence(example, sequence);
                outputs.addSumLogProbGradient(-share);
                sums.add(outputs, trainsToStop(batch.examples().get(example).get(sequence)));
            }
        }
        batch.addLoss(-share * sums.logProb);
        batch.metrics().mean("entropy", sums.entropy, sums.tokens);
        batch.metrics().mean("mean_token_accuracy", sums.correct, sums.tokens);
        batch.metrics().mean("trained_to_stop", sums.stops, sums.sequences);
    }

    private boolean trainsToStop(TokenSequence sequence) {
        int[] targets = sequence.targets();
        return targets.length > 0 && sequence.ids()[targets[targets.length - 1]] == endToken;
    }

    private static final class Sums {
        private double logProb;
        private double entropy;
        private double correct;
        private long tokens;
        private long stops;
        private long sequences;

        private void add(SequenceOutputs outputs, boolean trainsToStop) {
            logProb += outputs.sumLogProb();
            tokens += outputs.targets();
            for (int target = 0; target < outputs.targets(); target++) {
                entropy += outputs.statistic(Column.ENTROPY, target);
                correct += outputs.statistic(Column.IS_TOP, target);
            }
            stops += trainsToStop ? 1 : 0;
            sequences++;
        }
    }
}
