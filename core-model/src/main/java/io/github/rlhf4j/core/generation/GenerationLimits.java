package io.github.rlhf4j.core.generation;

import io.github.rlhf4j.core.model.KeyValueCache;
import io.github.rlhf4j.core.model.ModelConfig;
import io.github.rlhf4j.core.tensor.DataType;

/**
 * How much a {@link Generator} does at once; texts do not depend on it.
 *
 * @param sequences most sequences decoded together, >= 1; the others wait
 * @param cacheBytes most bytes of cached keys and values, > 0
 * @param prefillTokens most prompt tokens of one prefill pass, >= 1; a longer prompt has a pass of its own
 */
public record GenerationLimits(int sequences, long cacheBytes, int prefillTokens) {
    /** 64 sequences, 1 GiB, 2,048 tokens. */
    public static final GenerationLimits DEFAULT = new GenerationLimits(64, 1L << 30, 2048);

    public GenerationLimits {
        if (sequences < 1 || cacheBytes < 1 || prefillTokens < 1) {
            throw new IllegalArgumentException("limits of generation must be >= 1, but are " + sequences
                    + " sequences, " + cacheBytes + " bytes, " + prefillTokens + " tokens");
        }
    }

    /** Most pages of a cache. */
    long pages(ModelConfig config, DataType type) {
        return Math.min(cacheBytes / KeyValueCache.pageBytes(config, type), KeyValueCache.mostPages(config, type));
    }

    /** What each of some threads may do, that share {@code samples} sequences. */
    GenerationLimits among(int threads, int samples) {
        int most = Math.min(sequences, samples);
        return new GenerationLimits(
                (most + threads - 1) / threads,
                Math.max(1, cacheBytes / threads),
                Math.max(1, prefillTokens / threads));
    }
}
