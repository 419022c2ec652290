package io.github.rlhf4j.ppo;

import io.github.rlhf4j.core.kernels.LogitStatistics.Column;
import io.github.rlhf4j.core.model.TokenSequence;
import io.github.rlhf4j.core.train.NextTokenLoss;
import io.github.rlhf4j.core.train.Objective;
import io.github.rlhf4j.core.train.ObjectiveBatch;
import io.github.rlhf4j.core.train.SequenceOutputs;
import java.util.List;
import java.util.Set;

/** The pre-training term of PPO-ptx: the mean negative log-likelihood of its targets, which it reports as {@code loss/ptx_avg} beside what SFT reports. */
final class PretrainingLoss implements Objective<List<TokenSequence>> {
    /** Its name in the metrics. */
    static final String NAME = "loss/ptx_avg";

    private final NextTokenLoss loss;

    PretrainingLoss(int endToken) {
        loss = new NextTokenLoss(endToken);
    }

    @Override
    public List<TokenSequence> layout(List<TokenSequence> example) {
        return loss.layout(example);
    }

    @Override
    public Set<Column> statistics() {
        return loss.statistics();
    }

    @Override
    public boolean hasConstantGradient() {
        return loss.hasConstantGradient();
    }

    @Override
    public void evaluate(ObjectiveBatch<List<TokenSequence>> batch) {
        loss.evaluate(batch);
        double sum = 0;
        long tokens = 0;
        for (int example = 0; example < batch.examples().size(); example++) {
            for (int sequence = 0; sequence < batch.sequences(example); sequence++) {
                SequenceOutputs outputs = batch.sequence(example, sequence);
                sum -= outputs.sumLogProb();
                tokens += outputs.targets();
            }
        }
        batch.metrics().mean(NAME, sum, tokens);
    }
}
