package io.github.rlhf4j.evaluation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.OptionalDouble;
import org.junit.jupiter.api.Test;

class StatisticTest {
    private static final double EXACT = 1e-12;

    @Test
    void isTheMeanWithTheStandardErrorOfIndependentValues() {
        // mean 3; squared distances 4 + 1 + 0 + 1 + 4 = 10; variance 10 / 4; error sqrt(2.5 / 5)
        Statistic statistic = Statistic.of(1, 2, 3, 4, 5);

        assertThat(statistic.mean()).isCloseTo(3, within(EXACT));
        assertThat(statistic.standardError().orElseThrow()).isCloseTo(Math.sqrt(0.5), within(EXACT));
        assertThat(statistic.n()).isEqualTo(5);
    }

    @Test
    void hasNoErrorOfOneValueOrOneCluster() {
        assertThat(Statistic.of(7)).isEqualTo(new Statistic(7, OptionalDouble.empty(), 1));
        assertThat(Statistic.ratio(new double[] {2}, new double[] {3}).standardError())
                .isEmpty();
        assertThat(Statistic.of(7).tree()).containsOnlyKeys("mean", "n");
        assertThat(Statistic.of(7, 8).tree()).containsOnlyKeys("mean", "se", "n");
    }

    @Test
    void countsClustersAndNotTriesInTheErrorOfARatio() {
        // 3 of 4 and 1 of 4: r = 1/2; residuals 3 - 2 = 1 and 1 - 2 = -1; error sqrt(2 / 1 * 2) / 8 = 1/4
        Statistic statistic = Statistic.ratio(new double[] {3, 1}, new double[] {4, 4});

        assertThat(statistic.mean()).isCloseTo(0.5, within(EXACT));
        assertThat(statistic.standardError().orElseThrow()).isCloseTo(0.25, within(EXACT));
        assertThat(statistic.n()).isEqualTo(8);
    }

    @Test
    void equalsThePlainMeanWhereEachClusterIsOneTry() {
        Statistic ratio = Statistic.ratio(new double[] {1, 0, 1, 1}, new double[] {1, 1, 1, 1});
        Statistic plain = Statistic.of(1, 0, 1, 1);

        assertThat(ratio.mean()).isCloseTo(plain.mean(), within(EXACT));
        assertThat(ratio.standardError().orElseThrow())
                .isCloseTo(plain.standardError().orElseThrow(), within(EXACT));
    }
}
