package io.github.rlhf4j.core.generation;

import io.github.rlhf4j.core.kernels.CacheLayout;
import io.github.rlhf4j.core.model.FedTokens;
import io.github.rlhf4j.core.model.IncrementalDecoder;
import io.github.rlhf4j.core.model.KeyValueCache;
import io.github.rlhf4j.core.model.Transformer;
import io.github.rlhf4j.core.tensor.Tensor;
import java.util.Arrays;
import java.util.IdentityHashMap;
import java.util.Map;

/** A smaller model that guesses, with a cache for each text: what it has cached stays where its guesses were right. */
final class Assistant implements Drafter {
    private static final int[] NONE = {};

    private final Transformer model;
    private final int tokens;
    private final IncrementalDecoder decoder;
    private final SeenTokens nothingSeen = new SeenTokens(false, NONE);
    private final TokenChoosers choosers;
    private final Map<Text, Place> places = new IdentityHashMap<>(); // by text, looked up only
    private final FedTokens pass = new FedTokens();

    /** What is cached of a text. */
    private static final class Place implements AutoCloseable {
        private final KeyValueCache cache;
        private final int[] pages;
        private int[] fed = NONE; // tokens whose keys and values are cached come first
        private int count; // of them

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
        this.choosers = new TokenChoosers(model);
        this.decoder = new IncrementalDecoder(model);
        decoder.refresh();
    }

    @Override
    public int[] guess(Text text, int most) {
        int count = Math.min(most, tokens);
        int end = text.known() + count;
        if (count < 1 || end > model.config().maxPositions()) {
            return NONE;
        }
        Place place = place(text, end);
        int[] all = Arrays.copyOf(text.tokens(0, text.known()), end);
        for (int i = 0; i < count; i++) {
            int length = text.known() + i;
            all[length] = next(place, all, length, text.options(), text.draw(i));
        }
        return Arrays.copyOfRange(all, text.known(), end);
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

    /** Feeds what is not cached of a text, its first {@code length} tokens, and chooses the token after it. */
    private int next(Place place, int[] all, int length, SamplingOptions options, double draw) {
        int mismatch = Arrays.mismatch(place.fed, 0, place.count, all, 0, length - 1);
        int from = mismatch < 0 ? length - 1 : mismatch;
        Tensor logits;
        do {
            // a run of several begins with a page
            int to = from % CacheLayout.PAGE == 0 ? length : from + 1;
            pass.clear();
            pass.add(Arrays.copyOfRange(all, from, to), from, 0, place.pages, true, FedTokens.LogitReader.NONE);
            logits = decoder.feed(place.cache, pass);
            from = to;
        } while (from < length);
        place.fed = all;
        place.count = length;
        TokenChooser chooser = choosers.of(options);
        chooser.take(logits, 1, row -> nothingSeen, row -> null);
        chooser.choose(logits, 0, draw);
        return chooser.chosen();
    }

    boolean isCausal() {
        return decoder.isCausal();
    }

    /** How many texts have a cache. */
    int texts() {
        return places.size();
    }

    /** How many sets of options have a chooser. */
    int choosers() {
        return choosers.size();
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
