package io.github.rlhf4j.core.kernels.nd4j;

import io.github.rlhf4j.core.kernels.LogitStatistics;
import io.github.rlhf4j.core.kernels.LogitStatistics.Column;
import java.util.Arrays;
import java.util.Set;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.ops.transforms.Transforms;

/** Rows of logits: log-probabilities by subtracting the largest first, and what follows from them. */
final class Nd4jLogits {
    private final INDArray logits;
    private final int[] targets;
    private final int from;
    private final double temperature;
    private final int rows;
    private final INDArray max; // (R, 1), after the temperature
    private final INDArray logSum; // (R, 1), log sum exp(x - max)
    private final INDArray logProbs; // (R, V)
    private final INDArray probabilities; // (R, V)
    private final INDArray entropy; // (R, 1)

    Nd4jLogits(INDArray logits, int[] targets, int from, double temperature) {
        this.logits = logits;
        this.targets = targets;
        this.from = from;
        this.temperature = temperature;
        rows = Math.toIntExact(logits.rows());
        INDArray x = logits.div(temperature);
        max = x.max(true, 1);
        INDArray shifted = x.sub(max);
        logSum = Transforms.log(Transforms.exp(shifted, true).sum(true, 1));
        logProbs = shifted.sub(logSum);
        probabilities = Transforms.exp(logProbs, true);
        entropy = probabilities.mul(logProbs).sum(true, 1).negi();
    }

    void report(LogitStatistics statistics, Set<Column> wanted) {
        INDArray squares = probabilities.mul(probabilities).sum(true, 1);
        INDArray mean = logits.sum(true, 1).divi(logits.columns());
        INDArray top = Nd4j.argMax(logits, 1);
        for (int i = 0; i < rows; i++) {
            statistics.logSumExp()[from + i] = max.getDouble(i, 0) + logSum.getDouble(i, 0);
            put(statistics, wanted, Column.LOG_PROB, i, logProbs.getDouble(i, targets[from + i]));
            put(statistics, wanted, Column.ENTROPY, i, entropy.getDouble(i, 0));
            put(statistics, wanted, Column.IS_TOP, i, top.getLong(i) == targets[from + i] ? 1 : 0);
            put(statistics, wanted, Column.MEAN_LOGIT, i, mean.getDouble(i, 0));
            put(statistics, wanted, Column.SUM_SQUARED_PROBABILITIES, i, squares.getDouble(i, 0));
        }
    }

    private void put(LogitStatistics statistics, Set<Column> wanted, Column column, int row, double value) {
        if (wanted.contains(column)) {
            statistics.column(column)[from + row] = value;
        }
    }

    /** dx = (dLogProb (1[y] - p) - dEntropy p (log p + H)) / temperature. */
    void intoGradient(double[] dLogProb, double[] dEntropy) {
        INDArray forLogProb = column(dLogProb);
        INDArray gradient = probabilities.mul(forLogProb).negi();
        if (dEntropy.length > 0) {
            gradient.subi(logProbs.add(entropy).muli(probabilities).muli(column(dEntropy)));
        }
        for (int i = 0; i < rows; i++) {
            int target = targets[from + i];
            gradient.putScalar(i, target, gradient.getDouble(i, target) + dLogProb[from + i]);
        }
        logits.assign(gradient.divi(temperature));
    }

    private INDArray column(double[] values) {
        double[] part = Arrays.copyOfRange(values, from, from + rows);
        return Nd4j.createFromArray(part).reshape(rows, 1).castTo(logits.dataType());
    }
}
