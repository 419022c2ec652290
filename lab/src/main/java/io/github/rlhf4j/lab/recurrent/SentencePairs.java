package io.github.rlhf4j.lab.recurrent;

import io.github.rlhf4j.core.CounterRandom;
import io.github.rlhf4j.world.InventedLanguage;
import io.github.rlhf4j.world.InventedLanguages;
import io.github.rlhf4j.world.WorldSize;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.IntStream;

/**
 * Sentences of the synthetic world in two of its invented languages, as tokens: a token is a word. The world is the smallest, so that words are met often: 20 people and 20 places.
 *
 * <p>A clause has four to six words and becomes one in the other language's order with its endings; names and years stay. A sentence of n clauses has about 6 n - 1 words.
 */
public final class SentencePairs {
    private static final WorldSize SMALL = new WorldSize(20, 20, 1, 1, 1, 1, 1);
    private static final int BUCKETS = 10; // one of so many is held out
    private static final int SEEN = 4000; // sentences that the vocabulary is read from

    private final InventedLanguages languages;
    private final List<InventedLanguage> pair;
    private final CounterRandom random;
    private final Map<String, Integer> ids = new LinkedHashMap<>();

    /** @param seed of the world; from one language to the other */
    public SentencePairs(long seed, InventedLanguage from, InventedLanguage to) {
        languages = new InventedLanguages(seed, SMALL);
        pair = List.of(from, to);
        random = CounterRandom.of(seed).derive("sentence pairs");
        ids.put("<begin>", TokenPair.BEGIN);
        ids.put("<end>", TokenPair.END);
        Set<String> words = new LinkedHashSet<>();
        for (int i = 0; i < SEEN; i++) {
            languages
                    .sentence(1, pair, random.derive("vocabulary").derive(i))
                    .forEach(sentence -> words.addAll(words(sentence)));
        }
        words.addAll(words(languages.sentence(2, pair, random.derive("and")).get(0)));
        words.addAll(words(languages.sentence(2, pair, random.derive("and")).get(1)));
        words.forEach(word -> ids.put(word, ids.size()));
    }

    private static List<String> words(String sentence) {
        return List.of(sentence.substring(0, sentence.length() - 1).split(" "));
    }

    /** V, both languages' words together. */
    public int vocabulary() {
        return ids.size();
    }

    /** The words of tokens. */
    public List<String> words(int[] tokens) {
        List<String> all = new ArrayList<>(ids.keySet());
        return IntStream.of(tokens).mapToObj(all::get).toList();
    }

    /** Pairs to train on: of {@code count} sentences of so many clauses, those of step {@code step}. */
    public List<TokenPair> training(int clauses, int count, long step) {
        return pairs(clauses, count, false, random.derive("training").derive(step));
    }

    /** Pairs that are in no training batch. */
    public List<TokenPair> heldOut(int clauses, int count) {
        return pairs(clauses, count, true, random.derive("held out").derive(clauses));
    }

    private List<TokenPair> pairs(int clauses, int count, boolean heldOut, CounterRandom key) {
        List<TokenPair> pairs = new ArrayList<>();
        for (long i = 0; pairs.size() < count; i++) {
            List<String> sentences = languages.sentence(clauses, pair, key.derive(i));
            boolean known = sentences.stream().allMatch(sentence -> ids.keySet().containsAll(words(sentence)));
            if (known && isHeldOut(sentences.get(0)) == heldOut) {
                pairs.add(new TokenPair(tokens(sentences.get(0)), tokens(sentences.get(1))));
            }
        }
        return pairs;
    }

    private static boolean isHeldOut(String sentence) {
        return CounterRandom.of(0).derive(sentence).below(0, BUCKETS) == 0;
    }

    private int[] tokens(String sentence) {
        return words(sentence).stream().mapToInt(this::id).toArray();
    }

    private int id(String word) {
        Integer id = ids.get(word);
        if (id == null) {
            throw new IllegalArgumentException("unknown word " + word);
        }
        return id;
    }
}
