package io.github.rlhf4j.core.generation;

import io.github.rlhf4j.core.CounterRandom;
import io.github.rlhf4j.core.model.KeyValueCache;
import java.util.Arrays;

/** A sample on its way. */
final class Continuation {
    private final PromptGroup group;
    private final int sample;
    private final CounterRandom random;
    private final SeenTokens seen;
    private final StopRule.Watch watch;
    private int[] ids = new int[16];
    private double[] logProbs = new double[16];
    private int length;
    private int[] pages = {};

    Continuation(PromptGroup group, int sample, SeenTokens seen) {
        this.group = group;
        this.sample = sample;
        this.random = group.random(sample);
        this.seen = seen;
        this.watch = group.watch();
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
        return random.uniform(length);
    }

    void add(int id, double logProb) {
        if (length == ids.length) {
            int capacity = Math.min(2 * length, group.mostNew());
            ids = Arrays.copyOf(ids, capacity);
            logProbs = Arrays.copyOf(logProbs, capacity);
        }
        ids[length] = id;
        logProbs[length++] = logProb;
        seen.add(id);
    }

    /** Whether the rule of its request ends it with its last token. */
    boolean isEndedByRule() {
        return watch.endsWith(lastId());
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
        return new Generated(request(), sample, Arrays.copyOf(ids, length), Arrays.copyOf(logProbs, length), reason);
    }
}
