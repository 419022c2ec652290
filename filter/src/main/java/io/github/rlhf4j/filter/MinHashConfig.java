package io.github.rlhf4j.filter;

import static io.github.rlhf4j.core.stage.ConfigException.checkConfig;

import io.github.rlhf4j.filter.text.MinHash;
import java.util.OptionalInt;

/**
 * How near duplicates are found; names and defaults are datatrove's MinhashConfig.
 *
 * @param nGrams words of an n-gram, >= 1; absent: 5
 * @param numBuckets bands, >= 1; absent: 14
 * @param hashesPerBucket numbers of a band, >= 1; absent: 8
 */
public record MinHashConfig(OptionalInt nGrams, OptionalInt numBuckets, OptionalInt hashesPerBucket) {
    /** What datatrove has. */
    public static final MinHashConfig DEFAULT =
            new MinHashConfig(OptionalInt.empty(), OptionalInt.empty(), OptionalInt.empty());

    private static final int N_GRAMS = 5;
    private static final int BUCKETS = 14;
    private static final int HASHES = 8;
    private static final int MOST = 10_000;

    public MinHashConfig {
        least("n_grams", nGrams);
        least("num_buckets", numBuckets);
        least("hashes_per_bucket", hashesPerBucket);
        long numbers = (long) numBuckets.orElse(BUCKETS) * hashesPerBucket.orElse(HASHES);
        checkConfig(
                numbers <= MOST,
                "num_buckets",
                numBuckets.orElse(BUCKETS),
                "times hashes_per_bucket must be <= " + MOST);
    }

    private static void least(String key, OptionalInt value) {
        checkConfig(value.orElse(1) >= 1, key, value.orElse(1), "must be >= 1");
    }

    /** Bands. */
    int buckets() {
        return numBuckets.orElse(BUCKETS);
    }

    /** What makes the signatures. */
    MinHash minHash() {
        return new MinHash(nGrams.orElse(N_GRAMS), buckets(), hashesPerBucket.orElse(HASHES));
    }
}
