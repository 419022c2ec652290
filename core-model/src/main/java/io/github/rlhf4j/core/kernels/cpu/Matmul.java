package io.github.rlhf4j.core.kernels.cpu;

import io.github.rlhf4j.core.kernels.Shapes;
import io.github.rlhf4j.core.tensor.Tensor;
import java.nio.FloatBuffer;

/**
 * A matrix product cut into tiles of its output, each one call of single-threaded sgemm.
 *
 * <p>The borders follow from the shape and the machine, not from the threads in use. Large tiles keep the packing of both operands small beside the arithmetic; a product of few rows (decode) reads each weight once, so its
 * columns are cut by the size of the weights.
 *
 * <p>Where the library is slow without transposes, a deep product {@code a b} is computed as {@code b^T a^T} into memory of the worker's, and each tile is transposed on its way out.
 */
final class Matmul implements Parallel.TileBody {
    private static final int FEW_ROWS = 64;
    private static final long WEIGHTS_PER_TILE = 1 << 16;
    private static final long LARGEST_AREA = 8192L * 1024;
    /** Where results are turned, which takes memory of their size. */
    private static final long LARGEST_TURNED_AREA = 512L * 1024;

    private static final long SMALLEST_AREA = 64L * 64;
    private static final long SMALLEST_WORK = 4_000_000;
    private static final int GRAIN = 16;
    /** Depth, as a multiple of a tile's rows, from which on the faster packing pays for transposing the result. */
    private static final double DEEP = 1.25;

    private final Sgemm sgemm;
    private final Parallel parallel;
    private final Workspace[] workspaces;
    private final int enoughTiles;
    private final long largestArea;
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
    private boolean turned;
    private FloatBuffer outBuffer = FloatBuffer.allocate(0);
    private int outOffset;

    /** @param enoughTiles one for each processor of the machine, however many threads are in use; more cost packing */
    Matmul(Sgemm sgemm, Parallel parallel, Workspace[] workspaces, int enoughTiles) {
        this.enoughTiles = enoughTiles;
        this.sgemm = sgemm;
        largestArea = sgemm.isSlowWithoutTransposes() ? LARGEST_TURNED_AREA : LARGEST_AREA;
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
        outBuffer = out.floats();
        outOffset = out.offset();
        sgemm.useOneThread();
        cut();
        turned = sgemm.isSlowWithoutTransposes()
                && !transposeA
                && !transposeB
                && beta == 0
                && rows > FEW_ROWS
                && depth >= DEEP * tileRows;
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
            // The rows of a transposed operand are cut into pieces by cutting its columns: of two equal cuts the worse.
            if (tileRows > tileColumns || (tileRows == tileColumns && !transposeA)) {
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
        if (area > largestArea) {
            return true;
        }
        return tiles < enoughTiles && area > SMALLEST_AREA && 2 * area * depth > SMALLEST_WORK;
    }

    @Override
    public void run(int tile, int worker) {
        int row = tile / tilesAcross * tileRows;
        int column = tile % tilesAcross * tileColumns;
        int height = Math.min(tileRows, rows - row);
        int width = Math.min(tileColumns, columns - column);
        long left = a + 4L * (transposeA ? row : (long) row * strideOfA);
        long right = b + 4L * (transposeB ? (long) column * strideOfB : column);
        Workspace workspace = workspaces[worker];
        if (turned) {
            FloatBuffer block = workspace.nativeBlock(height * width); // (width, height)
            long address = workspace.nativeAddress();
            sgemm.multiply(
                    workspace, true, true, width, height, depth, alpha, right, strideOfB, left, strideOfA, 0, address,
                    height);
            Transposition.run(
                    outBuffer,
                    outOffset + row * outStride + column,
                    outStride,
                    block,
                    0,
                    height,
                    height,
                    width,
                    workspace);
        } else {
            long to = out + 4L * ((long) row * outStride + column);
            sgemm.multiply(
                    workspace,
                    transposeA,
                    transposeB,
                    height,
                    width,
                    depth,
                    alpha,
                    left,
                    strideOfA,
                    right,
                    strideOfB,
                    beta,
                    to,
                    outStride);
        }
    }

    private static int ceilDiv(int x, int y) {
        return (x + y - 1) / y;
    }

    private static int roundUp(int n) {
        return ceilDiv(n, GRAIN) * GRAIN;
    }
}
