package io.github.rlhf4j.core;

import java.util.Collection;
import java.util.Comparator;
import java.util.Optional;

/** "Did you mean": the known name nearest to a mistyped one. */
public final class Suggestion {
    private static final int LONGEST = 200; // no name is

    private Suggestion() {}

    /** "; did you mean NAME?", or an empty text when nothing known is near. */
    public static String phrase(String given, Collection<String> known) {
        return nearest(given, known).map(name -> "; did you mean " + name + "?").orElse("");
    }

    /** The nearest of {@code known}: at most a third of the letters differ, or one begins with the other. */
    private static Optional<String> nearest(String given, Collection<String> known) {
        if (given.length() > LONGEST) {
            return Optional.empty();
        }
        int most = Math.max(1, given.length() / 3);
        Optional<String> byLetters = known.stream()
                .filter(name -> distance(given, name) <= most)
                .min(Comparator.<String>comparingInt(name -> distance(given, name))
                        .thenComparing(Comparator.naturalOrder()));
        return byLetters.or(() -> known.stream()
                .filter(name -> given.length() >= 3 && name.length() >= 3)
                .filter(name -> name.startsWith(given) || given.startsWith(name) || name.endsWith("_" + given))
                .min(Comparator.comparingInt(String::length).thenComparing(Comparator.naturalOrder())));
    }

    /** Insertions, deletions, substitutions and swaps of neighbours that lead from one to the other. */
    private static int distance(String from, String to) {
        int[][] cost = new int[from.length() + 1][to.length() + 1];
        for (int i = 0; i <= from.length(); i++) {
            for (int j = 0; j <= to.length(); j++) {
                cost[i][j] = i == 0 || j == 0 ? i + j : step(cost, from, to, i, j);
            }
        }
        return cost[from.length()][to.length()];
    }

    private static int step(int[][] cost, String from, String to, int i, int j) {
        int substitute = cost[i - 1][j - 1] + (from.charAt(i - 1) == to.charAt(j - 1) ? 0 : 1);
        int best = Math.min(substitute, 1 + Math.min(cost[i - 1][j], cost[i][j - 1]));
        boolean swapped =
                i > 1 && j > 1 && from.charAt(i - 1) == to.charAt(j - 2) && from.charAt(i - 2) == to.charAt(j - 1);
        return swapped ? Math.min(best, 1 + cost[i - 2][j - 2]) : best;
    }
}
