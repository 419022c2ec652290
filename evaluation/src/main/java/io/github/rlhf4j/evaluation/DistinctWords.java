package io.github.rlhf4j.evaluation;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Diversity: the number of different n-grams of words in all answers divided by the number of n-grams.
 *
 * <p>Words are runs of letters and digits, in lower case; an n-gram stays within one answer. Source: Li et al. 2016, arXiv:1510.03055, section 5.2. The measure falls as answers grow in
 * number and length, so it compares models on the same prompts only. Standard error: jackknife over prompts.
 */
final class DistinctWords {
    private static final Pattern WORD = Pattern.compile("[\\p{L}\\p{N}]+");

    private DistinctWords() {}

    /**
     * distinct-n.
     *
     * @param texts (prompts, samples)
     * @return empty where there is no n-gram at all
     */
    static Optional<Statistic> of(int n, List<List<String>> texts) {
        Map<String, Integer> promptsOf = new HashMap<>(); // n-gram to the number of prompts whose answers have it
        List<List<String>> grams = new ArrayList<>();
        long total = 0;
        for (List<String> samples : texts) {
            List<String> own =
                    samples.stream().flatMap(text -> grams(n, text).stream()).toList();
            new HashSet<>(own).forEach(gram -> promptsOf.merge(gram, 1, Integer::sum));
            grams.add(own);
            total += own.size();
        }
        if (total == 0) {
            return Optional.empty();
        }
        OptionalDouble error =
                texts.size() < 2 ? OptionalDouble.empty() : OptionalDouble.of(jackknife(grams, promptsOf, total));
        return Optional.of(new Statistic((double) promptsOf.size() / total, error, texts.size()));
    }

    private static double jackknife(List<List<String>> grams, Map<String, Integer> promptsOf, long total) {
        int count = grams.size();
        double[] without = new double[count];
        double sum = 0;
        for (int i = 0; i < count; i++) {
            Set<String> own = new HashSet<>(grams.get(i));
            long lost = own.stream()
                    .filter(gram -> promptsOf.getOrDefault(gram, 0) == 1)
                    .count();
            long rest = total - grams.get(i).size();
            without[i] = rest == 0 ? 0 : (double) (promptsOf.size() - lost) / rest;
            sum += without[i];
        }
        double squares = 0;
        for (double value : without) {
            squares += (value - sum / count) * (value - sum / count);
        }
        return Math.sqrt((count - 1.0) / count * squares);
    }

    private static List<String> grams(int n, String text) {
        List<String> words = new ArrayList<>();
        Matcher matcher = WORD.matcher(text.toLowerCase(Locale.ROOT));
        while (matcher.find()) {
            words.add(matcher.group());
        }
        List<String> grams = new ArrayList<>();
        for (int i = 0; i + n <= words.size(); i++) {
            grams.add(String.join(" ", words.subList(i, i + n)));
        }
        return grams;
    }
}
