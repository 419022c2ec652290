package io.github.rlhf4j.core.model;

import io.github.rlhf4j.core.kernels.Divergence;
import io.github.rlhf4j.core.kernels.Kernels;
import io.github.rlhf4j.core.kernels.LogitStatistics;
import io.github.rlhf4j.core.tensor.Tensor;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.Optional;
import java.util.Set;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * The language head at the targets, a chunk of rows at a time: (targets, V) never exists. The backward pass computes the logits of each chunk again but the last one's, which are still there: where one chunk is enough, none.
 */
final class LanguageHead {
    /** The most elements of a chunk of logits (32 MiB), unless that were fewer rows than pay for packing the weight. */
    private static final int CHUNK_ELEMENTS = 1 << 23;

    private static final int ENOUGH_ROWS = 256;

    private final Kernels kernels;
    private final Linear linear; // (V, C)
    private final Activations activations;
    private Projection.Choice projections = Projection.Choice.TRAINING;
    private double smoothing; // of the targets
    private Teacher.@Nullable Pass teacher; // of the batch that is computed next
    private @Nullable Divergence divergence;
    private @Nullable PackedBatch present; // the batch whose last chunk's logits are in the buffer

    LanguageHead(Kernels kernels, Linear linear, Activations activations) {
        this.kernels = kernels;
        this.linear = linear;
        this.activations = activations;
    }

    Linear linear() {
        return linear;
    }

    /** How it multiplies in forward passes from now on. */
    void use(Projection.Choice choice) {
        projections = choice;
    }

    /** Smooths the targets of what is computed next, as {@link ForwardRequest} says. */
    LanguageHead smoothing(double epsilon) {
        smoothing = epsilon;
        return this;
    }

    /** Compares what is computed next with a teacher that has computed the same batch; empty: with the targets. */
    LanguageHead teacher(Optional<Teacher> model, PackedBatch batch) {
        teacher = model.map(given -> given.begin(batch, kernels)).orElse(null);
        divergence = model.map(Teacher::divergence).orElse(null);
        return this;
    }

    /** Rows of a chunk for that many targets: equal chunks, so that none is too short for BLAS; a function of the shape alone. */
    static int chunkRows(int targets, int vocabSize) {
        int mostRows = Math.max(ENOUGH_ROWS, CHUNK_ELEMENTS / vocabSize);
        int chunks = Math.max(1, (targets + mostRows - 1) / mostRows);
        return (targets + chunks - 1) / chunks;
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
        int chunkRows = chunkRows(batch.targets(), linear.outputs());
        for (int from = 0; from < batch.targets(); from += chunkRows) {
            int to = Math.min(from + chunkRows, batch.targets());
            Tensor logits = logits(hidden(outputs, normed, from, to));
            kernels.logitStatistics(statistics, withMean(wanted), logits, batch.targetTokens(), from, temperature);
            compare(statistics, logits, from, to, new double[0], temperature);
        }
        smooth(statistics, temperature);
        present = teacher == null ? batch : null;
    }

    /**
     * Adds the gradients of the head's weight. Where {@link #forward} of the same batch was the last thing asked of this head, one chunk's logits are not computed again.
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
            double[] dEntropy) {
        int chunkRows = chunkRows(batch.targets(), linear.outputs());
        int from;
        for (int to = batch.targets(); to > 0; to = from) {
            from = (to - 1) / chunkRows * chunkRows;
            Tensor hidden = hidden(outputs, normed, from, to);
            Tensor logits = present == batch ? activations.logits.rows(to - from) : logits(hidden);
            present = null;
            kernels.logitGradients(logits, batch.targetTokens(), dLogProb, dEntropy, from, temperature);
            smooth(logits, batch, dLogProb, from, temperature);
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
        double[] dDivergence = teacher == null ? new double[0] : negated(dLogProb);
        int chunkRows = chunkRows(batch.targets(), linear.outputs());
        for (int from = 0; from < batch.targets(); from += chunkRows) {
            int to = Math.min(from + chunkRows, batch.targets());
            Tensor hidden = hidden(outputs, normed, from, to);
            Tensor logits = logits(hidden);
            if (teacher == null) {
                kernels.logitStatisticsAndGradients(
                        statistics, withMean(wanted), logits, batch.targetTokens(), dLogProb, from, temperature);
                smooth(logits, batch, dLogProb, from, temperature);
            } else {
                kernels.logitStatistics(statistics, wanted, logits, batch.targetTokens(), from, temperature);
                compare(statistics, logits, from, to, dDivergence, temperature);
            }
            backwardChunk(dNormed, outputs, from, to, hidden, logits);
        }
        smooth(statistics, temperature);
    }

    /** LOG_PROB becomes the divergence from the teacher, negated; with {@code dDivergence} the logits become their gradient. */
    private void compare(
            LogitStatistics statistics, Tensor logits, int from, int to, double[] dDivergence, double temperature) {
        if (teacher == null || divergence == null) {
            return;
        }
        double[] logProb = statistics.column(LogitStatistics.Column.LOG_PROB);
        kernels.divergence(logProb, logits, teacher.logits(from, to), divergence, dDivergence, from, temperature);
        for (int target = from; target < to; target++) {
            logProb[target] = -logProb[target];
        }
    }

    private static double[] negated(double[] values) {
        double[] negated = new double[values.length];
        Arrays.setAll(negated, i -> -values[i]);
        return negated;
    }

    /** Smoothed targets need the mean logit. */
    private Set<LogitStatistics.Column> withMean(Set<LogitStatistics.Column> wanted) {
        if (smoothing == 0) {
            return wanted;
        }
        Set<LogitStatistics.Column> more = EnumSet.of(LogitStatistics.Column.MEAN_LOGIT);
        more.addAll(wanted);
        return more;
    }

    /** From log p(y) to (1 - epsilon) log p(y) + epsilon mean log p, which is log p(y) - epsilon (logit y - mean logit). */
    private void smooth(LogitStatistics statistics, double temperature) {
        if (smoothing == 0) {
            return;
        }
        double[] logProb = statistics.column(LogitStatistics.Column.LOG_PROB);
        double[] mean = statistics.column(LogitStatistics.Column.MEAN_LOGIT);
        for (int target = 0; target < statistics.size(); target++) {
            double logit = logProb[target] + statistics.logSumExp()[target];
            logProb[target] -= smoothing * (logit - mean[target] / temperature);
        }
    }

    /** The gradient's part of that. */
    private void smooth(Tensor dLogits, PackedBatch batch, double[] dLogProb, int from, double temperature) {
        if (smoothing > 0) {
            kernels.smoothLogitGradients(dLogits, batch.targetTokens(), dLogProb, from, smoothing / temperature);
        }
    }

    /** Logits of all rows of {@code normed} (M, C) into {@code out} (M, V). */
    void logits(Tensor out, Tensor normed) {
        projections.of(linear).forward(out, normed);
    }

    /** Logits of targets {@code from .. to - 1} alone: (to - from, V). */
    Tensor logits(OutputRows outputs, Tensor normed, int from, int to) {
        return logits(hidden(outputs, normed, from, to));
    }

    private Tensor logits(Tensor hidden) {
        present = null;
        Tensor logits = activations.logits.rows(hidden.rows()); // (chunk, V)
        projections.of(linear).forward(logits, hidden);
        return logits;
    }

    /** The hidden states of targets {@code from .. to - 1}: (chunk, C). */
    private Tensor hidden(OutputRows outputs, Tensor normed, int from, int to) {
        linear.rowsAre(linear.needsRows() ? rowsInBatch(outputs, from, to) : null);
        if (outputs.targets().length == outputs.count()) {
            return normed.rows(from, to);
        }
        Tensor hidden = activations.headRows.rows(to - from);
        kernels.gatherRows(hidden, normed, outputs.targets(), from, to - from);
        return hidden;
    }

    private static int[] rowsInBatch(OutputRows outputs, int from, int to) {
        return IntStream.range(from, to)
                .map(target -> outputs.rows()[outputs.targets()[target]])
                .toArray();
    }

    private void backwardChunk(Tensor dNormed, OutputRows outputs, int from, int to, Tensor hidden, Tensor dLogits) {
        linear.backwardWeight(dLogits, hidden);
        Tensor dHidden = activations.dHeadRows.rows(to - from); // (chunk, C)
        linear.backwardInput(dHidden, dLogits);
        kernels.scatterAddRows(dNormed, outputs.targets(), from, to - from, dHidden);
    }
}
