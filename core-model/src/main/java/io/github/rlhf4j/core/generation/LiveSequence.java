package io.github.rlhf4j.core.generation;

import io.github.rlhf4j.core.CounterRandom;
import io.github.rlhf4j.core.kernels.CacheLayout;
import io.github.rlhf4j.core.model.KeyValueCache;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * A sample of a {@link LiveGroup} on its way. It takes pages as it grows. When it has lost them to an older one, it feeds the tokens that it has already chosen once more, one a step as before, so what follows is the same to the bit.
 */
final class LiveSequence {
    private final LiveGroup group;
    private final int sample;
    private final CounterRandom random;
    private final SeenTokens seen;
    private final StopRule.Watch watch;
    private final TokenConstraint.@Nullable Cursor cursor;
    private int[] ids = new int[16];
    private int length;
    private int fed; // how many of the ids have been fed
    private int[] pages = {};
    private boolean ended;

    LiveSequence(LiveGroup group, int sample) {
        GenerationRequest request = group.live().request();
        SamplingOptions options = group.live().options();
        this.group = group;
        this.sample = sample;
        this.random = request.random().derive(sample);
        this.seen = new SeenTokens(options.hasPenalty(), request.promptIds());
        this.watch = request.stopRule().begin();
        this.cursor = request.cursor(options.hasStops(), group.mostNew());
    }

    LiveGroup group() {
        return group;
    }

    int sample() {
        return sample;
    }

    int length() {
        return length;
    }

    int[] ids() {
        return ids;
    }

    SeenTokens seen() {
        return seen;
    }

    double draw() {
        return random.uniform(length);
    }

    @Nullable
    AllowedTokens allowed() {
        return cursor == null ? null : cursor.allowed();
    }

    /** The token to feed next. */
    int token() {
        return ids[fed];
    }

    /** Its absolute position. */
    int position() {
        return group.live().request().promptIds().length + fed;
    }

    void fed() {
        fed++;
    }

    /** Whether a token has to be chosen next, rather than fed once more. */
    boolean isAtEnd() {
        return fed == length;
    }

    /** Another token has been chosen; why it was the last, if it was. */
    @Nullable
    FinishReason add(int id) {
        if (length == ids.length) {
            ids = Arrays.copyOf(ids, 2 * length);
        }
        ids[length++] = id;
        seen.add(id);
        boolean isStop = group.live().options().stopsAt(id);
        if (isStop) {
            return FinishReason.STOP;
        }
        if (cursor != null) {
            cursor.advance(id);
        }
        if (watch.endsWith(id) || cursor != null && cursor.isComplete()) {
            return FinishReason.STOP_RULE;
        }
        return length == group.mostNew() ? FinishReason.LENGTH : null;
    }

    /** Begins with the pages of the prompt. */
    void start(int[] promptPages) {
        pages = promptPages;
        fed = 0;
    }

    /** Whether the next token needs another page. */
    boolean needsPage() {
        return position() / CacheLayout.PAGE >= pages.length;
    }

    void takePage(KeyValueCache cache) {
        pages = Arrays.copyOf(pages, pages.length + 1);
        pages[pages.length - 1] = cache.take();
    }

    int[] pages() {
        return pages;
    }

    /** It has its last token. */
    void end(KeyValueCache cache) {
        giveBack(cache);
        ended = true;
    }

    boolean hasEnded() {
        return ended;
    }

    void giveBack(KeyValueCache cache) {
        for (int page : pages) {
            cache.giveBack(page);
        }
        pages = new int[0];
    }
}
