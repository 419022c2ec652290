package io.github.rlhf4j.cli.inspect;

import io.github.rlhf4j.filter.text.MinHash;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/** How many of the first rows are near duplicates of one before, as stage filter finds them with {@code minhash: {}}. */
final class NearDuplicates {
    private static final int MOST = 20_000;
    private static final int N_GRAMS = 5;
    private static final int BANDS = 14;
    private static final int HASHES = 8;

    private final MinHash hash = new MinHash(N_GRAMS, BANDS, HASHES);
    private final List<Set<Long>> seen = new ArrayList<>();
    private int count;
    private int near;

    NearDuplicates() {
        for (int band = 0; band < BANDS; band++) {
            seen.add(new HashSet<>());
        }
    }

    void add(String text) {
        if (count == MOST) {
            return;
        }
        count++;
        long[] bands = hash.bands(hash.signature(text));
        boolean isNear = false;
        for (int band = 0; band < BANDS; band++) {
            isNear |= !seen.get(band).add(bands[band]);
        }
        near += isNear ? 1 : 0;
    }

    String summary() {
        return String.format(
                Locale.ROOT,
                "%,d of the first %,d rows (%.1f %%), exact ones included",
                near,
                count,
                100.0 * near / count);
    }
}
