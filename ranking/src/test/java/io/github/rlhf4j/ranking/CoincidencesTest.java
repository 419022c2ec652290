package io.github.rlhf4j.ranking;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

class CoincidencesTest {
    private static final int X = 0; // no value

    /** Krippendorff 2011, Computing Krippendorff's Alpha-Reliability, data of part C: four observers, twelve units, missing values. */
    private static final int[][] OBSERVERS = {
        {1, 2, 3, 3, 2, 1, 4, 1, 2, X, X, X},
        {1, 2, 3, 3, 2, 2, 4, 1, 2, 5, X, 3},
        {X, 3, 3, 3, 2, 3, 4, 2, 2, 5, 1, X},
        {1, 2, 3, 3, 2, 4, 4, 1, 2, 5, 1, X}
    };

    /** The three coders of fifteen units in Wikipedia's article on the coefficient. */
    private static final int[][] CODERS = {
        {X, X, X, X, X, 3, 4, 1, 2, 1, 1, 3, 3, X, 3},
        {1, X, 2, 1, 3, 3, 4, 3, X, X, X, X, X, X, X},
        {X, X, 2, 1, 3, 4, 4, X, 2, 1, 1, 3, 3, X, 4}
    };

    @Test
    void isKrippendorffsOwnNumberOnHisOwnExample() {
        assertThat(alpha(OBSERVERS, Coincidences.Level.NOMINAL)).isCloseTo(0.743, within(0.0005));
        assertThat(alpha(OBSERVERS, Coincidences.Level.ORDINAL)).isCloseTo(0.815, within(0.0005));
        assertThat(alpha(OBSERVERS, Coincidences.Level.INTERVAL)).isCloseTo(0.849, within(0.0005));
    }

    @Test
    void isThePublishedNumberOfThreeCoders() {
        assertThat(alpha(CODERS, Coincidences.Level.NOMINAL)).isCloseTo(0.691, within(0.0005));
        assertThat(alpha(CODERS, Coincidences.Level.INTERVAL)).isCloseTo(0.811, within(0.0005));
    }

    @Test
    void isOneWhereAllAgreeAndAbsentWhereAllValuesAreEqual() {
        int[][] same = {{1, 2, 3}, {1, 2, 3}};
        int[][] equal = {{2, 2, 2}, {2, 2, 2}};
        assertThat(alpha(same, Coincidences.Level.ORDINAL)).isEqualTo(1);
        assertThat(coincidences(equal).alpha(Coincidences.Level.ORDINAL)).isEmpty();
    }

    private static double alpha(int[][] people, Coincidences.Level level) {
        return coincidences(people).alpha(level).orElseThrow();
    }

    private static Coincidences coincidences(int[][] people) {
        double[] values = Arrays.stream(people)
                .flatMapToInt(Arrays::stream)
                .filter(value -> value != X)
                .distinct()
                .sorted()
                .asDoubleStream()
                .toArray();
        Coincidences coincidences = new Coincidences(values);
        for (int unit = 0; unit < people[0].length; unit++) {
            List<Double> given = new ArrayList<>();
            for (int[] person : people) {
                if (person[unit] != X) {
                    given.add((double) person[unit]);
                }
            }
            coincidences.add(given.stream().mapToDouble(value -> value).toArray());
        }
        return coincidences;
    }
}
