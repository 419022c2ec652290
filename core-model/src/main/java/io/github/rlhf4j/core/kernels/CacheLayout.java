package io.github.rlhf4j.core.kernels;

/**
 * How one layer's keys and values lie in a cache of pages.
 *
 * <p>A page holds {@link #PAGE} positions of one sequence. The cache is a tensor of one page a row: (pages, Hkv 2 D PAGE). In a row, key-value head after
 * head: its keys transposed, (D, PAGE), so that scores of neighbouring positions are computed side by side, then its values, (PAGE, D).
 *
 * @param heads H, query heads
 * @param keyValueHeads Hkv, divides H
 * @param headDim D
 * @param scale factor on query . key
 * @param window how many positions back a row may look, itself included, or 0 for all
 */
public record CacheLayout(int heads, int keyValueHeads, int headDim, double scale, int window) {
    /** Positions of a page: whole vectors of every width. */
    public static final int PAGE = 32;

    public CacheLayout {
        if (keyValueHeads <= 0 || heads % keyValueHeads != 0) {
            throw new IllegalArgumentException(heads + " heads cannot share " + keyValueHeads + " key-value heads");
        }
    }

    /** Elements of a page. */
    public int pageSize() {
        return size(keyValueHeads);
    }

    /** Elements of a page's part of some neighbouring key-value heads. */
    public int size(int neighbours) {
        return neighbours * 2 * headDim * PAGE;
    }

    /** Pages that {@code positions} positions take. */
    public static int pages(int positions) {
        return (positions + PAGE - 1) / PAGE;
    }

    /** Query heads that share a key-value head. */
    public int group() {
        return heads / keyValueHeads;
    }

    /** Where the keys of key-value head {@code head} begin in a page. */
    public int keys(int head) {
        return head * 2 * headDim * PAGE;
    }

    /** Where the values of key-value head {@code head} begin in a page. */
    public int values(int head) {
        return keys(head) + headDim * PAGE;
    }

    /** Width of a row of queries, keys and values. */
    public int rowWidth() {
        return (heads + 2 * keyValueHeads) * headDim;
    }

    /** The first position that the one at {@code position} sees. */
    public int firstVisible(int position) {
        return window == 0 ? 0 : Math.max(0, position + 1 - window);
    }
}
