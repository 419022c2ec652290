package io.github.rlhf4j.core.generation;

import io.github.rlhf4j.core.kernels.CacheLayout;
import io.github.rlhf4j.core.model.FedTokens;
import io.github.rlhf4j.core.model.IncrementalDecoder;
import io.github.rlhf4j.core.model.KeyValueCache;
import io.github.rlhf4j.core.model.Transformer;
import io.github.rlhf4j.core.tensor.Tensor;
import java.util.Arrays;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.Map;

/** A smaller model that guesses, with a cache for each text: what it has cached stays where its guesses were right. */
final class Assistant implements Drafter {
    private static final int[] NONE = {};

    private final Transformer model;
    private final int tokens;
    private final IncrementalDecoder decoder;
    private final SeenTokens nothingSeen = new SeenTokens(false, NONE);
    private final Map<SamplingOptions, TokenChooser> choosers = new HashMap<>(); // looked up only
    private final Map<Text, Place> places = new IdentityHashMap<>(); // by text, looked up only
    private final FedTokens pass = new FedTokens();

    /** What is cached of a text. */
    private static final class Place implements AutoCloseable {
        private final KeyValueCache cache;
        private final int[] pages;
        private int[] fed = NONE; // tokens whose keys and values are cached

        Place(KeyValueCache cache) {
            this.cache = cache;
            this.pages = new int[cache.pages()];
            Arrays.setAll(pages, i -> cache.take());
        }

        @Override
        public void close() {
            cache.close();
        }
    }

    Assistant(Transformer model, int tokens) {
        this.model = model;
        this.tokens = tokens;
        this.decoder = new IncrementalDecoder(model);
        decoder.refresh();
    }

    @Override
    public int[] guess(Text text, int most) {
        int count = Math.min(most, tokens);
        int end = text.known() + count;
        if (count < 1 || end > model.config().maxPositions() || !decoder.isCausal()) {
            return NONE;
        }
        Place place = place(text, end);
        int[] guessed = new int[count];
        int[] known = text.tokens(0, text.known());
        for (int i = 0; i < count; i++) {
            int[] all = Arrays.copyOf(known, known.length + i);
            System.arraycopy(guessed, 0, all, known.length, i);
            guessed[i] = next(place, all, text.options(), text.draw(i));
        }
        return guessed;
    }

    private Place place(Text text, int end) {
        Place present = places.get(text);
        int needed = CacheLayout.pages(end);
        if (present != null && present.pages.length >= needed) {
            return present;
        }
        if (present != null) {
            present.close();
        }
        int room = Math.min(2 * needed, CacheLayout.pages(model.config().maxPositions()));
        Place fresh =
                new Place(new KeyValueCache(model.config(), model.kernels().type(), room, 1));
        places.put(text, fresh);
        return fresh;
    }

    /** Feeds what is not cached of a text, and chooses the token after it. */
    private int next(Place place, int[] all, SamplingOptions options, double draw) {
        int same = 0;
        while (same < place.fed.length && same < all.length - 1 && place.fed[same] == all[same]) {
            same++;
        }
        Tensor logits = null;
        for (int from = same; from < all.length; ) {
            // a run of several begins with a page
            boolean isPageStart = from % CacheLayout.PAGE == 0;
            int to = isPageStart ? all.length : from + 1;
            pass.clear();
            pass.add(Arrays.copyOfRange(all, from, to), from, 0, place.pages, true, FedTokens.LogitReader.NONE);
            logits = decoder.feed(place.cache, pass);
            from = to;
        }
        place.fed = all;
        if (logits == null) {
            throw new IllegalStateException("nothing to feed");
        }
        TokenChooser chooser = choosers.computeIfAbsent(
                options,
                of -> new TokenChooser(model.kernels(), of, model.config().vocabSize(), false, model::notFinite));
        chooser.take(logits, 1, row -> nothingSeen, row -> null);
        chooser.choose(logits, 0, draw);
        return chooser.chosen();
    }

    @Override
    public void forget(Text text) {
        Place place = places.remove(text);
        if (place != null) {
            place.close();
        }
    }

    @Override
    public void close() {
        places.values().forEach(Place::close);
        decoder.close();
    }
}
