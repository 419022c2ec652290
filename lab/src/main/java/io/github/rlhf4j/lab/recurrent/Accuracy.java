package io.github.rlhf4j.lab.recurrent;

import java.util.Arrays;
import java.util.List;

/**
 * How right translations are.
 *
 * @param exact the share of sentences without a mistake
 * @param token the share of right words at their places, of the longer of translation and reference
 */
public record Accuracy(double exact, double token) {
    /** Of translations by their references. */
    public static Accuracy of(List<TokenPair> pairs, List<int[]> translations) {
        int exact = 0;
        double token = 0;
        for (int i = 0; i < pairs.size(); i++) {
            int[] expected = pairs.get(i).target();
            exact += Arrays.equals(expected, translations.get(i)) ? 1 : 0;
            token += right(expected, translations.get(i));
        }
        return new Accuracy((double) exact / pairs.size(), token / pairs.size());
    }

    private static double right(int[] expected, int[] translation) {
        int right = 0;
        for (int i = 0; i < Math.min(expected.length, translation.length); i++) {
            right += expected[i] == translation[i] ? 1 : 0;
        }
        return (double) right / Math.max(expected.length, translation.length);
    }
}
