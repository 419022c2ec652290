package io.github.rlhf4j.core.generation;

import io.github.rlhf4j.core.UserError;
import io.github.rlhf4j.core.kernels.CacheLayout;
import io.github.rlhf4j.core.model.FedTokens;
import io.github.rlhf4j.core.model.IncrementalDecoder;
import io.github.rlhf4j.core.model.KeyValueCache;
import io.github.rlhf4j.core.model.ModelConfig;
import io.github.rlhf4j.core.model.Transformer;
import io.github.rlhf4j.core.tensor.DataType;
import io.github.rlhf4j.core.tensor.Tensor;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.Comparator;
import java.util.Deque;
import java.util.HashSet;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Continues prompts that come and go, as a server needs it: a {@link Generator} whose requests have options of their own, join while others run, and may be given up.
 *
 * <p>A step computes one token more of every running sequence and parts of prompts, in one pass of at most so many tokens: a long prompt does not stop the others. A text depends on its request alone, to the bit, and not on what else runs, on what ran before, on
 * the limits, or on the threads. Requests with the same beginning share its pages of the cache. Sequences take pages as they grow; where there is none left, the youngest one gives back its own and begins again later with the tokens that it has. Owns a packed
 * copy of the weights, its cache and activations until {@link #close}; the model is the caller's, and must not be trained meanwhile. Not thread-safe.
 */
public final class ContinuousBatch implements AutoCloseable {
    private static final int PAGE = CacheLayout.PAGE;
    private static final int[] NONE = {};
    private static final LiveChoosers.Row NOBODY = new LiveChoosers.Row(List.of());

    private final Transformer model;
    private final GenerationLimits limits;
    private final IncrementalDecoder decoder;
    private final KeyValueCache cache;
    private final LiveChoosers choosers;
    private final ModelLogProbs promptRow;
    private final ArrayDeque<LiveGroup> waiting = new ArrayDeque<>();
    private final List<LiveSequence> active = new ArrayList<>(); // oldest first
    private final Telling taker = new Telling();
    private final FedTokens pass = new FedTokens();
    private final List<LiveSequence> inPass = new ArrayList<>();
    private final List<Integer> counts = new ArrayList<>(); // of their tokens
    private final List<int[]> guesses = new ArrayList<>(); // after their newest token
    private @Nullable Drafter drafter;
    private final CachedPrefixes prefixes;
    private final @Nullable CachedPrefixes sharing; // null: equal beginnings are computed again

    /** A batch whose requests share equal beginnings. */
    public ContinuousBatch(Transformer model, GenerationLimits limits) {
        this(model, limits, true);
    }

    /**
     * A batch without requests.
     *
     * @param model with a language head, as it is now
     * @param limits its {@link GenerationLimits#prefillTokens} bound all tokens of a step
     * @param sharesPrefixes whether equal beginnings of requests are computed once, which changes no text
     */
    public ContinuousBatch(Transformer model, GenerationLimits limits, boolean sharesPrefixes) {
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
        this.prefixes = new CachedPrefixes(cache);
        this.sharing = sharesPrefixes && decoder.isCausal() ? prefixes : null;
    }

    /**
     * Guesses tokens from now on, which changes no text. To be said before the first request.
     *
     * @throws UserError where the assistant has another vocabulary, or the model's earlier keys depend on what follows
     */
    public void speculate(Speculation speculation) {
        drafter = speculation.drafter(model, decoder);
    }

    /** What guesses, where something does. */
    Optional<Drafter> drafter() {
        return Optional.ofNullable(drafter);
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
        return 1 - (double) prefixes.available() / cache.pages();
    }

    /** Tokens that the cache has room for. */
    public long cacheTokens() {
        return (long) cache.pages() * CacheLayout.PAGE;
    }

    /**
     * Begins what can begin, computes a token more of each running sequence, and as much of prompts as there is room for.
     *
     * @return whether there was anything to do
     */
    public boolean step() {
        dropUnwanted();
        if (active.isEmpty() && waiting.isEmpty()) {
            return false;
        }
        admit();
        makeRoom();
        collect();
        if (!inPass.isEmpty()) {
            compute();
        }
        return true;
    }

    private void dropUnwanted() {
        for (Iterator<LiveGroup> each = waiting.iterator(); each.hasNext(); ) {
            LiveGroup group = each.next();
            if (group.live().listener().isUnwanted()) {
                group.waiting().forEach(this::forgetGuesses);
                each.remove();
            }
        }
        for (Iterator<LiveSequence> each = active.iterator(); each.hasNext(); ) {
            LiveSequence sequence = each.next();
            if (sequence.group().live().listener().isUnwanted()) {
                end(sequence);
                each.remove();
            }
        }
    }

    /** Lets groups begin whose samples all have a place, in the order in which they came, as long as there is not enough to compute. */
    private void admit() {
        while (!waiting.isEmpty() && isShortOfTokens()) {
            LiveGroup next = waiting.getFirst();
            int taken = active.stream().mapToInt(ContinuousBatch::places).sum();
            if (next.waiting().size() > limits.sequences() - taken) {
                break;
            }
            List<CachedPrefixes.Page> found = next.first().find(sharing);
            long inUse = found.stream().filter(page -> !prefixes.isUnused(page)).count();
            int available = prefixes.available() - taken; // each may soon need one
            if (!active.isEmpty() && next.pagesToStart() - inUse > available) {
                break;
            }
            waiting.removeFirst();
            next.first().begin(prefixes, found);
            next.beginReading(promptRow);
            active.add(next.first());
        }
    }

    /** Places in the batch, those of samples that wait for their prompt included. */
    private static int places(LiveSequence sequence) {
        LiveGroup group = sequence.group();
        return group.isStarted() ? 1 : group.waiting().size();
    }

    /** The oldest prompt may be long; the next ones are not kept waiting by it. */
    private boolean isShortOfTokens() {
        long tokens = active.stream()
                .filter(ContinuousBatch::isPrompt)
                .skip(1)
                .mapToLong(LiveSequence::left)
                .sum();
        return tokens < limits.prefillTokens();
    }

    /** Whether it has more to feed than its newest token. */
    private static boolean isPrompt(LiveSequence sequence) {
        return !sequence.group().isStarted() || sequence.left() > 1;
    }

    /** Takes the pages that the next tokens need, from the youngest where there is none left. */
    private void makeRoom() {
        for (int i = 0; i < active.size(); i++) {
            LiveSequence sequence = active.get(i);
            while (i < active.size() && sequence.needsPage()) {
                if (prefixes.available() > 0) {
                    sequence.takePage(prefixes);
                } else {
                    LiveSequence youngest = active.remove(active.size() - 1);
                    youngest.giveBack(prefixes, cache);
                    waiting.addFirst(youngest.group().isStarted() ? LiveGroup.again(youngest) : youngest.group());
                }
            }
        }
    }

    /** What this step computes: a token of each sequence that writes; of prompts half of what is left for the oldest, the rest for the shortest ones. */
    private void collect() {
        pass.clear();
        inPass.clear();
        counts.clear();
        guesses.clear();
        List<LiveSequence> prompts = new ArrayList<>();
        for (LiveSequence sequence : active) {
            if (isPrompt(sequence)) {
                prompts.add(sequence);
            } else if (drafter != null) {
                feedGuesses(sequence, drafter);
            } else {
                feed(sequence, 1);
            }
        }
        if (prompts.isEmpty()) {
            return;
        }
        int room = Math.max(PAGE, limits.prefillTokens() - pass.rows());
        LiveSequence oldest = prompts.get(0);
        List<LiveSequence> others = prompts.subList(1, prompts.size());
        others.sort(Comparator.comparingInt(LiveSequence::left)); // stable
        Set<CachedPrefixes.Place> computed = new HashSet<>();
        skip(oldest, computed);
        int ofOldest = Math.min(oldest.left(), Math.max(PAGE, room / 2));
        int left = room - ofOldest;
        Map<LiveSequence, Integer> shares = new LinkedHashMap<>();
        for (LiveSequence other : others) {
            int most = wholePages(left, other.left());
            if (most > 0 && skip(other, computed)) {
                int count = wholePages(left, other.left());
                shares.put(other, count);
                left -= count;
            }
        }
        feed(oldest, wholePages(ofOldest + left, oldest.left()));
        shares.forEach(this::feed);
    }

    /** All that is left, or as many whole pages as there is room for. */
    private static int wholePages(int room, int left) {
        return left <= room ? left : room / PAGE * PAGE;
    }

    /** Skips pages that are there; false where the next one is being computed for another sequence in this step. */
    private boolean skip(LiveSequence sequence, Set<CachedPrefixes.Place> computed) {
        if (sharing == null) {
            return true;
        }
        for (CachedPrefixes.Place next = sequence.nextPlace(); next != null; next = sequence.nextPlace()) {
            CachedPrefixes.Page page = sharing.find(next);
            if (page == null) {
                return computed.add(next);
            }
            sequence.skip(page, sharing, cache);
        }
        return true;
    }

    private void feed(LiveSequence sequence, int count) {
        int from = sequence.fed();
        pass.add(
                sequence.tokens(from, from + count),
                from,
                sequence.group().promptIds().length,
                sequence.pages(),
                count == sequence.left(),
                sequence.group().reader());
        inPass.add(sequence);
        counts.add(count);
        guesses.add(NONE);
    }

    /** Its newest token, and what may follow it. */
    private void feedGuesses(LiveSequence sequence, Drafter guesser) {
        int[] guessed = guesser.guess(sequence, Math.min(Speculation.MOST, sequence.room()));
        int[] tokens = Arrays.copyOf(sequence.tokens(sequence.fed(), sequence.known()), 1 + guessed.length);
        System.arraycopy(guessed, 0, tokens, 1, guessed.length);
        pass.addGuesses(tokens, sequence.fed(), sequence.group().promptIds().length, sequence.pages());
        inPass.add(sequence);
        counts.add(1);
        guesses.add(guessed);
    }

    private void compute() {
        Tensor logits = decoder.feed(cache, pass);
        List<LiveChoosers.Row> rows = new ArrayList<>();
        List<Guessed> checked = new ArrayList<>();
        for (int i = 0; i < inPass.size(); i++) {
            LiveSequence sequence = inPass.get(i);
            sequence.fed(counts.get(i), sharing, cache);
            if (sequence.isAtEnd()) {
                if (guesses.get(i).length > 0) {
                    checked.add(new Guessed(sequence, guesses.get(i), rows.size()));
                }
                rows.add(new LiveChoosers.Row(sequence.group().isStarted() ? List.of(sequence) : start(sequence)));
                rows.addAll(Collections.nCopies(guesses.get(i).length, NOBODY));
            }
        }
        if (!rows.isEmpty()) {
            choosers.choose(logits, rows, taker);
            check(logits, rows.size(), checked);
            active.removeIf(LiveSequence::hasEnded);
        }
    }

    /** A sequence whose guesses are being checked, with the row of its newest token. */
    @SuppressWarnings("ArrayRecordComponent")
    private record Guessed(LiveSequence sequence, int[] ids, int row) {
        /** Whether the guess at a place is the token that has been chosen there. */
        boolean isRight(int index) {
            return !sequence.hasEnded() && index < ids.length && sequence.lastId() == ids[index];
        }
    }

    /** Takes the tokens after guesses as long as those are right. */
    private void check(Tensor logits, int count, List<Guessed> checked) {
        List<Guessed> left = new ArrayList<>(checked);
        for (int index = 0; ; index++) {
            int place = index;
            left.removeIf(guessed -> !guessed.isRight(place));
            if (left.isEmpty()) {
                return;
            }
            List<LiveChoosers.Row> rows = new ArrayList<>(Collections.nCopies(count, NOBODY));
            for (Guessed guessed : left) {
                guessed.sequence().fed(1, sharing, cache);
                rows.set(guessed.row() + place + 1, new LiveChoosers.Row(List.of(guessed.sequence())));
            }
            choosers.choose(logits, rows, taker);
        }
    }

    /** The samples of a group whose prompt has been computed by the first one; those without room for a page begin later, by themselves. */
    private List<LiveSequence> start(LiveSequence first) {
        LiveGroup group = first.group();
        List<LiveSequence> started = new ArrayList<>(List.of(first));
        Deque<LiveSequence> later = new ArrayDeque<>();
        for (LiveSequence sample : group.start()) {
            if (prefixes.available() > 0) {
                sample.beginLike(first, prefixes, cache);
                started.add(sample);
            } else {
                later.addFirst(sample);
            }
        }
        active.addAll(active.indexOf(first) + 1, started.subList(1, started.size()));
        later.forEach(sample -> waiting.addFirst(LiveGroup.again(sample)));
        group.tellPrompt();
        group.live().listener().onComputed(Math.min(first.shared(), group.promptIds().length));
        return started;
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
                end(sequence);
                listener.onFinished(sequence.sample(), reason);
            }
        }

        @Override
        public void failed(LiveSequence sequence, RuntimeException failure) {
            end(sequence);
            sequence.group().live().listener().onFailed(failure);
        }
    }

    private void end(LiveSequence sequence) {
        sequence.end(prefixes, cache);
        forgetGuesses(sequence);
    }

    private void forgetGuesses(LiveSequence sequence) {
        if (drafter != null) {
            drafter.forget(sequence);
        }
    }

    @Override
    public void close() {
        if (drafter != null) {
            drafter.close();
        }
        cache.close();
        decoder.close();
    }
}
