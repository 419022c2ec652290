package io.github.rlhf4j.lab.recurrent;

import io.github.rlhf4j.core.CounterRandom;
import io.github.rlhf4j.core.model.TokenSequence;
import io.github.rlhf4j.world.InventedLanguage;
import io.github.rlhf4j.world.InventedLanguages;
import io.github.rlhf4j.world.TypedText;
import io.github.rlhf4j.world.WorldSize;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.stream.LongStream;

/**
 * Texts about the people of a small world as tokens, a word each: unlabelled ones, which say among other things who has which job, and texts with the job as their class, which do not say it.
 *
 * <pre>
 *   unlabelled: BEGIN words END                              a target is every token
 *   labelled:   BEGIN words "and" name verb article job      the target is the job
 * </pre>
 */
final class PersonTexts {
    private static final InventedLanguage LANGUAGE = InventedLanguage.ALO;

    private final InventedLanguages languages;
    private final CounterRandom random;
    private final Map<String, Integer> ids = new LinkedHashMap<>();
    private final int[] classes;

    PersonTexts(long seed, int people) {
        languages = new InventedLanguages(seed, new WorldSize(people, 20, 1, 1, 1, 1, 1));
        random = CounterRandom.of(seed).derive("person texts");
        ids.put("<begin>", TokenPair.BEGIN);
        ids.put("<end>", TokenPair.END);
        TreeSet<String> types = new TreeSet<>();
        for (int i = 0; i < 200 * people; i++) {
            TypedText text =
                    languages.typedText(LANGUAGE, random.derive("classes").derive(i));
            types.add(text.type());
            words(text).forEach(this::see);
            sentence(2, random.derive("words").derive(i)).forEach(this::see);
        }
        classes = types.stream().mapToInt(this::see).toArray();
    }

    private int see(String word) {
        return ids.computeIfAbsent(word, key -> ids.size());
    }

    private List<String> sentence(int clauses, CounterRandom key) {
        String sentence = languages.sentence(clauses, List.of(LANGUAGE), key).get(0);
        return List.of(sentence.substring(0, sentence.length() - 1).split(" "));
    }

    private static List<String> words(TypedText text) {
        return List.of((text.said() + " " + text.gap()).split(" "));
    }

    int vocabulary() {
        return ids.size();
    }

    /** The tokens of the jobs. */
    int[] classes() {
        return classes.clone();
    }

    /** Sentences of a step of pre-training. */
    List<TokenSequence> unlabelled(int count, long step) {
        CounterRandom own = random.derive("unlabelled").derive(step);
        List<TokenSequence> texts = new ArrayList<>();
        for (long i = 0; texts.size() < count; i++) {
            List<String> words = sentence(1 + own.below(i, 2), own.derive(i));
            if (ids.keySet().containsAll(words)) {
                texts.add(TokenSequence.all(tokens(words, TokenPair.END)));
            }
        }
        return texts;
    }

    /** The first so many labelled texts; those held out are others. */
    List<TokenSequence> labelled(boolean heldOut, int count) {
        CounterRandom own = random.derive(heldOut ? "held out" : "labelled");
        return LongStream.iterate(0, i -> i + 1)
                .mapToObj(i -> languages.typedText(LANGUAGE, own.derive(i)))
                .filter(text -> isHeldOut(text) == heldOut && ids.keySet().containsAll(words(text)))
                .limit(count)
                .map(this::labelled)
                .toList();
    }

    private static boolean isHeldOut(TypedText text) {
        return CounterRandom.of(0).derive(text.said()).below(0, 4) == 0;
    }

    private TokenSequence labelled(TypedText text) {
        int[] ids = tokens(words(text), see(text.type()));
        return TokenSequence.completion(ids, ids.length - 1);
    }

    private int[] tokens(List<String> words, int... last) {
        int[] tokens = new int[1 + words.size() + last.length];
        tokens[0] = TokenPair.BEGIN;
        for (int i = 0; i < words.size(); i++) {
            tokens[1 + i] = see(words.get(i));
        }
        System.arraycopy(last, 0, tokens, 1 + words.size(), last.length);
        return tokens;
    }
}
