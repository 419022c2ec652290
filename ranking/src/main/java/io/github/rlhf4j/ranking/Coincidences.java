package io.github.rlhf4j.ranking;

import java.util.OptionalDouble;

/**
 * How often two people gave the values c and k to the same unit: Krippendorff's coincidence matrix.
 *
 * <pre>
 *   o(c, k) = sum over units u of  (pairs of values c, k in u) / (m_u - 1),   m_u values in u
 *   n(c) = sum over k of o(c, k),   n = sum over c of n(c)
 *   alpha = 1 - (n - 1) sum o(c, k) d(c, k) / sum n(c) n(k) d(c, k)
 * </pre>
 *
 * <p>Units with fewer than two values say nothing of agreement and are left out. Source: Krippendorff 2011, Computing Krippendorff's Alpha-Reliability.
 */
final class Coincidences {
    private final double[] values;
    private final double[][] counts;

    /** @param values all that occur, ascending */
    Coincidences(double[] values) {
        this.values = values.clone();
        this.counts = new double[values.length][values.length];
    }

    /** Adds a unit: the values that people gave it. */
    void add(double[] unit) {
        if (unit.length < 2) {
            return;
        }
        for (int i = 0; i < unit.length; i++) {
            for (int j = 0; j < unit.length; j++) {
                if (i != j) {
                    counts[index(unit[i])][index(unit[j])] += 1.0 / (unit.length - 1);
                }
            }
        }
    }

    private int index(double value) {
        for (int i = 0; i < values.length; i++) {
            if (values[i] == value) {
                return i;
            }
        }
        throw new IllegalArgumentException(value + " is none of the values");
    }

    /** Adds those of other units. */
    void add(Coincidences other) {
        for (int c = 0; c < values.length; c++) {
            for (int k = 0; k < values.length; k++) {
                counts[c][k] += other.counts[c][k];
            }
        }
    }

    /** How far two values are from each other. */
    enum Level {
        /** Equal or not. */
        NOMINAL,
        /** By how many values lie between them. */
        ORDINAL,
        /** By their difference. */
        INTERVAL
    }

    /** Alpha; empty where all values are equal, or no unit has two. */
    OptionalDouble alpha(Level level) {
        double[] totals = new double[values.length];
        double all = 0;
        for (int c = 0; c < values.length; c++) {
            for (int k = 0; k < values.length; k++) {
                totals[c] += counts[c][k];
            }
            all += totals[c];
        }
        double observed = 0;
        double expected = 0;
        for (int c = 0; c < values.length; c++) {
            for (int k = c + 1; k < values.length; k++) {
                double distance = distance(level, totals, c, k);
                observed += counts[c][k] * distance;
                expected += totals[c] * totals[k] * distance;
            }
        }
        return expected == 0 ? OptionalDouble.empty() : OptionalDouble.of(1 - (all - 1) * observed / expected);
    }

    /** The squared distance of values number c and k, c below k. */
    private double distance(Level level, double[] totals, int c, int k) {
        return switch (level) {
            case NOMINAL -> 1;
            case INTERVAL -> (values[c] - values[k]) * (values[c] - values[k]);
            case ORDINAL -> {
                double between = -(totals[c] + totals[k]) / 2;
                for (int g = c; g <= k; g++) {
                    between += totals[g];
                }
                yield between * between;
            }
        };
    }
}
