package io.github.rlhf4j.sft;

import io.github.rlhf4j.core.kernels.LogitStatistics.Column;
import io.github.rlhf4j.core.model.TokenSequence;
import io.github.rlhf4j.core.tokenizer.TokenBytes;
import io.github.rlhf4j.core.train.NextTokenMetrics;
import io.github.rlhf4j.core.train.Objective;
import io.github.rlhf4j.core.train.ObjectiveBatch;
import io.github.rlhf4j.core.train.SequenceOutputs;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * Dynamic fine-tuning (Wu et al. 2025, arXiv:2508.05629, Eq. 9): each token's negative log-likelihood is weighed by the token's probability, through which no gradient goes, so that unlikely tokens no longer have the largest gradients.
 *
 * <pre>  loss = -(1 / n) sum sg(p) log p,   p = p(token | tokens before it),   n = target tokens of the whole step</pre>
 */
final class DynamicFineTuningLoss implements Objective<List<TokenSequence>> {
    private final TokenBytes bytes;
    private final int[] endTokens;

    /**
     * What the metrics need.
     *
     * @param bytes of tokens
     * @param endTokens ids of all tokens that end a turn or a text
     */
    DynamicFineTuningLoss(TokenBytes bytes, int... endTokens) {
        this.bytes = bytes;
        this.endTokens = endTokens.clone();
    }

    @Override
    public List<TokenSequence> layout(List<TokenSequence> example) {
        return example;
    }

    @Override
    public Set<Column> statistics() {
        return NextTokenMetrics.statistics();
    }

    @Override
    public void evaluate(ObjectiveBatch<List<TokenSequence>> batch) {
        double share = 1.0 / Math.max(1, batch.stepTargets());
        double sum = 0;
        NextTokenMetrics metrics = new NextTokenMetrics(endTokens, Optional.of(bytes));
        for (int example = 0; example < batch.examples().size(); example++) {
            for (int sequence = 0; sequence < batch.sequences(example); sequence++) {
                SequenceOutputs outputs = batch.sequence(example, sequence);
                for (int target = 0; target < outputs.targets(); target++) {
                    double logProb = outputs.logProb(target);
                    double weight = Math.exp(logProb);
                    outputs.addLogProbGradient(target, -share * weight);
                    sum += weight * logProb;
                }
                metrics.add(outputs, batch.examples().get(example).get(sequence));
            }
        }
        batch.addLoss(-share * sum);
        metrics.addTo(batch.metrics());
    }
}
