package io.github.rlhf4j.core.generation;

import io.github.rlhf4j.core.kernels.Kernels;
import io.github.rlhf4j.core.kernels.RowMaxima;
import io.github.rlhf4j.core.tensor.Tensor;

/** Rows of logits as they are before something changes them: what a forward pass of training makes of them, to the last bit. */
final class EarlierRows {
    private final double temperature;
    private final int vocabSize;
    private final RowMaxima maxima = new RowMaxima();
    private float[] logits = new float[0]; // (rows, V)

    EarlierRows(SamplingOptions options, int vocabSize) {
        this.temperature = options.temperature();
        this.vocabSize = vocabSize;
    }

    /** Remembers rows, and leaves them as they are. */
    void take(Tensor rowsOfLogits, int rows, Kernels kernels) {
        if (logits.length < rows * vocabSize) {
            logits = new float[rows * vocabSize];
        }
        for (int row = 0; row < rows; row++) {
            Rows.load(rowsOfLogits, row, logits, row * vocabSize);
        }
        kernels.exponentiate(rowsOfLogits, rows, temperature, maxima); // for maximum and sum; overwritten
        for (int row = 0; row < rows; row++) {
            Rows.store(logits, row * vocabSize, rowsOfLogits, row);
        }
    }

    void load(int row, float[] to) {
        System.arraycopy(logits, row * vocabSize, to, 0, vocabSize);
    }

    float logit(int row, int id) {
        return logits[row * vocabSize + id];
    }

    /** Of the rows. */
    RowMaxima maxima() {
        return maxima;
    }

    /** By {@link Kernels#logitStatistics}' formula. */
    double logProb(int row, int id) {
        return (logit(row, id) - maxima.max(row)) * (1 / temperature) - Math.log(maxima.sum(row));
    }
}
