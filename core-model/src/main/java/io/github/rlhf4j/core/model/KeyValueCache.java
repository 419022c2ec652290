package io.github.rlhf4j.core.model;

import io.github.rlhf4j.core.kernels.CacheLayout;
import io.github.rlhf4j.core.tensor.DataType;
import io.github.rlhf4j.core.tensor.NativeMemory;
import io.github.rlhf4j.core.tensor.Tensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Keys and values of all layers in pages of {@link CacheLayout#PAGE} positions, which sequences that share a prefix share.
 *
 * <p>A page is free until {@link #take}, has as many owners as {@link #share} gave it more, and is free again when the last of them gives it back. Owns its memory until
 * {@link #close}. Not thread-safe.
 */
public final class KeyValueCache implements AutoCloseable {
    /** Caches are on the heap, where they are read without being copied, if all of them take no more than this part of it. */
    private static final int HEAP_SHARE = 8;

    private static final long LARGEST_TENSOR = Integer.MAX_VALUE - 4096L;

    private final CacheLayout[] layouts; // one a layer
    private final List<Tensor> layers = new ArrayList<>(); // (pages, page size)
    private final NativeMemory memory = new NativeMemory(1 << 16);
    private final int[] owners;
    private final int[] free; // a stack
    private int freePages;
    private final long bytes;
    private final CachePages writer = new CachePages();

    /**
     * @param pages how many, >= 1
     * @param caches how many such caches are in use together, >= 1
     */
    public KeyValueCache(ModelConfig config, DataType type, int pages, int caches) {
        layouts = new CacheLayout[config.layers()];
        for (int layer = 0; layer < layouts.length; layer++) {
            layouts[layer] = new CacheLayout(
                    config.heads(),
                    config.keyValueHeads(),
                    config.headDim(),
                    1 / Math.sqrt(config.headDim()),
                    config.window(layer));
        }
        boolean onHeap = type == DataType.FLOAT && isOnHeap(pageBytes(config, type) * (pages + 1L) * caches);
        for (CacheLayout layout : layouts) {
            int size = layout.pageSize();
            layers.add(
                    onHeap
                            ? Tensor.onHeap(pages + 1, size)
                                    .rows(0, pages) // whole vectors are read beyond the last page
                            : memory.allocate(type, pages, size));
        }
        bytes = onHeap ? pageBytes(config, type) * pages : memory.bytes();
        owners = new int[pages];
        free = new int[pages];
        freePages = pages;
        for (int i = 0; i < pages; i++) {
            free[i] = pages - 1 - i;
        }
    }

    private static boolean isOnHeap(long bytes) {
        return bytes <= Runtime.getRuntime().maxMemory() / HEAP_SHARE;
    }

    /** What caches of so many bytes together make the process larger by, about: with what lives on the heap, Java's room for new objects grows too. */
    public static long residentBytes(long bytes) {
        return isOnHeap(bytes) ? bytes + bytes / 5 * 4 : bytes; // measured: docs/reliability.md, Predicted memory
    }

    /** Bytes of one page. */
    public static long pageBytes(ModelConfig config, DataType type) {
        return (long) config.layers() * 2 * config.keyValueWidth() * CacheLayout.PAGE * type.bytes();
    }

    /** The most pages that one cache of this model can have. */
    public static int mostPages(ModelConfig config, DataType type) {
        return (int) Math.min(Integer.MAX_VALUE, LARGEST_TENSOR / (pageBytes(config, type) / config.layers()));
    }

    /** All pages. */
    public int pages() {
        return owners.length;
    }

    /** Pages that nobody owns. */
    public int freePages() {
        return freePages;
    }

    /** A free page for one owner; contents undefined. */
    public int take() {
        if (freePages == 0) {
            throw new IllegalStateException("no page is free");
        }
        int page = free[--freePages];
        owners[page] = 1;
        return page;
    }

    /** One more owner for a page; shared pages must not be written. */
    public void share(int page) {
        owners[page]++;
    }

    /** One owner less. */
    public void giveBack(int page) {
        if (--owners[page] == 0) {
            free[freePages++] = page;
        }
    }

    /** Copies the contents of a page of every layer. */
    public void copyPage(int to, int from) {
        for (Tensor layer : layers) {
            if (layer.type() == DataType.FLOAT) {
                float[] values = writer.room(layer.columns());
                layer.floats().get(layer.offset(from), values, 0, layer.columns());
                layer.floats().put(layer.offset(to), values, 0, layer.columns());
            } else {
                for (int j = 0; j < layer.columns(); j++) {
                    layer.set(to, j, layer.get(from, j));
                }
            }
        }
    }

    /**
     * Stores the keys and values of a sequence's first {@code count} positions.
     *
     * @param queryKeyValue (N, (H + 2 Hkv) D), rotated; the sequence's are rows {@code from .. from + count - 1}
     * @param pages of the sequence
     */
    public void store(int layer, Tensor queryKeyValue, int from, int count, int[] pages) {
        writer.store(layers.get(layer), layouts[layer], queryKeyValue, from, count, pages);
    }

    /**
     * Stores the keys and values of {@code count} positions of a sequence from a page's first one on.
     *
     * @param position of the first, a multiple of {@link CacheLayout#PAGE}
     */
    void store(int layer, Tensor queryKeyValue, int from, int count, int[] pages, int position) {
        int page = position / CacheLayout.PAGE;
        store(layer, queryKeyValue, from, count, page == 0 ? pages : Arrays.copyOfRange(pages, page, pages.length));
    }

    Tensor layer(int layer) {
        return layers.get(layer);
    }

    CacheLayout layout(int layer) {
        return layouts[layer];
    }

    /** Bytes held. */
    public long bytes() {
        return bytes;
    }

    @Override
    public void close() {
        memory.close();
        layers.clear();
    }
}
