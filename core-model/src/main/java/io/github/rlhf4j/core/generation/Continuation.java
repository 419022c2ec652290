package io.github.rlhf4j.core.generation;

import io.github.rlhf4j.core.CounterRandom;
import io.github.rlhf4j.core.model.KeyValueCache;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A sample on its way. */
final class Continuation implements Drafter.Text {
    private final PromptGroup group;
    private final SamplingOptions options;
    private final int sample;
    private final CounterRandom random;
    private final SeenTokens seen;
    private final StopRule.Watch watch;
    private final TokenConstraint.@Nullable Cursor cursor;
    private int[] ids = new int[16];
    private double[] logProbs = new double[16];
    private int length;
    private final List<TopTokens> top = new ArrayList<>();
    private int[] pages = {};

    Continuation(PromptGroup group, int sample, SeenTokens seen, SamplingOptions options) {
        this.group = group;
        this.options = options;
        this.sample = sample;
        this.random = group.random(sample);
        this.seen = seen;
        this.watch = group.watch();
        this.cursor = group.cursor(options.hasStops());
    }

    PromptGroup group() {
        return group;
    }

    int request() {
        return group.request();
    }

    int sample() {
        return sample;
    }

    int length() {
        return length;
    }

    SeenTokens seen() {
        return seen;
    }

    /** The draw that the next token depends on, uniform in [0, 1). */
    double draw() {
        return draw(0);
    }

    @Override
    public double draw(int ahead) {
        return random.uniform(length + ahead);
    }

    @Override
    public int known() {
        return group.promptIds().length + length;
    }

    @Override
    public int[] tokens(int from, int to) {
        return group.tokens(ids, from, to);
    }

    @Override
    public SamplingOptions options() {
        return options;
    }

    /** Tokens that may come before the last one that it may have. */
    int room() {
        return group.mostNew() - length - 1;
    }

    /** What was most likely where the next token is chosen. */
    void addTop(TopTokens tokens) {
        top.add(tokens);
    }

    void add(int id, double logProb, boolean isStop) {
        if (length == ids.length) {
            int capacity = Math.min(2 * length, group.mostNew());
            ids = Arrays.copyOf(ids, capacity);
            logProbs = Arrays.copyOf(logProbs, capacity);
        }
        ids[length] = id;
        logProbs[length++] = logProb;
        seen.add(id);
        if (cursor != null && !isStop) {
            cursor.advance(id);
        }
    }

    /** Whether the rule of its request ends it with its last token, or what it is held to leaves nothing more to write. */
    boolean isEndedByRule() {
        return watch.endsWith(lastId()) || cursor != null && cursor.isComplete();
    }

    /** What may come next; null for anything. */
    @Nullable
    AllowedTokens allowed() {
        return cursor == null ? null : cursor.allowed();
    }

    int lastId() {
        return ids[length - 1];
    }

    /** Absolute position of the last token. */
    int lastPosition() {
        return group.promptIds().length + length - 1;
    }

    boolean isFull() {
        return length == group.mostNew();
    }

    void start(KeyValueCache cache) {
        pages = group.startSample(cache);
    }

    int[] pages() {
        return pages;
    }

    void end(KeyValueCache cache) {
        for (int page : pages) {
            cache.giveBack(page);
        }
        pages = new int[0];
    }

    Generated result(FinishReason reason) {
        return new Generated(
                request(), sample, Arrays.copyOf(ids, length), Arrays.copyOf(logProbs, length), reason, top);
    }
}
