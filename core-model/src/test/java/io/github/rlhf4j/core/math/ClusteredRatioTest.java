package io.github.rlhf4j.core.math;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.api.Test;

class ClusteredRatioTest {
    @Test
    void countsClustersAndNotTriesInItsError() {
        // 3 of 4 and 1 of 4: r = 1/2; residuals 3 - 2 = 1 and 1 - 2 = -1; error sqrt(2 / 1 * 2) / 8 = 1/4
        ClusteredRatio ratio = ClusteredRatio.of(new double[] {3, 1}, new double[] {4, 4});

        assertThat(ratio.value()).isEqualTo(0.5);
        assertThat(ratio.standardError().orElseThrow()).isCloseTo(0.25, within(1e-15));
        assertThat(ratio.tries()).isEqualTo(8);
    }

    @Test
    void isTheMeanWhereEachClusterIsOneTry() {
        ClusteredRatio ratio = ClusteredRatio.of(new double[] {1, 0, 1, 1}, new double[] {1, 1, 1, 1});
        RunningStatistics mean = RunningStatistics.of(1, 0, 1, 1);

        assertThat(ratio.value()).isCloseTo(mean.mean(), within(1e-15));
        assertThat(ratio.standardError().orElseThrow()).isCloseTo(mean.standardError(), within(1e-15));
    }

    @Test
    void hasNoErrorOfOneCluster() {
        assertThat(ClusteredRatio.of(new double[] {3}, new double[] {4}).standardError())
                .isEmpty();
    }
}
