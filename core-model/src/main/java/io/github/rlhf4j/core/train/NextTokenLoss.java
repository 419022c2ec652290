package io.github.rlhf4j.core.train;

import io.github.rlhf4j.core.kernels.LogitStatistics.Column;
import io.github.rlhf4j.core.model.TokenSequence;
import io.github.rlhf4j.core.tokenizer.TokenBytes;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * Mean negative log-likelihood of the target tokens.
 *
 * <pre>  loss = -(1 / n) sum log p(token | tokens before it),   n = target tokens of the whole step</pre>
 *
 * <p>With label smoothing, as transformers' LabelSmoother, each term is {@code (1 - epsilon) log p(token) + epsilon mean over the vocabulary of log p}.
 *
 * <p>An example is a list of sequences: one demonstration, or the documents of a pre-training window. Because n counts the step and not the micro-batch, 8 x 1 sequences give what 1 x 8 give. Metrics: {@link NextTokenMetrics}.
 */
public final class NextTokenLoss implements Objective<List<TokenSequence>> {
    private final double labelSmoothing;
    private final int[] endTokens;
    private final Optional<TokenBytes> bytesOf;

    /** @param endTokens ids of all tokens that end a turn or a text, for the metrics */
    public NextTokenLoss(int... endTokens) {
        this(0, endTokens, Optional.empty());
    }

    private NextTokenLoss(double labelSmoothing, int[] endTokens, Optional<TokenBytes> bytesOf) {
        this.bytesOf = bytesOf;
        this.labelSmoothing = labelSmoothing;
        this.endTokens = endTokens.clone();
    }

    /** The same with smoothed targets; 0: none. */
    public NextTokenLoss withLabelSmoothing(double epsilon) {
        return new NextTokenLoss(epsilon, endTokens, bytesOf);
    }

    /** The same with bits_per_byte among its metrics, which with smoothed targets is left out. */
    public NextTokenLoss withBytes(TokenBytes known) {
        return new NextTokenLoss(labelSmoothing, endTokens, Optional.of(known));
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
    public double labelSmoothing() {
        return labelSmoothing;
    }

    @Override
    public boolean hasConstantGradient() {
        return true;
    }

    @Override
    public void evaluate(ObjectiveBatch<List<TokenSequence>> batch) {
        double share = 1.0 / Math.max(1, batch.stepTargets());
        double logProb = 0;
        NextTokenMetrics metrics = new NextTokenMetrics(endTokens, labelSmoothing == 0 ? bytesOf : Optional.empty());
        for (int example = 0; example < batch.examples().size(); example++) {
            for (int sequence = 0; sequence < batch.sequences(example); sequence++) {
                SequenceOutputs outputs = batch.sequence(example, sequence);
                outputs.addSumLogProbGradient(-share);
                logProb += outputs.sumLogProb();
                metrics.add(outputs, batch.examples().get(example).get(sequence));
            }
        }
        batch.addLoss(-share * logProb);
        metrics.addTo(batch.metrics());
    }
}
