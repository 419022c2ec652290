package io.github.rlhf4j.core.model;

import io.github.rlhf4j.core.kernels.CacheLayout;
import io.github.rlhf4j.core.tensor.DataType;
import io.github.rlhf4j.core.tensor.Tensor;
import java.nio.FloatBuffer;

/** Writes keys and values of a layer into pages as {@link CacheLayout} says. */
final class CachePages {
    private float[] staged = new float[0];

    /**
     * Stores the keys and values of a sequence's first {@code count} positions.
     *
     * @param cache (pages, page size)
     * @param queryKeyValue (N, (H + 2 Hkv) D), rotated; the sequence's are rows {@code from .. from + count - 1}
     * @param pages of the sequence
     */
    void store(Tensor cache, CacheLayout layout, Tensor queryKeyValue, int from, int count, int[] pages) {
        for (int first = 0; first < count; first += CacheLayout.PAGE) {
            int page = pages[first / CacheLayout.PAGE];
            int positions = Math.min(CacheLayout.PAGE, count - first);
            if (queryKeyValue.type() == DataType.FLOAT) {
                storeFloats(cache, layout, queryKeyValue, from + first, positions, page);
            } else {
                for (int slot = 0; slot < positions; slot++) {
                    storeRow(cache, layout, queryKeyValue, from + first + slot, page, slot);
                }
            }
        }
    }

    /** A page's first positions; the others' keys are set to anything. */
    private void storeFloats(
            Tensor cache, CacheLayout layout, Tensor queryKeyValue, int from, int positions, int page) {
        int dim = layout.headDim();
        int width = layout.keyValueHeads() * dim;
        int rows = CacheLayout.PAGE * 2 * width;
        float[] room = room(
                rows + CacheLayout.PAGE * dim); // (PAGE, 2 width), then a head's keys (D, PAGE) or values (PAGE, D)
        for (int slot = 0; slot < positions; slot++) {
            int at = queryKeyValue.offset(from + slot) + layout.heads() * dim;
            queryKeyValue.floats().get(at, room, slot * 2 * width, 2 * width);
        }
        FloatBuffer out = cache.floats();
        int at = cache.offset(page);
        for (int head = 0; head < layout.keyValueHeads(); head++) {
            for (int d = 0; d < dim; d++) {
                for (int slot = 0; slot < CacheLayout.PAGE; slot++) {
                    room[rows + d * CacheLayout.PAGE + slot] = room[slot * 2 * width + head * dim + d];
                }
            }
            out.put(at + layout.keys(head), room, rows, CacheLayout.PAGE * dim);
            for (int slot = 0; slot < positions; slot++) {
                System.arraycopy(room, slot * 2 * width + width + head * dim, room, rows + slot * dim, dim);
            }
            out.put(at + layout.values(head), room, rows, positions * dim);
        }
    }

    /** One row's at a place of a page. */
    void storeRow(Tensor cache, CacheLayout layout, Tensor queryKeyValue, int row, int page, int slot) {
        int dim = layout.headDim();
        int width = layout.keyValueHeads() * dim;
        for (int head = 0; head < layout.keyValueHeads(); head++) {
            int key = (layout.heads() + head) * dim;
            for (int d = 0; d < dim; d++) {
                cache.set(page, layout.keys(head) + d * CacheLayout.PAGE + slot, queryKeyValue.get(row, key + d));
                cache.set(page, layout.values(head) + slot * dim + d, queryKeyValue.get(row, key + width + d));
            }
        }
    }

    /** Room for so many floats, contents undefined. */
    float[] room(int size) {
        if (staged.length < size) {
            staged = new float[size];
        }
        return staged;
    }
}
