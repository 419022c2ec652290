package io.github.rlhf4j.core.model;

import io.github.rlhf4j.core.kernels.AttentionLayout;
import io.github.rlhf4j.core.kernels.CacheLayout;
import io.github.rlhf4j.core.kernels.Kernels;
import io.github.rlhf4j.core.tensor.DataType;
import io.github.rlhf4j.core.tensor.NativeMemory;
import io.github.rlhf4j.core.tensor.Tensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * How a model's forward pass computes in the order of generation: products by packed weights, and attention a row at a time over keys and values in pages, as {@link IncrementalDecoder} does. What comes out at a
 * row then is what generation had there, to the bit, whatever else is in the batch. Owns its memory until {@link #close}.
 */
final class GenerationOrder implements AutoCloseable {
    /** Pages are on the heap, where they are read without being copied, where they take no more than this part of it. */
    private static final int HEAP_SHARE = 16;

    private final Kernels kernels;
    private final PackedWeights weights;
    private final CachePages writer = new CachePages();
    private @Nullable NativeMemory memory;
    private @Nullable Tensor pages; // (pages, page size), one layer's
    private @Nullable Places places;

    /** Where the rows of a batch have their keys and values. */
    @SuppressWarnings("ArrayRecordComponent")
    private record Places(AttentionLayout layout, int[] positions, int[][] ofRows, int[][] ofSegments, int count) {
        static Places of(AttentionLayout layout, int rows) {
            int segments = layout.segmentStart().length;
            int[] positions = new int[rows];
            int[][] ofRows = new int[rows][];
            int[][] ofSegments = new int[segments][];
            int count = 0;
            for (int segment = 0; segment < segments; segment++) {
                int first = layout.firstPosition(segment);
                int length = layout.segmentLength()[segment];
                int[] table = new int[CacheLayout.pages(first + length)];
                for (int i = 0; i < table.length; i++) {
                    table[i] = count++;
                }
                ofSegments[segment] = table;
                for (int i = 0; i < length; i++) {
                    positions[layout.segmentStart()[segment] + i] = first + i;
                    ofRows[layout.segmentStart()[segment] + i] = table;
                }
            }
            return new Places(layout, positions, ofRows, ofSegments, count);
        }

        boolean isOf(AttentionLayout other) {
            return Arrays.equals(layout.segmentStart(), other.segmentStart())
                    && Arrays.equals(layout.segmentLength(), other.segmentLength())
                    && Arrays.equals(layout.segmentParent(), other.segmentParent());
        }
    }

    /** @param weights used by others too, and not closed here */
    GenerationOrder(Kernels kernels, PackedWeights weights) {
        this.kernels = kernels;
        this.weights = weights;
    }

    PackedWeights weights() {
        return weights;
    }

    /**
     * Attention of all rows.
     *
     * @param out (N, H D)
     * @param queryKeyValue (N, (H + 2 Hkv) D), rotated
     */
    void attend(Tensor out, Tensor queryKeyValue, AttentionLayout layout) {
        Places now = places(layout, out.rows());
        CacheLayout pageLayout = new CacheLayout(
                layout.heads(), layout.keyValueHeads(), layout.headDim(), layout.scale(), layout.window());
        Tensor cache = pages(now.count(), pageLayout.pageSize());
        for (int segment = 0; segment < now.ofSegments().length; segment++) {
            store(cache, pageLayout, queryKeyValue, layout, segment, now.ofSegments()[segment]);
        }
        kernels.decodeAttention(out, queryKeyValue, cache, pageLayout, now.positions(), now.ofRows(), out.rows());
    }

    private Places places(AttentionLayout layout, int rows) {
        Places present = places;
        if (present == null || present.positions().length != rows || !present.isOf(layout)) {
            present = Places.of(layout, rows);
            places = present;
        }
        return present;
    }

    /** A segment's own keys and values, after those of its ancestors. */
    private void store(
            Tensor cache,
            CacheLayout pageLayout,
            Tensor queryKeyValue,
            AttentionLayout layout,
            int segment,
            int[] table) {
        if (layout.segmentParent()[segment] < 0) {
            int length = layout.segmentLength()[segment];
            writer.store(cache, pageLayout, queryKeyValue, layout.segmentStart()[segment], length, table);
            return;
        }
        List<Integer> chain = new ArrayList<>();
        for (int s = segment; s >= 0; s = layout.segmentParent()[s]) {
            chain.add(0, s);
        }
        int position = 0;
        for (int member : chain) {
            for (int i = 0; i < layout.segmentLength()[member]; i++, position++) {
                int row = layout.segmentStart()[member] + i;
                int page = table[position / CacheLayout.PAGE];
                writer.storeRow(cache, pageLayout, queryKeyValue, row, page, position % CacheLayout.PAGE);
            }
        }
    }

    private Tensor pages(int count, int size) {
        Tensor present = pages;
        if (present != null && present.rows() > count && present.columns() == size) {
            return present;
        }
        close();
        int rows = count + count / 4 + 1; // whole vectors are read beyond the last page
        boolean onHeap = kernels.type() == DataType.FLOAT
                && 4L * rows * size <= Runtime.getRuntime().maxMemory() / HEAP_SHARE;
        Tensor grown = onHeap ? Tensor.onHeap(rows, size) : allocate(rows, size);
        pages = grown;
        return grown;
    }

    private Tensor allocate(int rows, int size) {
        NativeMemory fresh = new NativeMemory(1 << 16);
        memory = fresh;
        return fresh.allocate(kernels.type(), rows, size);
    }

    /** The same for another thread's view of the model. */
    GenerationOrder on(Transformer same) {
        return new GenerationOrder(same.kernels(), weights.on(same));
    }

    @Override
    public void close() {
        if (memory != null) {
            memory.close();
        }
        memory = null;
        pages = null;
    }
}
