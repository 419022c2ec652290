package io.github.rlhf4j.core.generation;

import io.github.rlhf4j.core.kernels.CacheLayout;
import io.github.rlhf4j.core.model.KeyValueCache;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Iterator;
import java.util.LinkedHashSet;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Whole pages of a cache by the tokens that they and all pages before them hold, as vLLM's automatic prefix caching has them: sequences with the same beginning share its pages, and pages that nobody uses stay until their room is needed.
 *
 * <p>Pages are told apart by their tokens, not by a hash alone. Who holds a page holds all before it, so of the unused ones those that were left first and have nothing behind them go first.
 */
final class CachedPrefixes {
    private final KeyValueCache cache;
    private final Map<Place, Page> pages = new HashMap<>(); // looked up only
    private final LinkedHashSet<Page> unused = new LinkedHashSet<>(); // those left first come first
    private long lastId;

    /** A page in the tree of prefixes. */
    static final class Page {
        private final long id;
        private final Place place;
        private final int number;
        private int users;

        private Page(long id, Place place, int number) {
            this.id = id;
            this.place = place;
            this.number = number;
        }

        /** In the cache. */
        int number() {
            return number;
        }
    }

    CachedPrefixes(KeyValueCache cache) {
        this.cache = cache;
    }

    /** Where a page of tokens has its place in the tree. */
    static final class Place {
        private final long before; // id of the page before; 0 for none
        private final int[] tokens;

        private Place(long before, int[] tokens) {
            this.before = before;
            this.tokens = tokens;
        }

        @Override
        public boolean equals(@Nullable Object other) {
            return other instanceof Place place && before == place.before && Arrays.equals(tokens, place.tokens);
        }

        @Override
        public int hashCode() {
            return 31 * Long.hashCode(before) + Arrays.hashCode(tokens);
        }
    }

    /** @param before null for the first page of a text */
    static Place place(@Nullable Page before, int[] tokens) {
        if (tokens.length != CacheLayout.PAGE) {
            throw new IllegalArgumentException(tokens.length + " tokens are no page");
        }
        return new Place(before == null ? 0 : before.id, tokens);
    }

    /** What is there; null for nothing. */
    @Nullable
    Page find(Place place) {
        return pages.get(place);
    }

    /** Whether nobody uses a page. */
    boolean isUnused(Page page) {
        return page.users == 0;
    }

    /** One more user of a page, and of its number in the cache. */
    void use(Page page) {
        if (page.users++ == 0) {
            unused.remove(page);
        }
        cache.share(page.number);
    }

    /** Puts a page that its user has computed where nothing is; he is its first user. */
    Page add(Place place, int number) {
        Page page = new Page(++lastId, place, number);
        page.users = 1;
        pages.put(place, page);
        cache.share(number);
        return page;
    }

    /** One user less, who gives the number back too. */
    void leave(Page page) {
        cache.giveBack(page.number);
        if (--page.users == 0) {
            unused.add(page);
        }
    }

    /** Pages that can be had: free ones, and those that nobody uses. */
    int available() {
        return cache.freePages() + unused.size();
    }

    /** A page to be written, of which there is one {@link #available}. */
    int take() {
        if (cache.freePages() == 0) {
            Iterator<Page> oldest = unused.iterator();
            Page page = oldest.next();
            oldest.remove();
            pages.remove(page.place);
            cache.giveBack(page.number);
        }
        return cache.take();
    }
}
