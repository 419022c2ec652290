package io.github.rlhf4j.core.kernels;

import static org.bytedeco.openblas.global.openblas_nolapack.CblasNoTrans;
import static org.bytedeco.openblas.global.openblas_nolapack.CblasRowMajor;
import static org.bytedeco.openblas.global.openblas_nolapack.CblasTrans;
import static org.bytedeco.openblas.global.openblas_nolapack.cblas_sgemm;

import io.github.rlhf4j.core.tensor.Tensor;

/**
 * A matrix product cut into tiles of its output, each one call of single-threaded sgemm.
 *
 * <p>The borders follow from the shape and the machine, not from the threads in use. Large tiles keep OpenBLAS's packing of both operands small beside the arithmetic; a product of few rows (decode) reads each weight once, so its
 * columns are cut by the size of the weights.
 */
final class Matmul implements Parallel.TileBody {
    private static final int FEW_ROWS = 64;
    private static final long WEIGHTS_PER_TILE = 1 << 16;
    private static final long LARGEST_AREA = 512L * 1024;
    private static final long SMALLEST_AREA = 64L * 64;
    private static final long SMALLEST_WORK = 4_000_000;
    /** One for each processor of the machine, however many threads are in use; more cost packing. */
    private static final int ENOUGH_TILES = Math.max(2, Runtime.getRuntime().availableProcessors());

    private static final int GRAIN = 16;

    private final Parallel parallel;
    private final Workspace[] workspaces;
    private int rows;
    private int columns;
    private int depth;
    private int tileRows;
    private int tileColumns;
    private int tilesAcross;
    private long out;
    private long a;
    private long b;
    private int outStride;
    private int strideOfA;
    private int strideOfB;
    private boolean transposeA;
    private boolean transposeB;
    private float alpha;
    private float beta;

    Matmul(Parallel parallel, Workspace[] workspaces) {
        this.parallel = parallel;
        this.workspaces = workspaces;
    }

    void multiply(Tensor out, Tensor a, boolean transposeA, Tensor b, boolean transposeB, double alpha, double beta) {
        depth = Shapes.matmulDepth(out, a, transposeA, b, transposeB);
        if (out.size() == 0) {
            return;
        }
        rows = out.rows();
        columns = out.columns();
        this.out = out.address();
        this.a = a.address();
        this.b = b.address();
        outStride = Math.max(1, out.rowStride());
        strideOfA = Math.max(1, a.rowStride());
        strideOfB = Math.max(1, b.rowStride());
        this.transposeA = transposeA;
        this.transposeB = transposeB;
        this.alpha = (float) alpha;
        this.beta = (float) beta;
        Blas.useOneThread();
        cut();
        tilesAcross = ceilDiv(columns, tileColumns);
        parallel.forEachTile(ceilDiv(rows, tileRows) * tilesAcross, this);
    }

    private void cut() {
        tileRows = rows;
        tileColumns = columns;
        if (rows <= FEW_ROWS) {
            tileColumns = Math.max(64, roundUp((int) Math.min(columns, WEIGHTS_PER_TILE / Math.max(1, depth))));
            return;
        }
        int partsDown = 1;
        int partsAcross = 1;
        while (mayBeCut(partsDown * partsAcross)) {
            if (tileRows >= tileColumns) {
                partsDown *= 2;
                tileRows = roundUp(ceilDiv(rows, partsDown));
            } else {
                partsAcross *= 2;
                tileColumns = roundUp(ceilDiv(columns, partsAcross));
            }
        }
    }

    private boolean mayBeCut(int tiles) {
        long area = (long) tileRows * tileColumns;
        if (area > LARGEST_AREA) {
            return true;
        }
        return tiles < ENOUGH_TILES && area > SMALLEST_AREA && 2 * area * depth > SMALLEST_WORK;
    }

    @Override
    public void run(int tile, int worker) {
        int row = tile / tilesAcross * tileRows;
        int column = tile % tilesAcross * tileColumns;
        Workspace workspace = workspaces[worker];
        gemm(
                workspace,
                transposeA,
                transposeB,
                Math.min(tileRows, rows - row),
                Math.min(tileColumns, columns - column),
                depth,
                alpha,
                a + 4L * (transposeA ? row : (long) row * strideOfA),
                strideOfA,
                b + 4L * (transposeB ? (long) column * strideOfB : column),
                strideOfB,
                beta,
                out + 4L * ((long) row * outStride + column),
                outStride);
    }

    /** {@code c = alpha op(a) op(b) + beta c} at raw addresses, row-major, in this thread. */
    static void gemm(
            Workspace workspace,
            boolean transposeA,
            boolean transposeB,
            int rows,
            int columns,
            int depth,
            float alpha,
            long a,
            int strideOfA,
            long b,
            int strideOfB,
            float beta,
            long c,
            int strideOfC) {
        cblas_sgemm(
                CblasRowMajor,
                transposeA ? CblasTrans : CblasNoTrans,
                transposeB ? CblasTrans : CblasNoTrans,
                rows,
                columns,
                depth,
                alpha,
                workspace.a.at(a),
                strideOfA,
                workspace.b.at(b),
                strideOfB,
                beta,
                workspace.c.at(c),
                strideOfC);
    }

    private static int ceilDiv(int x, int y) {
        return (x + y - 1) / y;
    }

    private static int roundUp(int n) {
        return ceilDiv(n, GRAIN) * GRAIN;
    }
}
