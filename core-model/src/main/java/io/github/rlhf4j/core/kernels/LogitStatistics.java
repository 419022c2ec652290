package io.github.rlhf4j.core.kernels;

/**
 * What the language-model head reports for each target, in arrays of one entry a target. A null-free fixed set of columns; {@code wanted} says which are filled.
 *
 * <p>With logits x (already divided by the temperature), p = softmax(x) and target token y: logProb = x_y - lse(x) (nats); entropy = -sum p log p (nats); isTop = 1
 * where y is the (first) largest; meanLogit = mean of x over the vocabulary, before the temperature; sumSquaredProbabilities = sum p^2. logSumExp is kept for the backward pass.
 */
public final class LogitStatistics {
    /** A column. */
    public enum Column {
        LOG_PROB,
        ENTROPY,
        IS_TOP,
        MEAN_LOGIT,
        SUM_SQUARED_PROBABILITIES
    }

    private final double[][] columns = new double[Column.values().length][0];
    private double[] logSumExp = new double[0];
    private int size;

    /** Makes room for {@code targets} entries, contents undefined; keeps the arrays where they are large enough. */
    public void resize(int targets) {
        size = targets;
        if (logSumExp.length < targets) {
            int capacity = Math.max(targets, logSumExp.length * 3 / 2);
            logSumExp = new double[capacity];
            for (int column = 0; column < columns.length; column++) {
                columns[column] = new double[capacity];
            }
        }
    }

    /** Targets. */
    public int size() {
        return size;
    }

    /** The array of a column; only the first {@link #size()} entries mean anything. */
    public double[] column(Column column) {
        return columns[column.ordinal()];
    }

    /** log sum exp of each target's logits after the temperature. */
    public double[] logSumExp() {
        return logSumExp;
    }
}
