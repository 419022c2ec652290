package io.github.rlhf4j.core.generation;

import io.github.rlhf4j.core.CounterRandom;
import io.github.rlhf4j.core.kernels.CacheLayout;
import io.github.rlhf4j.core.model.KeyValueCache;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A sample of a {@link LiveGroup} on its way: the tokens of its prompt and those that have been chosen, of which the first so many are cached. It takes pages as it grows. When it has lost them to an older one, all of its tokens are fed again, and what
 * follows is the same to the bit.
 */
final class LiveSequence implements Drafter.Text {
    private static final int PAGE = CacheLayout.PAGE;

    private final LiveGroup group;
    private final int sample;
    private final CounterRandom random;
    private final SeenTokens seen;
    private final StopRule.Watch watch;
    private final TokenConstraint.@Nullable Cursor cursor;
    private int[] ids = new int[16];
    private int length;
    private int fed; // how many tokens, the prompt's included, are cached
    private int[] pages = {};
    private final List<CachedPrefixes.Page> prefix = new ArrayList<>(); // of the first pages, where they are known
    private int shared; // tokens of the prompt that others have computed
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
        return draw(0);
    }

    @Override
    public double draw(int ahead) {
        return random.uniform(length + ahead);
    }

    @Override
    public SamplingOptions options() {
        return group.live().options();
    }

    /** Tokens that may come before the last one that it may have, and have a place in its pages. */
    int room() {
        return Math.min(group.mostNew() - length - 1, pages.length * PAGE - known());
    }

    @Nullable
    AllowedTokens allowed() {
        return cursor == null ? null : cursor.allowed();
    }

    /** Tokens of the prompt and those chosen. */
    @Override
    public int known() {
        return group.promptIds().length + length;
    }

    /** How many of them are cached. */
    int fed() {
        return fed;
    }

    /** How many are not yet; 1 for a sequence that has been started and writes. */
    int left() {
        return known() - fed;
    }

    int lastId() {
        return ids[length - 1];
    }

    /** Whether a token has to be chosen next. */
    boolean isAtEnd() {
        return left() == 0;
    }

    /** Some of its tokens. */
    @Override
    public int[] tokens(int from, int to) {
        return PromptGroup.tokens(group.promptIds(), ids, from, to);
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

    /** Pages of all known tokens. */
    int knownPages() {
        return CacheLayout.pages(known());
    }

    /**
     * The pages with its first tokens that are there, and are not to be computed; never the last token's.
     *
     * @param prefixes null for none
     */
    List<CachedPrefixes.Page> find(@Nullable CachedPrefixes prefixes) {
        List<CachedPrefixes.Page> found = new ArrayList<>();
        CachedPrefixes.Page before = null;
        while (prefixes != null && !group.readsPrompt() && (found.size() + 1) * PAGE < known()) {
            before = prefixes.find(CachedPrefixes.place(before, page(found.size())));
            if (before == null) {
                break;
            }
            found.add(before);
        }
        return found;
    }

    private int[] page(int index) {
        return tokens(index * PAGE, (index + 1) * PAGE);
    }

    /** Begins with pages that are there, and takes the others. */
    void begin(CachedPrefixes prefixes, List<CachedPrefixes.Page> found) {
        pages = new int[knownPages()];
        for (int i = 0; i < found.size(); i++) {
            prefixes.use(found.get(i));
            prefix.add(found.get(i));
            pages[i] = found.get(i).number();
        }
        for (int i = found.size(); i < pages.length; i++) {
            pages[i] = prefixes.take();
        }
        fed = found.size() * PAGE;
        shared = fed;
    }

    /** How many tokens of its beginning others have computed. */
    int shared() {
        return shared;
    }

    /** Begins where the first sample of its group is, whose whole pages it shares. */
    void beginLike(LiveSequence first, CachedPrefixes prefixes, KeyValueCache cache) {
        pages = first.pages.clone();
        fed = first.fed;
        for (int i = 0; i < pages.length; i++) {
            if (i < first.prefix.size()) {
                prefixes.use(first.prefix.get(i));
                prefix.add(first.prefix.get(i));
            } else if ((i + 1) * PAGE <= fed) {
                cache.share(pages[i]);
            } else {
                pages[i] = prefixes.take();
                cache.copyPage(pages[i], first.pages[i]);
            }
        }
    }

    /** Where its next page has its place among the prefixes; null where that is of no use. */
    CachedPrefixes.@Nullable Place nextPlace() {
        int next = fed / PAGE;
        boolean isKnown = fed % PAGE == 0 && prefix.size() == next && (next + 1) * PAGE < known();
        return isKnown && !group.readsPrompt() ? CachedPrefixes.place(lastOfPrefix(), page(next)) : null;
    }

    private CachedPrefixes.@Nullable Page lastOfPrefix() {
        return prefix.isEmpty() ? null : prefix.get(prefix.size() - 1);
    }

    /** Uses a page that another sequence has computed, instead of computing it. */
    void skip(CachedPrefixes.Page page, CachedPrefixes prefixes, KeyValueCache cache) {
        replace(page, prefixes, cache);
        fed += PAGE;
        shared += PAGE;
    }

    private void replace(CachedPrefixes.Page page, CachedPrefixes prefixes, KeyValueCache cache) {
        prefixes.use(page);
        cache.giveBack(pages[prefix.size()]);
        pages[prefix.size()] = page.number();
        prefix.add(page);
    }

    /** The next so many tokens are cached. */
    void fed(int count, @Nullable CachedPrefixes prefixes, KeyValueCache cache) {
        fed += count;
        while (prefixes != null && (prefix.size() + 1) * PAGE <= fed) {
            int index = prefix.size();
            CachedPrefixes.Place place = CachedPrefixes.place(lastOfPrefix(), page(index));
            CachedPrefixes.Page page = prefixes.find(place);
            if (page == null) {
                prefix.add(prefixes.add(place, pages[index]));
            } else {
                replace(page, prefixes, cache); // another one has computed it too: one of them is enough
            }
        }
    }

    /** Whether the next token needs another page. */
    boolean needsPage() {
        return known() > pages.length * PAGE;
    }

    void takePage(CachedPrefixes prefixes) {
        pages = Arrays.copyOf(pages, pages.length + 1);
        pages[pages.length - 1] = prefixes.take();
    }

    int[] pages() {
        return pages;
    }

    /** It has its last token. */
    void end(CachedPrefixes prefixes, KeyValueCache cache) {
        giveBack(prefixes, cache);
        ended = true;
    }

    boolean hasEnded() {
        return ended;
    }

    /** Gives its pages back; the last ones first, so that they are the first to go. */
    void giveBack(CachedPrefixes prefixes, KeyValueCache cache) {
        for (int i = pages.length - 1; i >= 0; i--) {
            if (i < prefix.size()) {
                prefixes.leave(prefix.get(i));
            } else {
                cache.giveBack(pages[i]);
            }
        }
        pages = new int[0];
        prefix.clear();
        fed = 0;
    }
}
