package io.github.rlhf4j.core.generation;

import io.github.rlhf4j.core.kernels.CacheLayout;
import io.github.rlhf4j.core.model.KeyValueCache;
import java.util.Arrays;

/** The cached keys and values of beams: those that continue the same text share its whole pages. */
final class BeamPages {
    private final KeyValueCache cache;
    private int[][] tables; // by beam

    /** @param table of the prompt, whose pages are taken already */
    BeamPages(KeyValueCache cache, int[] table) {
        this.cache = cache;
        this.tables = new int[][] {table};
    }

    /**
     * The beams of the next step.
     *
     * @param parents the beam of the last step that each continues
     * @param position of the token that each feeds next
     */
    void follow(int[] parents, int position) {
        int[][] next = new int[parents.length][];
        boolean[] isInherited = new boolean[tables.length];
        boolean beginsPage = position % CacheLayout.PAGE == 0;
        for (int beam = 0; beam < parents.length; beam++) {
            int[] of = tables[parents[beam]];
            boolean isFirst = !isInherited[parents[beam]];
            isInherited[parents[beam]] = true;
            next[beam] = Arrays.copyOf(of, of.length + (beginsPage ? 1 : 0));
            if (!isFirst) {
                share(next[beam], of.length, beginsPage);
            }
            if (beginsPage) {
                next[beam][of.length] = cache.take();
            }
        }
        for (int beam = 0; beam < tables.length; beam++) {
            if (!isInherited[beam]) {
                giveBack(tables[beam]);
            }
        }
        tables = next;
    }

    /** Whole pages are shared; one that is written to is copied. */
    private void share(int[] table, int pages, boolean allWhole) {
        for (int i = 0; i < pages; i++) {
            if (i < pages - 1 || allWhole) {
                cache.share(table[i]);
            } else {
                int copy = cache.take();
                cache.copyPage(copy, table[i]);
                table[i] = copy;
            }
        }
    }

    int[][] tables() {
        return tables;
    }

    void close() {
        for (int[] table : tables) {
            giveBack(table);
        }
    }

    private void giveBack(int[] table) {
        for (int page : table) {
            cache.giveBack(page);
        }
    }
}
