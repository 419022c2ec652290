package io.github.rlhf4j.filter.text;

import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * How much of a text repeats itself. Shares are of the text's characters, line ends and white space included.
 *
 * <p>Source: Rae et al. 2021, arXiv:2112.11446, table A1, computed as datatrove's GopherRepetitionFilter does.
 */
public final class Repetition {
    private static final Pattern PARAGRAPHS = Pattern.compile("\n{2,}");
    private static final Pattern LINES = Pattern.compile("\n+");

    private final String text;
    private final int length;
    private final List<String> words;

    /** Of a text, which is not empty. */
    public Repetition(String text) {
        this.text = text;
        this.length = TextUnits.length(text);
        this.words = TextUnits.words(text);
    }

    /**
     * What occurred before.
     *
     * @param count share of the units
     * @param characters share of the text's characters
     */
    public record Share(double count, double characters) {}

    /** Lines that occurred before. */
    public Share lines() {
        return repeated(LINES.split(text, -1));
    }

    /** Paragraphs, which empty lines separate, that occurred before. */
    public Share paragraphs() {
        return repeated(PARAGRAPHS.split(TextUnits.strip(text), -1));
    }

    private Share repeated(String[] units) {
        Set<String> seen = new HashSet<>();
        long count = 0;
        long characters = 0;
        for (String unit : units) {
            if (!seen.add(unit)) {
                count++;
                characters += TextUnits.length(unit);
            }
        }
        return new Share((double) count / units.length, (double) characters / length);
    }

    /** The share of characters that the most frequent n-gram of words covers, its spaces included; 0 of a text of fewer words. */
    public double topNGram(int n) {
        Map<String, Integer> counts = new HashMap<>();
        String top = "";
        int most = 0;
        for (int i = 0; i + n <= words.size(); i++) {
            counts.merge(String.join(" ", words.subList(i, i + n)), 1, Integer::sum);
        }
        for (int i = 0; i + n <= words.size(); i++) { // of equally frequent ones the first
            String gram = String.join(" ", words.subList(i, i + n));
            int count = counts.getOrDefault(gram, 0);
            if (count > most) {
                most = count;
                top = gram;
            }
        }
        return (double) most * TextUnits.length(top) / length;
    }

    /** The share of characters in n-grams of words that occurred before; none is counted twice. */
    public double duplicatedNGrams(int n) {
        Set<String> seen = new HashSet<>();
        long characters = 0;
        for (int i = 0; i + n <= words.size(); ) {
            String gram = String.join("", words.subList(i, i + n));
            if (seen.add(gram)) {
                i++;
            } else {
                characters += TextUnits.length(gram);
                i += n;
            }
        }
        return (double) characters / length;
    }
}
