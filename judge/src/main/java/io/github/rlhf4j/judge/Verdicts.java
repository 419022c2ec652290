package io.github.rlhf4j.judge;

import java.util.Arrays;
import java.util.List;
import java.util.OptionalInt;
import java.util.regex.Pattern;
import java.util.stream.IntStream;

/** What a model's answer says of a few verdicts that it could give, such as 0 and 1. */
final class Verdicts {
    private static final Pattern THOUGHTS = Pattern.compile("(?s)<think>.*?</think>");
    private static final Pattern NO_WORD = Pattern.compile("[^\\p{L}\\p{N}]+");

    private final List<String> names;

    /** @param verdicts that differ in letters or digits */
    Verdicts(List<String> verdicts) {
        this.names = verdicts.stream().map(Verdicts::plain).toList();
    }

    /** Letters and digits alone: (A) is A. */
    static String plain(String text) {
        return NO_WORD.matcher(text).replaceAll("");
    }

    /** A text without what a model thought before it, in the form of Qwen and DeepSeek. */
    static String withoutThoughts(String text) {
        return THOUGHTS.matcher(text).replaceAll("").strip();
    }

    /** Which verdict a token is. */
    OptionalInt ofToken(String token) {
        int index = names.indexOf(plain(token));
        return index < 0 ? OptionalInt.empty() : OptionalInt.of(index);
    }

    /** The probabilities of the verdicts, sum 1, as a text says: it is one of them, or one of them alone occurs in it as a word. Empty where that is not so. */
    double[] ofText(String text) {
        String answer = withoutThoughts(text);
        int whole = names.indexOf(plain(answer));
        int[] found = whole >= 0
                ? new int[] {whole}
                : IntStream.range(0, names.size())
                        .filter(index -> hasWord(answer, names.get(index)))
                        .toArray();
        if (found.length != 1) {
            return new double[0];
        }
        double[] probabilities = new double[names.size()];
        probabilities[found[0]] = 1;
        return probabilities;
    }

    private static boolean hasWord(String text, String word) {
        return Arrays.asList(NO_WORD.split(text)).contains(word);
    }

    /** Log-probabilities as probabilities, sum 1; empty where none is finite. */
    static double[] normalised(double[] logProbs) {
        double largest = Arrays.stream(logProbs).max().orElse(Double.NEGATIVE_INFINITY);
        if (!Double.isFinite(largest)) {
            return new double[0];
        }
        double[] probabilities =
                Arrays.stream(logProbs).map(value -> Math.exp(value - largest)).toArray();
        double sum = Arrays.stream(probabilities).sum();
        return Arrays.stream(probabilities).map(value -> value / sum).toArray();
    }
}
