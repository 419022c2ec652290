package io.github.rlhf4j.core.generation;

import io.github.rlhf4j.core.UserError;
import io.github.rlhf4j.core.kernels.CacheLayout;
import io.github.rlhf4j.core.model.IncrementalDecoder;
import io.github.rlhf4j.core.model.KeyValueCache;
import io.github.rlhf4j.core.model.ModelConfig;
import io.github.rlhf4j.core.model.Transformer;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Continues prompts with a model: prompts are computed in packed passes, then all sequences are decoded together, a token each a step; a sequence that ends makes room for the next.
 *
 * <p>A text depends on its prompt, the options, its {@link GenerationRequest#random} and its sample number, and not on the other requests or the limits, to
 * the bit. The model's weights may change between calls. Owns a copy of the weights in the form that this needs, its key-value cache and activations until {@link #close}; the model is the caller's. Not thread-safe.
 */
public final class Generator implements AutoCloseable {
    private final Transformer model;
    private final GenerationLimits limits;
    private final IncrementalDecoder decoder;
    private @Nullable KeyValueCache cache;

    /** A generator within {@link GenerationLimits#DEFAULT}. */
    public Generator(Transformer model) {
        this(model, GenerationLimits.DEFAULT);
    }

    /** @param model with a language head */
    public Generator(Transformer model, GenerationLimits limits) {
        this.model = model;
        this.limits = limits;
        this.decoder = new IncrementalDecoder(model);
    }

    /** As {@link #generate(List, SamplingOptions, GenerationListener)} with nobody listening. */
    public List<Generated> generate(List<GenerationRequest> requests, SamplingOptions options) {
        return generate(requests, options, GenerationListener.NONE);
    }

    /**
     * Samples every request's continuations.
     *
     * @return by request, then by sample
     * @throws UserError where a prompt fills the model's context, has an id outside its vocabulary, or needs more cache than there may be; a continuation that reaches the end of
     *     the context ends there with {@link FinishReason#LENGTH}
     */
    public List<Generated> generate(
            List<GenerationRequest> requests, SamplingOptions options, GenerationListener listener) {
        List<PromptGroup> groups = new ArrayList<>();
        for (int i = 0; i < requests.size(); i++) {
            groups.add(new PromptGroup(i, requests.get(i), mostNew(i, requests.get(i), options)));
        }
        if (groups.isEmpty()) {
            return List.of();
        }
        decoder.refresh();
        GenerationRun run = new GenerationRun(model, limits, decoder, cache(groups), options, listener, groups);
        return run.run();
    }

    private int mostNew(int index, GenerationRequest request, SamplingOptions options) {
        ModelConfig config = model.config();
        String where = "prompt " + (index + 1);
        config.checkFits(request.promptIds(), where);
        int room = config.maxPositions() - request.promptIds().length;
        if (room == 0) {
            throw new UserError(where + " has " + request.promptIds().length
                    + " tokens and fills the model's context of " + config.maxPositions()
                    + ", so nothing can follow it: shorten it");
        }
        return Math.min(room, options.maxNewTokens());
    }

    /** A cache that is large enough to keep all slots busy, or as large as it may be. */
    private KeyValueCache cache(List<PromptGroup> groups) {
        int longest = 0;
        long all = 0;
        for (PromptGroup group : groups) {
            longest = Math.max(longest, group.sequencePages() + 1);
            all += group.promptPages() + (long) group.samples() * group.sequencePages();
        }
        ModelConfig config = model.config();
        long pageBytes = KeyValueCache.pageBytes(config, model.kernels().type());
        long affordable = Math.min(
                limits.cacheBytes() / pageBytes,
                KeyValueCache.mostPages(config, model.kernels().type()));
        if (longest > affordable) {
            throw new UserError("a sequence of " + longest * CacheLayout.PAGE + " tokens needs "
                    + (longest * pageBytes >> 20) + " MiB of cached keys and values, but "
                    + (affordable * pageBytes >> 20) + " MiB is the limit: ask for fewer new tokens");
        }
        int wanted = (int) Math.min(affordable, Math.min(all, (long) longest * limits.sequences()));
        KeyValueCache present = cache;
        if (present != null && present.pages() >= wanted) {
            return present;
        }
        if (present != null) {
            present.close();
        }
        KeyValueCache fresh = new KeyValueCache(config, model.kernels().type(), wanted);
        cache = fresh;
        return fresh;
    }

    /** Native bytes of the key-value cache held now. */
    public long cacheBytes() {
        return cache == null ? 0 : cache.bytes();
    }

    @Override
    public void close() {
        decoder.close();
        if (cache != null) {
            cache.close();
        }
        cache = null;
    }
}
