package io.github.rlhf4j.core.generation;

import io.github.rlhf4j.core.UserError;
import io.github.rlhf4j.core.kernels.CacheLayout;
import io.github.rlhf4j.core.model.IncrementalDecoder;
import io.github.rlhf4j.core.model.KeyValueCache;
import io.github.rlhf4j.core.model.ModelConfig;
import io.github.rlhf4j.core.model.Transformer;
import java.util.ArrayDeque;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What one thread generates with: a model, a decoder and a cache of its own, which is kept from call to call. */
final class GenerationWorker implements AutoCloseable {
    private final Transformer model;
    private final IncrementalDecoder decoder;
    private final boolean ownsModel;
    private @Nullable Drafter drafter;
    private @Nullable KeyValueCache cache;

    GenerationWorker(Transformer model, IncrementalDecoder decoder, boolean ownsModel) {
        this.model = model;
        this.decoder = decoder;
        this.ownsModel = ownsModel;
    }

    /** Guesses from now on; closed here. */
    void use(@Nullable Drafter guesses) {
        if (drafter != null) {
            drafter.close();
        }
        drafter = guesses;
    }

    IncrementalDecoder decoder() {
        return decoder;
    }

    /** Whether every sequence fits a cache within {@code limits}. */
    boolean fits(GenerationLimits limits, List<PromptGroup> groups) {
        return longest(groups) <= affordable(limits);
    }

    private static int longest(List<PromptGroup> groups) {
        return groups.stream()
                .mapToInt(group -> group.sequencePages() + 1)
                .max()
                .orElse(0);
    }

    private long affordable(GenerationLimits limits) {
        return limits.pages(model.config(), model.kernels().type());
    }

    /**
     * Sees to a cache that is large enough to keep all slots busy, or as large as it may be.
     *
     * @param workers how many there are, each with a cache
     * @throws UserError where a sequence does not fit
     */
    GenerationWorker open(GenerationLimits limits, List<PromptGroup> groups, int workers) {
        ModelConfig config = model.config();
        int longest = longest(groups);
        long affordable = affordable(limits);
        if (longest > affordable) {
            long pageBytes = KeyValueCache.pageBytes(config, model.kernels().type());
            throw new UserError("a sequence of " + longest * CacheLayout.PAGE + " tokens needs "
                    + (longest * pageBytes >> 20) + " MiB of cached keys and values, but "
                    + (affordable * pageBytes >> 20) + " MiB is the limit: ask for fewer new tokens");
        }
        long all = groups.stream()
                .mapToLong(group -> group.promptPages() + (long) group.samples() * group.sequencePages())
                .sum();
        int wanted = (int) Math.min(affordable, Math.min(all, (long) longest * limits.sequences()));
        if (cache == null || cache.pages() < wanted) {
            closeCache();
            cache = new KeyValueCache(config, model.kernels().type(), wanted, workers);
        }
        return this;
    }

    /** Generates for requests of {@code requests} until there are none. What the listener throws ends it; then {@link #open} begins anew. */
    void run(
            GenerationLimits limits,
            SamplingOptions options,
            GenerationListener listener,
            ArrayDeque<PromptGroup> requests,
            Generated[][] results) {
        KeyValueCache open = cache;
        if (open == null) {
            throw new IllegalStateException("not open");
        }
        boolean isDone = false;
        try {
            new GenerationRun(model, limits, decoder, drafter, open, options, listener, requests, results).run();
            isDone = true;
        } finally {
            if (!isDone) { // a listener has thrown: pages of the cache are still taken
                closeCache();
            }
        }
    }

    /** The best texts of a beam search, with a cache of its own. */
    List<Generated> search(GenerationLimits limits, PromptGroup group, BeamOptions beams, SamplingOptions options) {
        long pages = group.promptPages() + (beams.numBeams() + 1L) * (group.sequencePages() + 1);
        if (pages > affordable(limits)) {
            throw new UserError(beams.numBeams() + " beams of " + group.sequencePages() * CacheLayout.PAGE
                    + " tokens need " + (pages * pageBytes() >> 20) + " MiB of cached keys and values, but "
                    + (affordable(limits) * pageBytes() >> 20)
                    + " MiB is the limit: ask for fewer beams or new tokens");
        }
        try (KeyValueCache own =
                new KeyValueCache(model.config(), model.kernels().type(), (int) pages, 1)) {
            return new BeamSearch(model, decoder, own, beams, options, group).run();
        }
    }

    private long pageBytes() {
        return KeyValueCache.pageBytes(model.config(), model.kernels().type());
    }

    long cacheBytes() {
        return cache == null ? 0 : cache.bytes();
    }

    private void closeCache() {
        if (cache != null) {
            cache.close();
        }
        cache = null;
    }

    @Override
    public void close() {
        closeCache();
        use(null);
        decoder.close();
        if (ownsModel) {
            model.close();
        }
    }
}
