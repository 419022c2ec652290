package io.github.rlhf4j.core.generation;

import io.github.rlhf4j.core.UserError;
import io.github.rlhf4j.core.kernels.Kernels;
import io.github.rlhf4j.core.model.IncrementalDecoder;
import io.github.rlhf4j.core.model.Transformer;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Continues prompts with a model: prompts are computed in packed passes, then all sequences are decoded together, a token each a step; a sequence that ends makes room for the next.
 *
 * <p>A text depends on its prompt, the options, its {@link GenerationRequest#random} and its sample number, and not on the other requests or the limits, to
 * the bit. The model's weights may change between calls. Owns a copy of the weights in the form that this needs, its key-value cache and activations until {@link #close}; the model is the caller's. Not thread-safe.
 */
public final class Generator implements AutoCloseable {
    /** Where the copy of the weights is no larger, every thread has sequences of its own, and its second-level cache or a shared one the weights; larger ones are read once for all threads. */
    private static final long OF_EACH_THREAD = 32L << 20;

    private final Transformer model;
    private final GenerationLimits limits;
    private final GenerationWorker together;
    private final List<GenerationWorker> apart = new ArrayList<>();
    private Speculation speculation = Speculation.NONE;

    /** A generator within {@link GenerationLimits#DEFAULT}. */
    public Generator(Transformer model) {
        this(model, GenerationLimits.DEFAULT);
    }

    /** @param model with a language head */
    public Generator(Transformer model, GenerationLimits limits) {
        this.model = model;
        this.limits = limits;
        this.together = new GenerationWorker(model, new IncrementalDecoder(model), false);
    }

    /**
     * Guesses tokens from now on, which changes no text.
     *
     * @throws UserError where the assistant has another vocabulary, or the model's earlier keys depend on what follows
     */
    public void speculate(Speculation guesses) {
        together.use(guesses.drafter(model, together.decoder()));
        speculation = guesses;
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
        together.decoder().refresh();
        Generated[][] results = new Generated[groups.size()][];
        groups.forEach(group -> results[group.request()] = new Generated[group.samples()]);
        run(groups, options, listener, results);
        return Arrays.stream(results).flatMap(Arrays::stream).toList();
    }

    /**
     * Searches for likely continuations of a prompt instead of sampling them.
     *
     * @param request its samples are the texts wanted, at most as many as there are beams
     * @param options new tokens, stop tokens and repetition penalty; how tokens are sampled is not looked at
     * @return the best texts, the best first, with the log-probs that their scores are made of
     * @throws UserError where the prompt does not fit
     */
    public List<Generated> search(GenerationRequest request, BeamOptions beams, SamplingOptions options) {
        if (request.samples() > beams.numBeams()) {
            throw new UserError("num_return_sequences must be at most num_beams = " + beams.numBeams() + ", but is "
                    + request.samples());
        }
        PromptGroup group = new PromptGroup(0, request, mostNew(0, request, options));
        together.decoder().refresh();
        return together.search(limits, group, beams, options);
    }

    private void run(
            List<PromptGroup> groups, SamplingOptions options, GenerationListener listener, Generated[][] results) {
        ArrayDeque<PromptGroup> requests = new ArrayDeque<>(groups);
        int samples = groups.stream().mapToInt(PromptGroup::samples).sum();
        int threads = threadsApart(groups);
        GenerationLimits mine = limits.among(threads, samples);
        if (threads == 1) {
            together.open(mine, groups, 1).run(mine, options, listener, requests, results);
            return;
        }
        GenerationListener oneByOne = new SerialListener(listener);
        List<GenerationWorker> workers = workers();
        workers.forEach(worker -> worker.open(mine, groups, threads));
        ParallelTasks.run(workers.stream()
                .map(worker -> (Runnable) () -> worker.run(mine, options, oneByOne, requests, results))
                .toList());
    }

    /** Threads that generate with sequences of their own; 1 where all of them work on all sequences together. */
    private int threadsApart(List<PromptGroup> groups) {
        int threads = model.kernels().threads();
        boolean worthIt = threads > 1
                && !speculation.isOn()
                && groups.size() >= 2 * threads
                && limits.sequences() >= 2 * threads
                && model.size().packedBytes(model.generationWeights()) <= OF_EACH_THREAD
                && together.fits(limits.among(threads, groups.size()), groups)
                && model.kernels().singles().size() >= threads;
        return worthIt ? threads : 1;
    }

    private List<GenerationWorker> workers() {
        if (apart.isEmpty()) {
            for (Kernels kernels :
                    model.kernels().singles().subList(0, model.kernels().threads())) {
                Transformer same = model.on(kernels);
                apart.add(new GenerationWorker(same, together.decoder().on(same), true));
            }
        }
        return apart;
    }

    private int mostNew(int index, GenerationRequest request, SamplingOptions options) {
        return request.mostNew(model.config(), options, "prompt " + (index + 1));
    }

    /** Bytes of the key-value caches held now. */
    public long cacheBytes() {
        return together.cacheBytes()
                + apart.stream().mapToLong(GenerationWorker::cacheBytes).sum();
    }

    @Override
    public void close() {
        apart.forEach(GenerationWorker::close);
        together.close();
    }
}
