package io.github.rlhf4j.core.kernels.cpu;

import io.github.rlhf4j.core.tensor.Tensor;
import java.nio.FloatBuffer;

/** Operations on elements at the same place of up to four tensors of one shape, in chunks that stay in the first-level cache. */
final class Elementwise implements Parallel.TileBody {
    /** Elements, few: so memory delivers an operation's streams side by side. With 2,048 AdamW moved 27 GB/s on an AMD Zen 4, with 192 about 43. */
    private static final int CHUNK = 192;

    private static final int CHUNKS_PER_TILE = 160;
    private static final FloatBuffer NONE = FloatBuffer.allocate(0);

    /** What happens to a staged chunk; arrays hold {@code n} elements and padding that may be computed upon. */
    interface ChunkOperation {
        void apply(float[] first, float[] second, float[] third, float[] fourth, int n);
    }

    private final Parallel parallel;
    private final Workspace[] workspaces;
    private final FloatBuffer[] buffers = {NONE, NONE, NONE, NONE};
    private final int[] offsets = new int[4];
    private final int[] strides = new int[4];
    private int operands;
    private int written;
    private int columns;
    private int chunksPerRow;
    private int chunks;
    private boolean readsFirst;
    private ChunkOperation operation = (first, second, third, fourth, n) -> {};

    Elementwise(Parallel parallel, Workspace[] workspaces) {
        this.parallel = parallel;
        this.workspaces = workspaces;
    }

    void run(ChunkOperation operation, boolean readsFirst, Tensor only) {
        operands = 1;
        set(0, only);
        start(operation, readsFirst, 1, only, only.isContiguous());
    }

    /** @param readsFirst false where the first tensor's old content does not matter */
    void run(ChunkOperation operation, boolean readsFirst, Tensor first, Tensor second) {
        operands = 2;
        set(0, first);
        set(1, second);
        start(operation, readsFirst, 1, first, first.isContiguous() && second.isContiguous());
    }

    /** The first three are read and written, the fourth read. */
    void run(ChunkOperation operation, Tensor first, Tensor second, Tensor third, Tensor fourth) {
        operands = 4;
        set(0, first);
        set(1, second);
        set(2, third);
        set(3, fourth);
        boolean flat = first.isContiguous() && second.isContiguous() && third.isContiguous() && fourth.isContiguous();
        start(operation, true, 3, first, flat);
    }

    private void set(int operand, Tensor tensor) {
        buffers[operand] = tensor.floats();
        offsets[operand] = tensor.offset();
        strides[operand] = tensor.rowStride();
    }

    private void start(ChunkOperation newOperation, boolean newReadsFirst, int newWritten, Tensor shape, boolean flat) {
        operation = newOperation;
        readsFirst = newReadsFirst;
        written = newWritten;
        columns = flat ? Math.toIntExact(shape.size()) : shape.columns();
        int rows = flat ? 1 : shape.rows();
        chunksPerRow = (columns + CHUNK - 1) / CHUNK;
        chunks = rows * chunksPerRow;
        parallel.forEachTile((chunks + CHUNKS_PER_TILE - 1) / CHUNKS_PER_TILE, this);
    }

    @Override
    public void run(int tile, int worker) {
        int last = Math.min(chunks, (tile + 1) * CHUNKS_PER_TILE);
        for (int chunk = tile * CHUNKS_PER_TILE; chunk < last; chunk++) {
            runChunk(chunk / chunksPerRow, chunk % chunksPerRow * CHUNK, workspaces[worker]);
        }
    }

    private void runChunk(int row, int column, Workspace workspace) {
        int n = Math.min(CHUNK, columns - column);
        for (int operand = readsFirst ? 0 : 1; operand < operands; operand++) {
            int index = offsets[operand] + row * strides[operand] + column;
            buffers[operand].get(index, workspace.row(operand, CHUNK), 0, n);
        }
        operation.apply(
                workspace.row(0, CHUNK), workspace.row(1, CHUNK), workspace.row(2, CHUNK), workspace.row(3, CHUNK), n);
        for (int operand = 0; operand < written; operand++) {
            int index = offsets[operand] + row * strides[operand] + column;
            buffers[operand].put(index, workspace.row(operand, CHUNK), 0, n);
        }
    }
}
