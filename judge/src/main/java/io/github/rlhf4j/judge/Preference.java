package io.github.rlhf4j.judge;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/** From numbers to preferences. */
final class Preference {
    private static final double EQUAL = 1e-9;

    private Preference() {}

    /** 1 where the first is worth more, 0 where the second is, 0.5 where both are equal; NaN where either is not known. */
    static double of(double first, double second) {
        if (Double.isNaN(first) || Double.isNaN(second)) {
            return Double.NaN;
        }
        return Math.abs(first - second) <= EQUAL ? 0.5 : first > second ? 1 : 0;
    }

    /** Ranks by worth, 1 for the most, equal ones for ties; where a worth is not known all tie. */
    static List<Integer> ranks(double[] worth) {
        List<Integer> ranks = new ArrayList<>();
        for (double own : worth) {
            int better = 0;
            for (double other : worth) {
                if (Double.isNaN(other)) {
                    return Collections.nCopies(worth.length, 1);
                }
                better += Preference.of(other, own) == 1 ? 1 : 0;
            }
            ranks.add(better + 1);
        }
        return ranks;
    }
}
