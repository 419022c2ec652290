package io.github.rlhf4j.world;

import io.github.rlhf4j.core.CounterRandom;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.stream.IntStream;

/** Names of two or three syllables in an order drawn from the seed; no name is a word of the world's sentences. */
final class Names {
    private static final String CONSONANTS = "bdfgklmnprstvz";
    private static final String VOWELS = "aeiou";
    private static final int SYLLABLES = CONSONANTS.length() * VOWELS.length();

    private Names() {}

    /** All names with {@code syllables} syllables and one of {@code endings}, shuffled. */
    static List<String> shuffled(int syllables, List<String> endings, CounterRandom random, Set<String> reserved) {
        int stems = (int) Math.pow(SYLLABLES, syllables);
        long[] keys = IntStream.range(0, stems).mapToLong(random::bits).toArray();
        Set<String> names = new LinkedHashSet<>();
        IntStream.range(0, stems)
                .boxed()
                .sorted(Comparator.comparingLong(stem -> keys[stem]))
                .forEach(stem -> {
                    String name = stem(stem, syllables)
                            + endings.get(
                                    (int) Long.remainderUnsigned(random.bits(stems + (long) stem), endings.size()));
                    if (!reserved.contains(name)) {
                        names.add(name.substring(0, 1).toUpperCase(Locale.ROOT) + name.substring(1));
                    }
                });
        return new ArrayList<>(names);
    }

    private static String stem(int index, int syllables) {
        StringBuilder name = new StringBuilder();
        int left = index;
        for (int i = 0; i < syllables; i++) {
            int syllable = left % SYLLABLES;
            name.append(CONSONANTS.charAt(syllable / VOWELS.length()))
                    .append(VOWELS.charAt(syllable % VOWELS.length()));
            left /= SYLLABLES;
        }
        return name.toString();
    }
}
