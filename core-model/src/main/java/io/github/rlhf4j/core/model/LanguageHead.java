package io.github.rlhf4j.core.model;

import io.github.rlhf4j.core.kernels.Kernels;
import io.github.rlhf4j.core.kernels.LogitStatistics;
import io.github.rlhf4j.core.tensor.Tensor;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The language head at the targets, a chunk of rows at a time: (targets, V) never exists. The backward pass computes each chunk's logits again.
 */
final class LanguageHead {
    /** Elements of a chunk of logits; its rows depend on the vocabulary alone. */
    private static final int CHUNK_ELEMENTS = 1 << 22;

    private static final double[] NO_ENTROPY = {};

    private final Kernels kernels;
    private final Linear linear; // (V, C)
    private final Activations activations;
    private final int chunkRows;

    LanguageHead(Kernels kernels, Linear linear, Activations activations) {
        this.kernels = kernels;
        this.linear = linear;
        this.activations = activations;
        this.chunkRows = Math.max(32, CHUNK_ELEMENTS / linear.weight().rows());
    }

    Linear linear() {
        return linear;
    }

    int chunkRows() {
        return chunkRows;
    }

    /** Fills statistics of all targets. */
    void forward(
            LogitStatistics statistics,
            Set<LogitStatistics.Column> wanted,
            PackedBatch batch,
            OutputRows outputs,
            Tensor normed,
            double temperature) {
        statistics.resize(batch.targets());
        for (int from = 0; from < batch.targets(); from += chunkRows) {
            int to = Math.min(from + chunkRows, batch.targets());
            Tensor logits = logits(hidden(outputs, normed, from, to));
            kernels.logitStatistics(statistics, wanted, logits, batch.targetTokens(), from, temperature);
        }
    }

    /**
     * Adds the gradients of the head's weight.
     *
     * @param dNormed (M, C), the gradient is added
     */
    void backward(
            Tensor dNormed,
            PackedBatch batch,
            OutputRows outputs,
            Tensor normed,
            double temperature,
            double[] dLogProb,
            double @Nullable [] dEntropy) {
        double[] entropyGradient = dEntropy == null ? NO_ENTROPY : dEntropy;
        for (int from = 0; from < batch.targets(); from += chunkRows) {
            int to = Math.min(from + chunkRows, batch.targets());
            Tensor hidden = hidden(outputs, normed, from, to);
            Tensor logits = logits(hidden);
            kernels.logitGradients(logits, batch.targetTokens(), dLogProb, entropyGradient, from, temperature);
            backwardChunk(dNormed, outputs, from, to, hidden, logits);
        }
    }

    /** {@link #forward} and {@link #backward} in one pass, for a gradient that is known beforehand. */
    void forwardBackward(
            Tensor dNormed,
            LogitStatistics statistics,
            Set<LogitStatistics.Column> wanted,
            PackedBatch batch,
            OutputRows outputs,
            Tensor normed,
            double temperature,
            double[] dLogProb) {
        statistics.resize(batch.targets());
        for (int from = 0; from < batch.targets(); from += chunkRows) {
            int to = Math.min(from + chunkRows, batch.targets());
            Tensor hidden = hidden(outputs, normed, from, to);
            Tensor logits = logits(hidden);
            kernels.logitStatisticsAndGradients(
                    statistics, wanted, logits, batch.targetTokens(), dLogProb, from, temperature);
            backwardChunk(dNormed, outputs, from, to, hidden, logits);
        }
    }

    /** Logits of all rows of {@code normed} (M, C) into {@code out} (M, V). */
    void logits(Tensor out, Tensor normed) {
        linear.forward(out, normed);
    }

    private Tensor logits(Tensor hidden) {
        Tensor logits = activations.logits.rows(hidden.rows()); // (chunk, V)
        linear.forward(logits, hidden);
        return logits;
    }

    /** The hidden states of targets {@code from .. to - 1}: (chunk, C). */
    private Tensor hidden(OutputRows outputs, Tensor normed, int from, int to) {
        if (outputs.targets().length == outputs.count()) {
            return normed.rows(from, to);
        }
        Tensor hidden = activations.headRows.rows(to - from);
        kernels.gatherRows(hidden, normed, outputs.targets(), from, to - from);
        return hidden;
    }

    private void backwardChunk(Tensor dNormed, OutputRows outputs, int from, int to, Tensor hidden, Tensor dLogits) {
        linear.backwardWeight(dLogits, hidden);
        Tensor dHidden = activations.dHeadRows.rows(to - from); // (chunk, C)
        linear.backwardInput(dHidden, dLogits);
        kernels.scatterAddRows(dNormed, outputs.targets(), from, to - from, dHidden);
    }
}
