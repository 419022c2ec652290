package io.github.rlhf4j.core.kernels;

/**
 * What {@link Kernels#exponentiate} reports of each row, in arrays that are reused from call to call.
 */
public final class RowMaxima {
    private double[] maxima = {};
    private double[] sums = {};
    private int[] tops = {};

    /** Makes room for {@code rows}, contents undefined. */
    public void resize(int rows) {
        if (maxima.length < rows) {
            maxima = new double[rows];
            sums = new double[rows];
            tops = new int[rows];
        }
    }

    /** Sets what a row came to. */
    public void set(int row, double max, double sum, int top) {
        maxima[row] = max;
        sums[row] = sum;
        tops[row] = top;
    }

    /** The row's largest element. */
    public double max(int row) {
        return maxima[row];
    }

    /** The sum of the row's exponentials. */
    public double sum(int row) {
        return sums[row];
    }

    /** The first index of the row's largest element. */
    public int top(int row) {
        return tops[row];
    }
}
