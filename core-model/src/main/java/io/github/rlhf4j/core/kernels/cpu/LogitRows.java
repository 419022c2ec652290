package io.github.rlhf4j.core.kernels.cpu;

import io.github.rlhf4j.core.kernels.LogitStatistics;
import io.github.rlhf4j.core.kernels.LogitStatistics.Column;
import io.github.rlhf4j.core.tensor.Tensor;
import java.nio.FloatBuffer;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Statistics and gradients of rows of logits; a row is staged whole, exponentiated once, and written back where it becomes its gradient. */
final class LogitRows implements Parallel.TileBody {
    private static final double[] NO_GRADIENT = new double[0];
    private static final Set<Column> NOTHING = Set.of();

    private final Parallel parallel;
    private final Workspace[] workspaces;
    private FloatBuffer logits = FloatBuffer.allocate(0);
    private int offset;
    private int stride;
    private int rows;
    private int columns;
    private int rowsPerTile;
    private @Nullable LogitStatistics statistics;
    private boolean wantsEntropy;
    private boolean wantsTop;
    private boolean wantsMean;
    private boolean wantsSquares;
    private int[] targets = new int[0];
    private int from;
    private boolean wantsGradient;
    private double[] dLogProb = NO_GRADIENT;
    private double[] dEntropy = NO_GRADIENT;
    private double inverseTemperature;

    LogitRows(Parallel parallel, Workspace[] workspaces) {
        this.parallel = parallel;
        this.workspaces = workspaces;
    }

    void statistics(LogitStatistics out, Set<Column> wanted, Tensor of, int[] at, int first, double temperature) {
        run(out, wanted, of, at, null, NO_GRADIENT, first, temperature);
    }

    void gradients(Tensor inOut, int[] at, double[] forLogProb, double[] forEntropy, int first, double temperature) {
        run(null, NOTHING, inOut, at, forLogProb, forEntropy, first, temperature);
    }

    void both(
            LogitStatistics out,
            Set<Column> wanted,
            Tensor inOut,
            int[] at,
            double[] forLogProb,
            int first,
            double temperature) {
        run(out, wanted, inOut, at, forLogProb, NO_GRADIENT, first, temperature);
    }

    private void run(
            @Nullable LogitStatistics out,
            Set<Column> wanted,
            Tensor x,
            int[] at,
            double @Nullable [] forLogProb,
            double[] forEntropy,
            int first,
            double temperature) {
        logits = x.floats();
        offset = x.offset();
        stride = x.rowStride();
        rows = x.rows();
        columns = x.columns();
        statistics = out;
        wantsEntropy = wanted.contains(Column.ENTROPY);
        wantsTop = wanted.contains(Column.IS_TOP);
        wantsMean = wanted.contains(Column.MEAN_LOGIT);
        wantsSquares = wanted.contains(Column.SUM_SQUARED_PROBABILITIES);
        targets = at;
        from = first;
        wantsGradient = forLogProb != null;
        dLogProb = forLogProb == null ? NO_GRADIENT : forLogProb;
        dEntropy = forEntropy;
        inverseTemperature = 1 / temperature;
        rowsPerTile = RowTiles.rowsPerTile(columns);
        parallel.forEachTile(RowTiles.tiles(rows, rowsPerTile), this);
    }

    @Override
    public void run(int tile, int worker) {
        for (int i = tile * rowsPerTile; i < Math.min(rows, (tile + 1) * rowsPerTile); i++) {
            row(i, workspaces[worker]);
        }
    }

    private void row(int i, Workspace workspace) {
        float[] x = workspace.load(0, logits, offset + i * stride, columns, Float.NEGATIVE_INFINITY);
        float[] e = workspace.row(1, columns);
        float factor = (float) inverseTemperature;
        float max = VectorMath.max(x, columns);
        double sum = VectorMath.expAndSum(x, e, columns, max, factor);
        clearPadding(x, max);
        clearPadding(e, 0);
        boolean throughEntropy = dEntropy.length > 0;
        double weighted = wantsEntropy || throughEntropy ? VectorMath.sumOfProducts(e, x, columns, max, factor) : 0;
        double entropy = Math.log(sum) - weighted / sum;
        if (statistics != null) {
            report(statistics, from + i, x, e, max, sum, entropy);
        }
        if (wantsGradient) {
            gradient(i, x, e, max, sum, throughEntropy ? dEntropy[from + i] : 0, entropy);
            logits.put(offset + i * stride, e, 0, columns);
        }
    }

    private void clearPadding(float[] row, float neutral) {
        for (int j = columns; j < VectorMath.roundUp(columns); j++) {
            row[j] = neutral;
        }
    }

    private void report(LogitStatistics out, int index, float[] x, float[] e, float max, double sum, double entropy) {
        int target = targets[index];
        out.logSumExp()[index] = max * inverseTemperature + Math.log(sum);
        out.column(Column.LOG_PROB)[index] = ((double) x[target] - max) * inverseTemperature - Math.log(sum);
        if (wantsEntropy) {
            out.column(Column.ENTROPY)[index] = entropy;
        }
        if (wantsTop) {
            boolean top = x[target] == max && !VectorMath.contains(x, target, max);
            out.column(Column.IS_TOP)[index] = top ? 1 : 0;
        }
        if (wantsMean) {
            double padding = (double) max * (VectorMath.roundUp(columns) - columns);
            out.column(Column.MEAN_LOGIT)[index] = (VectorMath.sum(x, columns) - padding) / columns;
        }
        if (wantsSquares) {
            out.column(Column.SUM_SQUARED_PROBABILITIES)[index] = VectorMath.dot(e, e, columns) / (sum * sum);
        }
    }

    /** {@code e} becomes the gradient: with z = log p, dLogProb (1[y] - p) - dEntropy p (z + H), over the temperature. */
    private void gradient(int i, float[] x, float[] e, float max, double sum, double forEntropy, double entropy) {
        double forLogProb = dLogProb[from + i];
        if (forEntropy == 0) {
            VectorMath.scale(e, columns, (float) (-forLogProb * inverseTemperature / sum));
        } else {
            VectorMath.logitGradient(
                    e,
                    x,
                    columns,
                    max,
                    (float) inverseTemperature,
                    (float) (-forLogProb * inverseTemperature / sum),
                    (float) (-forEntropy * inverseTemperature / sum),
                    (float) (entropy - Math.log(sum)));
        }
        e[targets[from + i]] += (float) (forLogProb * inverseTemperature);
    }
}
