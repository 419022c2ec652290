package io.github.rlhf4j.core.math;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.github.rlhf4j.core.CounterRandom;
import java.util.Arrays;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class RunningStatisticsTest {
    @Test
    void hasMeanAndVariancesOfASmallSample() {
        // mean 5, squared distances 9+1+1+1+0+0+4+16 = 32
        RunningStatistics statistics = RunningStatistics.of(2, 4, 4, 4, 5, 5, 7, 9);

        assertThat(statistics.mean()).isEqualTo(5);
        assertThat(statistics.standardDeviation()).isCloseTo(2, within(1e-15));
        assertThat(statistics.sampleVariance()).isCloseTo(32.0 / 7, within(1e-14));
        assertThat(statistics.standardError()).isCloseTo(Math.sqrt(32.0 / 7 / 8), within(1e-14));
    }

    @Test
    void mergingPartsIsSeeingThemAll() {
        CounterRandom random = CounterRandom.of(4);
        double[] values = IntStream.range(0, 100)
                .mapToDouble(i -> 1e3 + random.gaussian(i))
                .toArray();
        for (int cut : new int[] {0, 1, 37, 100}) {
            RunningStatistics merged = RunningStatistics.of(Arrays.copyOf(values, cut))
                    .merge(RunningStatistics.of(Arrays.copyOfRange(values, cut, 100)));

            RunningStatistics all = RunningStatistics.of(values);

            assertThat(merged.count()).isEqualTo(100);
            assertThat(merged.mean()).isCloseTo(all.mean(), within(1e-12));
            assertThat(merged.squares()).isCloseTo(all.squares(), within(1e-9));
        }
    }

    @Test
    void isAccurateFarFromZero() {
        assertThat(RunningStatistics.of(1e9 + 4, 1e9 + 7, 1e9 + 13, 1e9 + 16).sampleVariance())
                .isCloseTo(30, within(1e-9));
    }

    @Test
    void hasNoSpreadOfNothingOrOneNumber() {
        assertThat(RunningStatistics.EMPTY.standardDeviation()).isZero();
        assertThat(RunningStatistics.of(3).sampleVariance()).isZero();
        assertThat(RunningStatistics.of(3).standardError()).isZero();
    }

    @Test
    void refusesNumbersThatAreNotFinite() {
        assertThatThrownBy(() -> RunningStatistics.of(1, Double.NaN)).isInstanceOf(IllegalArgumentException.class);
    }
}
