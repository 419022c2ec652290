package io.github.rlhf4j.core.generation;

import java.util.Arrays;
import java.util.BitSet;

/** The distinct tokens of a prompt and its continuation, for the repetition penalty; keeps nothing where there is none. */
final class SeenTokens {
    private final boolean kept;
    private final BitSet set = new BitSet();
    private int[] ids = new int[64];
    private int count;

    SeenTokens(boolean kept, int[] promptIds) {
        this.kept = kept;
        for (int id : promptIds) {
            add(id);
        }
    }

    void add(int id) {
        if (kept && !set.get(id)) {
            set.set(id);
            if (count == ids.length) {
                ids = Arrays.copyOf(ids, 2 * count);
            }
            ids[count++] = id;
        }
    }

    int count() {
        return count;
    }

    int id(int index) {
        return ids[index];
    }
}
