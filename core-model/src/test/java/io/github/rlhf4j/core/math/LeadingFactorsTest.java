package io.github.rlhf4j.core.math;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.github.rlhf4j.core.CounterRandom;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class LeadingFactorsTest {
    private static double[] random(int rows, int columns) {
        CounterRandom random = CounterRandom.of(3);
        return IntStream.range(0, rows * columns).mapToDouble(random::gaussian).toArray();
    }

    private static double[] product(LeadingFactors factors, int rows, int columns) {
        double[] product = new double[rows * columns];
        for (int i = 0; i < rows; i++) {
            for (int j = 0; j < columns; j++) {
                for (int k = 0; k < factors.r(); k++) {
                    product[i * columns + j] += factors.left()[i * factors.r() + k] * factors.right()[k * columns + j];
                }
            }
        }
        return product;
    }

    @ParameterizedTest
    @CsvSource({"1, 1", "7, 4", "4, 7", "30, 30"})
    void allOfThemGiveTheMatrix(int rows, int columns) {
        double[] matrix = random(rows, columns);
        int all = Math.min(rows, columns);
        assertThat(product(LeadingFactors.singular(matrix.clone(), rows, columns, all), rows, columns))
                .containsExactly(matrix, within(1e-12));
        assertThat(product(LeadingFactors.orthogonal(matrix.clone(), rows, columns, all), rows, columns))
                .containsExactly(matrix, within(1e-12));
    }

    @Test
    void theFirstAreThoseOfAll() {
        LeadingFactors all = LeadingFactors.orthogonal(random(9, 6), 9, 6, 6);
        LeadingFactors some = LeadingFactors.orthogonal(random(9, 6), 9, 6, 2);
        for (int i = 0; i < 9; i++) {
            for (int k = 0; k < 2; k++) {
                assertThat(some.left()[i * 2 + k]).isCloseTo(all.left()[i * 6 + k], within(1e-12));
            }
        }
        assertThat(some.right())
                .containsExactly(
                        IntStream.range(0, 12).mapToDouble(i -> all.right()[i]).toArray());
    }

    /** By hand: (3, 4) is 5 times (-0.6, -0.8) and -5 in LAPACK's signs. */
    @Test
    void theSignsAreLapacks() {
        LeadingFactors factors = LeadingFactors.orthogonal(new double[] {3, 4}, 2, 1, 1);
        assertThat(factors.left()).containsExactly(new double[] {-0.6, -0.8}, within(1e-15));
        assertThat(factors.right()).containsExactly(new double[] {-5}, within(1e-15));
    }

    /** By hand: diag(2, 8) has the singular values 8 and 2. */
    @Test
    void theLargestSingularValueIsFirst() {
        LeadingFactors factors = LeadingFactors.singular(new double[] {2, 0, 0, 8}, 2, 2, 1);
        assertThat(Math.abs(factors.left()[1])).isCloseTo(Math.sqrt(8), within(1e-15));
        assertThat(product(factors, 2, 2)).containsExactly(new double[] {0, 0, 0, 8}, within(1e-14));
    }

    @Test
    void moreThanThereAreIsRefused() {
        double[] matrix = random(3, 2);
        assertThatThrownBy(() -> LeadingFactors.singular(matrix, 3, 2, 3)).isInstanceOf(IllegalArgumentException.class);
    }
}
