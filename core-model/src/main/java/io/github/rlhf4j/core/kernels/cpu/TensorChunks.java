package io.github.rlhf4j.core.kernels.cpu;

import io.github.rlhf4j.core.tensor.Tensor;
import java.nio.FloatBuffer;

/** A tensor cut into chunks that stay in the first-level cache, and these into tiles: how a number is computed from all elements in an order that threads do not change. */
final class TensorChunks {
    private static final int CHUNK = 2048;
    private static final int CHUNKS_PER_TILE = 16;

    private FloatBuffer source = FloatBuffer.allocate(0);
    private int offset;
    private int stride;
    private int columns;
    private int chunksPerRow;
    private int chunks;

    /** Cuts {@code x}; the number of tiles. */
    int cut(Tensor x) {
        source = x.floats();
        offset = x.offset();
        stride = x.rowStride();
        columns = x.isContiguous() ? Math.toIntExact(x.size()) : x.columns();
        int rows = x.isContiguous() ? 1 : x.rows();
        chunksPerRow = (columns + CHUNK - 1) / CHUNK;
        chunks = rows * chunksPerRow;
        return (chunks + CHUNKS_PER_TILE - 1) / CHUNKS_PER_TILE;
    }

    /** A tile's first chunk. */
    int first(int tile) {
        return tile * CHUNKS_PER_TILE;
    }

    /** The chunk after a tile's last. */
    int end(int tile) {
        return Math.min(chunks, first(tile + 1));
    }

    /** Elements of a chunk. */
    int length(int chunk) {
        return Math.min(CHUNK, columns - column(chunk));
    }

    /** Stages a chunk, with zeros to a whole vector. */
    float[] load(Workspace workspace, int chunk) {
        return workspace.load(0, source, offset + chunk / chunksPerRow * stride + column(chunk), length(chunk), 0);
    }

    private int column(int chunk) {
        return chunk % chunksPerRow * CHUNK;
    }
}
