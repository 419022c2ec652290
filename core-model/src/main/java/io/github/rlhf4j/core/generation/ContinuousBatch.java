package io.github.rlhf4j.core.generation;

import io.github.rlhf4j.core.UserError;
import io.github.rlhf4j.core.kernels.CacheLayout;
import io.github.rlhf4j.core.model.IncrementalDecoder;
import io.github.rlhf4j.core.model.KeyValueCache;
import io.github.rlhf4j.core.model.ModelConfig;
import io.github.rlhf4j.core.model.PackedBatch;
import io.github.rlhf4j.core.model.TokenSequence;
import io.github.rlhf4j.core.model.Transformer;
import io.github.rlhf4j.core.tensor.DataType;
import io.github.rlhf4j.core.tensor.Tensor;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Continues prompts that come and go, as a server needs it: a {@link Generator} whose requests have options of their own, join while others run, and may be given up.
 *
 * <p>A step computes the prompts of requests that can begin, then one token more of every running sequence. A text depends on its request alone, to the bit, and not on what else runs, on the limits, or on the threads. Sequences take pages of the cache as they
 * grow; where there is none left, the youngest one gives back its own and begins again later with the tokens that it has. Owns a packed copy of the weights, its cache and activations until {@link #close}; the model is the caller's, and must not be
 * trained meanwhile. Not thread-safe.
 */
public final class ContinuousBatch implements AutoCloseable {
    private static final int[] NONE = {};

    private final Transformer model;
    private final GenerationLimits limits;
    private final IncrementalDecoder decoder;
    private final KeyValueCache cache;
    private final LiveChoosers choosers;
    private final ModelLogProbs promptRow;
    private final ArrayDeque<LiveGroup> waiting = new ArrayDeque<>();
    private final List<LiveSequence> active = new ArrayList<>(); // oldest first
    private final Telling taker = new Telling();
    private final int[] tokens;
    private final int[] positions;
    private final int[][] pages;

    /**
     * A batch without requests.
     *
     * @param model with a language head, as it is now
     */
    public ContinuousBatch(Transformer model, GenerationLimits limits) {
        this.model = model;
        this.limits = limits;
        ModelConfig config = model.config();
        DataType type = model.kernels().type();
        long wanted = (long) limits.sequences() * CacheLayout.pages(config.maxPositions());
        long affordable = limits.pages(config, type);
        if (affordable < 1) {
            throw new UserError("the cache must have room for " + CacheLayout.PAGE + " tokens, "
                    + KeyValueCache.pageBytes(config, type) + " bytes, but may have only " + limits.cacheBytes());
        }
        this.cache = new KeyValueCache(config, type, (int) Math.min(wanted, affordable), 1);
        this.decoder = new IncrementalDecoder(model);
        this.decoder.refresh();
        this.choosers = new LiveChoosers(model);
        this.promptRow = new ModelLogProbs(config.vocabSize());
        int slots = limits.sequences();
        tokens = new int[slots];
        positions = new int[slots];
        pages = new int[slots][];
    }

    /**
     * Whether a request can ever be served.
     *
     * @throws UserError where its prompt does not fit the model, or its samples the batch or the cache
     */
    public void check(LiveRequest request) {
        LiveGroup group = new LiveGroup(request, mostNew(request));
        int samples = request.request().samples();
        if (samples > limits.sequences()) {
            throw new UserError(samples + " samples are asked for at once, but at most " + limits.sequences() + " are");
        }
        int needed = Math.max(group.sequencePages(), group.pagesToStart());
        if (needed > cache.pages()) {
            throw new UserError("prompt and new tokens need room for " + needed * CacheLayout.PAGE
                    + " tokens in the cache, which has room for " + cache.pages() * CacheLayout.PAGE
                    + ": shorten the prompt or ask for fewer new tokens");
        }
    }

    /** Adds a request, which begins in a later step. As {@link #check}, which has been called for it. */
    public void add(LiveRequest request) {
        waiting.add(new LiveGroup(request, mostNew(request)));
    }

    private int mostNew(LiveRequest request) {
        return request.request().mostNew(model.config(), request.options(), "the prompt");
    }

    /** Sequences that are running. */
    public int running() {
        return active.size();
    }

    /** Requests that have not begun. */
    public int waiting() {
        return waiting.size();
    }

    /** How much of the cache is taken, in [0, 1]. */
    public double cacheUse() {
        return 1 - (double) cache.freePages() / cache.pages();
    }

    /** Tokens that the cache has room for. */
    public long cacheTokens() {
        return (long) cache.pages() * CacheLayout.PAGE;
    }

    /**
     * Begins what can begin, and computes a token more of each running sequence.
     *
     * @return whether there was anything to do
     */
    public boolean step() {
        dropUnwanted();
        if (active.isEmpty() && waiting.isEmpty()) {
            return false;
        }
        for (List<LiveGroup> admitted = admit(); !admitted.isEmpty(); admitted = admit()) {
            prefill(admitted);
        }
        makeRoom();
        if (!active.isEmpty()) {
            decode();
        }
        return true;
    }

    private void dropUnwanted() {
        waiting.removeIf(group -> group.live().listener().isUnwanted());
        for (Iterator<LiveSequence> each = active.iterator(); each.hasNext(); ) {
            LiveSequence sequence = each.next();
            if (sequence.group().live().listener().isUnwanted()) {
                sequence.giveBack(cache);
                each.remove();
            }
        }
    }

    /** The next groups whose samples can begin now, in the order in which they came; those whose prompts are read are by themselves. */
    private List<LiveGroup> admit() {
        List<LiveGroup> admitted = new ArrayList<>();
        int slots = limits.sequences() - active.size();
        int free = cache.freePages() - active.size(); // each may soon need one
        int rows = 0;
        while (!waiting.isEmpty() && admitted.size() < GenerationRun.MOST_PROMPTS) {
            LiveGroup next = waiting.getFirst();
            int length = next.promptIds().length;
            boolean isAlone = active.isEmpty() && admitted.isEmpty();
            boolean fits = admitted.isEmpty()
                    || rows + length <= limits.prefillTokens()
                            && next.readsPrompt() == admitted.get(0).readsPrompt();
            if (!fits || next.waiting().size() > slots || next.pagesToStart() > (isAlone ? cache.freePages() : free)) {
                break;
            }
            admitted.add(waiting.removeFirst());
            slots -= next.waiting().size();
            free -= next.pagesToStart() + next.waiting().size();
            rows += length;
        }
        return admitted;
    }

    private void prefill(List<LiveGroup> groups) {
        PackedBatch batch = PackedBatch.ofSingles(groups.stream()
                .map(group -> new TokenSequence(group.promptIds(), NONE, NONE))
                .toList());
        int[][] tables =
                groups.stream().map(group -> group.takePromptPages(cache)).toArray(int[][]::new);
        Tensor logits;
        if (groups.get(0).readsPrompt()) {
            PromptReading reading = new PromptReading(groups, batch, promptRow);
            logits = decoder.prefill(cache, batch, tables, reading);
            reading.tell();
        } else {
            logits = decoder.prefill(cache, batch, tables);
        }
        List<LiveChoosers.Row> rows = new ArrayList<>();
        for (int i = 0; i < groups.size(); i++) {
            LiveGroup group = groups.get(i);
            group.start(cache, tables[i]);
            active.addAll(group.waiting());
            boolean isNew = group.waiting().get(0).length() == 0;
            rows.add(new LiveChoosers.Row(isNew ? List.copyOf(group.waiting()) : List.of()));
        }
        choosers.choose(logits, rows, taker);
        removeEnded();
    }

    /** Takes the pages that the next tokens need, from the youngest where there is none left. */
    private void makeRoom() {
        for (int i = 0; i < active.size(); i++) {
            LiveSequence sequence = active.get(i);
            while (i < active.size() && sequence.needsPage()) {
                if (cache.freePages() > 0) {
                    sequence.takePage(cache);
                } else {
                    LiveSequence youngest = active.remove(active.size() - 1);
                    youngest.giveBack(cache);
                    waiting.addFirst(LiveGroup.again(youngest));
                }
            }
        }
    }

    private void decode() {
        int count = active.size();
        for (int i = 0; i < count; i++) {
            LiveSequence sequence = active.get(i);
            tokens[i] = sequence.token();
            positions[i] = sequence.position();
            pages[i] = sequence.pages();
        }
        Tensor logits = decoder.step(cache, count, tokens, positions, pages);
        List<LiveChoosers.Row> rows = new ArrayList<>();
        for (LiveSequence sequence : active) {
            sequence.fed();
            rows.add(new LiveChoosers.Row(sequence.isAtEnd() ? List.of(sequence) : List.of()));
        }
        choosers.choose(logits, rows, taker);
        removeEnded();
    }

    /** Tells what has been chosen, and lets go of what has ended. */
    private final class Telling implements LiveChoosers.Taker {
        @Override
        public void chosen(LiveSequence sequence, int id, double logProb, @Nullable TopTokens top) {
            LiveListener listener = sequence.group().live().listener();
            FinishReason reason;
            try {
                reason = sequence.add(id);
            } catch (RuntimeException e) { // of its stop rule or its structure: the others go on
                failed(sequence, e);
                return;
            }
            listener.onToken(sequence.sample(), sequence.length() - 1, id, logProb, top);
            if (reason != null) {
                sequence.end(cache);
                listener.onFinished(sequence.sample(), reason);
            }
        }

        @Override
        public void failed(LiveSequence sequence, RuntimeException failure) {
            sequence.end(cache);
            sequence.group().live().listener().onFailed(failure);
        }
    }

    private void removeEnded() {
        active.removeIf(LiveSequence::hasEnded);
    }

    @Override
    public void close() {
        cache.close();
        decoder.close();
    }
}
