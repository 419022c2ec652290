package io.github.rlhf4j.core.generation;

import io.github.rlhf4j.core.model.IncrementalDecoder;
import io.github.rlhf4j.core.model.KeyValueCache;
import io.github.rlhf4j.core.model.PackedBatch;
import io.github.rlhf4j.core.model.TokenSequence;
import io.github.rlhf4j.core.model.Transformer;
import io.github.rlhf4j.core.tensor.Tensor;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One thread's part of a call of {@link Generator#generate}: it takes requests from those that nobody has begun until there are none. Prompts are computed when sequences can start; their samples' first tokens come from the prompt's last row, so a sample
 * waits for a slot knowing its first token. No prompt is computed while a sample waits, and only one whose first sample can start, so pages never run out for good.
 */
final class GenerationRun {
    private static final int[] NONE = {};
    /** Of one prefill pass: bounds its logits. */
    private static final int MOST_PROMPTS = 64;

    private final GenerationLimits limits;
    private final IncrementalDecoder decoder;
    private final KeyValueCache cache;
    private final SamplingOptions options;
    private final GenerationListener listener;
    private final TokenChooser chooser;
    private final @Nullable Drafter drafter; // null: nothing is guessed
    private final ArrayDeque<PromptGroup> requests; // shared with the other threads, guarded by itself
    private final ArrayDeque<Continuation> waiting = new ArrayDeque<>();
    private final Continuation[] active;
    private final Generated[][] results;
    private final int[] tokens;
    private final int[] positions;
    private final int[][] pages;
    private int count;

    GenerationRun(
            Transformer model,
            GenerationLimits limits,
            IncrementalDecoder decoder,
            @Nullable Drafter drafter,
            KeyValueCache cache,
            SamplingOptions options,
            GenerationListener listener,
            ArrayDeque<PromptGroup> requests,
            Generated[][] results) {
        this.limits = limits;
        this.decoder = decoder;
        this.drafter = drafter;
        this.cache = cache;
        this.options = options;
        this.listener = listener;
        this.chooser = new TokenChooser(
                model.kernels(), options, model.config().vocabSize(), decoder.isAsTrained(), model::notFinite);
        this.requests = requests;
        this.results = results;
        int slots = limits.sequences();
        active = new Continuation[slots];
        tokens = new int[drafter == null ? slots : slots * (Speculation.MOST + 1)];
        positions = new int[tokens.length];
        pages = new int[tokens.length][];
        Arrays.fill(pages, NONE);
    }

    void run() {
        do {
            startWaiting();
            while (waiting.isEmpty() && count < active.length) {
                List<PromptGroup> admitted = admit();
                if (admitted.isEmpty()) {
                    break;
                }
                prefill(admitted);
                startWaiting();
            }
            if (count > 0 && drafter != null) {
                guessAndStep(drafter);
            } else if (count > 0) {
                step();
            }
        } while (count > 0 || !waiting.isEmpty() || hasRequests());
    }

    private boolean hasRequests() {
        synchronized (requests) {
            return !requests.isEmpty();
        }
    }

    private void startWaiting() {
        while (!waiting.isEmpty()
                && count < active.length
                && waiting.getFirst().group().pagesToStart() <= cache.freePages()) {
            Continuation next = waiting.removeFirst();
            next.start(cache);
            active[count++] = next;
        }
    }

    /** The next requests whose first samples can start now; at least one where nothing is active. */
    private List<PromptGroup> admit() {
        List<PromptGroup> admitted = new ArrayList<>();
        int slots = active.length - count;
        int free = cache.freePages();
        int rows = 0;
        synchronized (requests) {
            while (!requests.isEmpty() && slots > 0 && admitted.size() < MOST_PROMPTS) {
                PromptGroup next = requests.getFirst();
                int needed = next.promptPages() + next.pagesToStart();
                int length = next.promptIds().length;
                boolean fits = admitted.isEmpty() || rows + length <= limits.prefillTokens();
                if (!fits || needed > free) {
                    break;
                }
                admitted.add(requests.removeFirst());
                slots -= next.samples();
                free -= needed;
                rows += length;
            }
        }
        return admitted;
    }

    private void prefill(List<PromptGroup> groups) {
        PackedBatch batch = PackedBatch.ofSingles(groups.stream()
                .map(group -> new TokenSequence(group.promptIds(), NONE, NONE))
                .toList());
        int[][] tables = groups.stream().map(group -> group.open(cache)).toArray(int[][]::new);
        Tensor logits = decoder.prefill(cache, batch, tables);
        List<SeenTokens> seen = groups.stream().map(this::seen).toList();
        List<@Nullable AllowedTokens> allowed =
                groups.stream().map(this::allowedFirst).toList();
        chooser.take(logits, groups.size(), seen::get, allowed::get);
        for (int i = 0; i < groups.size(); i++) {
            firstTokens(groups.get(i), logits, i);
        }
    }

    private @Nullable AllowedTokens allowedFirst(PromptGroup group) {
        TokenConstraint.Cursor cursor = group.cursor(options.hasStops());
        return cursor == null ? null : cursor.allowed();
    }

    private SeenTokens seen(PromptGroup group) {
        return new SeenTokens(options.hasPenalty(), group.promptIds());
    }

    private void firstTokens(PromptGroup group, Tensor logits, int row) {
        for (int sample = 0; sample < group.samples(); sample++) {
            Continuation continuation = new Continuation(group, sample, seen(group), options);
            if (addToken(continuation, logits, row)) {
                group.skipSample(cache);
            } else {
                waiting.add(continuation);
            }
        }
    }

    /** One more token for all that are active. */
    private void step() {
        for (int i = 0; i < count; i++) {
            tokens[i] = active[i].lastId();
            positions[i] = active[i].lastPosition();
            pages[i] = active[i].pages();
        }
        Tensor logits = decoder.step(cache, count, tokens, positions, pages);
        chooser.take(logits, count, row -> active[row].seen(), row -> active[row].allowed());
        int left = 0;
        for (int i = 0; i < count; i++) {
            Continuation continuation = active[i];
            if (addToken(continuation, logits, i)) {
                continuation.end(cache);
            } else {
                active[left++] = continuation;
            }
        }
        count = left;
    }

    /** Guesses what comes next for all that are active, and takes what is right of it, and one token more. */
    private void guessAndStep(Drafter guesses) {
        int[][] guessed = new int[count][];
        int rows = 0;
        for (int i = 0; i < count; i++) {
            Continuation continuation = active[i];
            guessed[i] = guesses.guess(continuation, Math.min(Speculation.MOST, continuation.room()));
            for (int j = 0; j <= guessed[i].length; j++) {
                tokens[rows] = j == 0 ? continuation.lastId() : guessed[i][j - 1];
                positions[rows] = continuation.lastPosition() + j;
                pages[rows++] = continuation.pages();
            }
        }
        Tensor logits = decoder.step(cache, rows, tokens, positions, pages);
        int left = 0;
        int row = 0;
        for (int i = 0; i < count; i++) {
            Continuation continuation = active[i];
            if (takeGuesses(continuation, guessed[i], logits, row)) {
                guesses.forget(continuation);
                continuation.end(cache);
            } else {
                active[left++] = continuation;
            }
            row += guessed[i].length + 1;
        }
        count = left;
    }

    /** Chooses tokens as long as they are those that were guessed; whether one was its last. */
    private boolean takeGuesses(Continuation continuation, int[] guessed, Tensor logits, int firstRow) {
        for (int j = 0; ; j++) {
            Tensor row = logits.rows(firstRow + j, firstRow + j + 1);
            chooser.take(row, 1, any -> continuation.seen(), any -> continuation.allowed());
            if (addToken(continuation, row, 0)) {
                return true;
            }
            if (j == guessed.length || continuation.lastId() != guessed[j]) {
                return false;
            }
        }
    }

    /** Chooses a continuation's next token; whether that was its last. */
    private boolean addToken(Continuation continuation, Tensor exponentials, int row) {
        chooser.choose(exponentials, row, continuation.draw());
        int id = chooser.chosen();
        boolean isStop = options.stopsAt(id);
        if (options.topLogProbs() > 0) {
            continuation.addTop(chooser.top(exponentials, row));
        }
        continuation.add(id, chooser.logProb(), isStop);
        listener.onToken(continuation.request(), continuation.sample(), continuation.length() - 1, id);
        FinishReason reason = FinishReason.LENGTH;
        if (isStop) {
            reason = FinishReason.STOP;
        } else if (continuation.isEndedByRule()) {
            reason = FinishReason.STOP_RULE;
        } else if (!continuation.isFull()) {
            return false;
        }
        Generated result = continuation.result(reason);
        results[continuation.request()][continuation.sample()] = result;
        listener.onFinished(result);
        return true;
    }
}
