package io.github.rlhf4j.cli.inspect;

import io.github.rlhf4j.datasets.language.LanguageDetector;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;

/** In which languages texts are written, by the n-gram model of Apache OpenNLP (183 languages, trained on the Leipzig corpora). */
final class Languages {
    private static final String UNKNOWN = "unknown";
    private static final int LEAST_LETTERS = 20; // fewer say too little
    private static final int FIRST_DENSE = 0x2E80; // from here on scripts with a syllable or a word a character
    private static final int LETTERS_OF_A_DENSE_ONE = 3;
    private static final int MOST_CHARACTERS = 5_000; // of a text
    private static final double LEAST_SHARE = 0.01;

    private final Map<String, Integer> texts = new HashMap<>();
    private int count;

    /** Counts a text and says its language. */
    String add(String text) {
        String start = text.substring(0, Math.min(text.length(), MOST_CHARACTERS));
        String language = language(start);
        texts.merge(language, 1, Integer::sum);
        count++;
        return language;
    }

    private String language(String text) {
        int letters = text.codePoints()
                .filter(Character::isLetter)
                .map(letter -> letter < FIRST_DENSE ? 1 : LETTERS_OF_A_DENSE_ONE)
                .sum();
        if (letters < LEAST_LETTERS) {
            return UNKNOWN;
        }
        return LanguageDetector.name(LanguageDetector.best(text).code());
    }

    /** "English 64.0 %, French 14.1 %, others 0.3 %", the most frequent first; others are languages of 1 % or less. */
    String summary() {
        int shown = texts.values().stream()
                .filter(this::isShown)
                .mapToInt(Integer::intValue)
                .sum();
        String named = texts.entrySet().stream()
                .filter(entry -> isShown(entry.getValue()))
                .sorted(Comparator.comparing(Map.Entry<String, Integer>::getValue)
                        .reversed()
                        .thenComparing(Map.Entry::getKey))
                .map(entry -> share(entry.getKey(), entry.getValue()))
                .collect(Collectors.joining(", "));
        String others = shown < count ? share("others", count - shown) : "";
        return named + (named.isEmpty() || others.isEmpty() ? "" : ", ") + others + ", of " + count + " rows";
    }

    /** Each language of Common Crawl with its share here and there, in percent; the last line says which of these are missing here. */
    List<String> besideCommonCrawl() {
        List<String> lines = new ArrayList<>();
        lines.add("Common Crawl (" + String.join(", ", WebReference.CRAWLS) + ", % of pages)");
        List<String> missing = new ArrayList<>();
        WebReference.COMMON_CRAWL.forEach((language, shares) -> {
            int here = texts.getOrDefault(language, 0);
            if (here == 0) {
                missing.add(language);
            }
            lines.add(String.format(
                    Locale.ROOT,
                    "%-10s %5.1f here, %s there",
                    language,
                    100.0 * here / count,
                    shares.stream().map(String::valueOf).collect(Collectors.joining(", "))));
        });
        lines.add(missing.isEmpty() ? "none of these is missing" : "missing here: " + String.join(", ", missing));
        return lines;
    }

    private boolean isShown(int texts) {
        return texts > LEAST_SHARE * count;
    }

    private String share(String name, int texts) {
        return String.format(Locale.ROOT, "%s %.1f %%", name, 100.0 * texts / count);
    }
}
