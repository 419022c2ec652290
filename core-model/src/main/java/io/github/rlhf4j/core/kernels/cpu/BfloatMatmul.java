package io.github.rlhf4j.core.kernels.cpu;

import io.github.rlhf4j.core.kernels.Shapes;
import io.github.rlhf4j.core.tensor.Tensor;
import java.nio.FloatBuffer;
import java.nio.ShortBuffer;
import java.util.Arrays;
import java.util.Objects;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.ShortVector;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorShape;
import jdk.incubator.vector.VectorSpecies;
import org.jspecify.annotations.Nullable;

/**
 * Products of operands rounded to bfloat16 with float32 sums. Both operands are rounded first, each element once; then columns of the result are shared out. Borders follow from the shape and the machine, not from the threads in use.
 *
 * <p>oneDNN compiles each shape. So rows are computed a multiple of 256 at a time, and the rest filled up to a multiple of 32 beside the result; a depth of tokens is filled up with zeros.
 */
final class BfloatMatmul implements AutoCloseable {
    /** Multiply-adds below which float32 is as fast. */
    private static final long SMALLEST = 1 << 18;

    private static final int MANY_ROWS = 256;
    private static final int FEW_ROWS = 32;
    private static final int DEPTH = 64;
    private static final int COLUMNS = 64;
    private static final int ROWS_OF_TILE = 16;
    private static final VectorSpecies<Integer> INTS = IntVector.SPECIES_512;
    private static final VectorSpecies<Float> FLOATS = FloatVector.SPECIES_512;
    private static final VectorSpecies<Short> SHORTS = VectorSpecies.of(short.class, VectorShape.S_256_BIT);
    private static final int LANES = 16;

    private final OneDnn library;
    private final Parallel parallel;
    private final Workspace[] workspaces;
    private final int enoughTiles;
    private final Scratch[] scratches;
    private final Operand a = new Operand();
    private final Operand b = new Operand();
    private final Parallel.TileBody rounding = this::round;
    private final Parallel.TileBody product = this::multiply;
    private @Nullable Tensor out;
    private boolean transposeA;
    private boolean transposeB;
    private boolean adds;
    private int depth;
    private int columnsOfTile;

    /** An operand as it is stored, rounded: rows with room to {@link #stride}, beyond them zeros. */
    private static final class Operand {
        private @Nullable Tensor of;
        private final NativeBlock memory = new NativeBlock();
        private ShortBuffer elements = ShortBuffer.allocate(0);
        private int rows; // with those of zeros
        private int stride;

        void take(Tensor tensor, int paddedRows, int paddedColumns) {
            of = tensor;
            rows = paddedRows;
            stride = paddedColumns;
            long size = (long) rows * stride;
            if (memory.fit(Short.BYTES * size, Short.BYTES * (size + size / 4))) {
                elements = memory.view().asShortBuffer();
            }
        }

        int tiles() {
            return (rows + ROWS_OF_TILE - 1) / ROWS_OF_TILE;
        }

        long address(int row, int column) {
            return memory.address() + 2L * ((long) row * stride + column);
        }
    }

    /** One thread's. */
    private static final class Scratch {
        final BfloatPlans plans = new BfloatPlans();
        float[] row = {};
        short[] rounded = {};
    }

    BfloatMatmul(OneDnn library, Parallel parallel, Workspace[] workspaces, int enoughTiles) {
        this.library = library;
        this.parallel = parallel;
        this.workspaces = workspaces;
        this.enoughTiles = enoughTiles;
        scratches = new Scratch[parallel.threads()];
        Arrays.setAll(scratches, i -> new Scratch());
    }

    /** Whether it is worth it; decided by the arguments alone. */
    static boolean isFor(Tensor out, Tensor a, boolean transposeA, double alpha, double beta) {
        int depth = transposeA ? a.rows() : a.columns();
        long size = (long) out.rows() * out.columns() * depth;
        long operands = (long) out.columns() * depth + (long) out.rows() * depth;
        return alpha == 1 && (beta == 0 || beta == 1) && size >= SMALLEST && 32 * operands <= size;
    }

    void multiply(Tensor result, Tensor left, boolean turnsLeft, Tensor right, boolean turnsRight, double beta) {
        depth = Shapes.matmulDepth(result, left, turnsLeft, right, turnsRight);
        out = result;
        transposeA = turnsLeft;
        transposeB = turnsRight;
        adds = beta != 0;
        int rows = roundUp(result.rows(), FEW_ROWS);
        boolean depthIsTokens = turnsLeft && !turnsRight;
        if (depthIsTokens) {
            depth = roundUp(depth, DEPTH);
        }
        a.take(left, turnsLeft ? depth : rows, turnsLeft ? rows : left.columns());
        b.take(right, turnsRight ? right.rows() : depth, right.columns());
        parallel.forEachTile(a.tiles() + b.tiles(), rounding);
        int parts = Math.max(1, Math.min(enoughTiles, result.columns() / COLUMNS));
        columnsOfTile = roundUp((result.columns() + parts - 1) / parts, COLUMNS);
        parallel.forEachTile((result.columns() + columnsOfTile - 1) / columnsOfTile, product);
    }

    private static int roundUp(int n, int multiple) {
        return (n + multiple - 1) / multiple * multiple;
    }

    private void round(int tile, int worker) {
        Operand operand = tile < a.tiles() ? a : b;
        int first = (operand == a ? tile : tile - a.tiles()) * ROWS_OF_TILE;
        Tensor of = Objects.requireNonNull(operand.of);
        Scratch scratch = scratches[worker];
        scratch.row = LaneScratch.fit(scratch.row, operand.stride + LANES);
        if (scratch.rounded.length < operand.stride + LANES) {
            scratch.rounded = new short[operand.stride + LANES];
        }
        for (int row = first; row < Math.min(operand.rows, first + ROWS_OF_TILE); row++) {
            if (row < of.rows()) {
                of.floats().get(of.offset(row), scratch.row, 0, of.columns());
                Arrays.fill(scratch.row, of.columns(), operand.stride, 0);
                toBfloat16(scratch.row, scratch.rounded, operand.stride);
            } else {
                Arrays.fill(scratch.rounded, 0, operand.stride, (short) 0);
            }
            operand.elements.put(row * operand.stride, scratch.rounded, 0, operand.stride);
        }
    }

    /** To the nearest bfloat16, ties to even; what is no number stays none. */
    static void toBfloat16(float[] from, short[] to, int count) {
        for (int i = 0; i < count; i += LANES) {
            FloatVector x = FloatVector.fromArray(FLOATS, from, i);
            IntVector bits = x.reinterpretAsInts();
            IntVector odd = bits.lanewise(VectorOperators.LSHR, 16).and(1);
            IntVector nearest = bits.add(odd).add(0x7FFF).lanewise(VectorOperators.LSHR, 16);
            IntVector kept =
                    nearest.blend(0x7FC0, x.compare(VectorOperators.NE, x).cast(INTS));
            ((ShortVector) kept.convertShape(VectorOperators.I2S, SHORTS, 0)).intoArray(to, i);
        }
    }

    private void multiply(int tile, int worker) {
        Tensor result = Objects.requireNonNull(out);
        Workspace workspace = workspaces[worker];
        library.useOneThread(workspace);
        BfloatPlans plans = scratches[worker].plans;
        int column = tile * columnsOfTile;
        int width = Math.min(columnsOfTile, result.columns() - column);
        long right = b.address(transposeB ? column : 0, transposeB ? 0 : column);
        int many = result.rows() / MANY_ROWS * MANY_ROWS;
        if (many > 0) {
            plans.multiply(
                    shape(many, width, result.rowStride(), adds),
                    a.address(0, 0),
                    right,
                    result.address() + 4L * column);
        }
        int rest = result.rows() - many;
        if (rest > 0) {
            int padded = roundUp(rest, FEW_ROWS);
            FloatBuffer block = workspace.nativeBlock(padded * width);
            long left = a.address(transposeA ? 0 : many, transposeA ? many : 0);
            plans.multiply(shape(padded, width, width, false), left, right, workspace.nativeAddress());
            store(result, many, rest, column, width, block, workspace);
        }
    }

    private BfloatPlans.Shape shape(int rows, int columns, int stride, boolean adding) {
        return new BfloatPlans.Shape(
                rows, columns, depth, transposeA, transposeB, a.stride, b.stride, Math.max(1, stride), adding);
    }

    private void store(
            Tensor result, int first, int rows, int column, int width, FloatBuffer block, Workspace workspace) {
        float[] sums = workspace.row(0, width);
        float[] before = workspace.row(1, width);
        for (int row = 0; row < rows; row++) {
            int at = result.offset(first + row) + column;
            block.get(row * width, sums, 0, width);
            if (adds) {
                result.floats().get(at, before, 0, width);
                VectorMath.add(sums, 0, before, 0, width);
            }
            result.floats().put(at, sums, 0, width);
        }
    }

    @Override
    public void close() {
        for (Scratch scratch : scratches) {
            scratch.plans.close();
        }
        a.memory.close();
        b.memory.close();
    }
}
