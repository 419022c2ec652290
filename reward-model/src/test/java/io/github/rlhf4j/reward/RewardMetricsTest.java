package io.github.rlhf4j.reward;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.github.rlhf4j.core.CounterRandom;
import java.util.List;
import org.junit.jupiter.api.Test;

class RewardMetricsTest {
    @Test
    void countsAPairAsCorrectOnlyWhenTheChosenScoresStrictlyMore() {
        RewardMetrics metrics =
                pair(1, 0).merge(pair(0.5, 0.5)).merge(pair(-1, 2)).merge(pair(3, 2));

        assertThat(metrics.accuracy()).isEqualTo(0.5);
        assertThat(metrics.margin()).isCloseTo((1 + 0 - 3 + 1) / 4.0, within(1e-15));
        assertThat(metrics.minimum()).isEqualTo(-1);
        assertThat(metrics.maximum()).isEqualTo(3);
        assertThat(metrics.scores().mean()).isCloseTo(1, within(1e-15));
        assertThat(metrics.named().keySet())
                .containsExactly("accuracy", "margin", "min_reward", "mean_reward", "max_reward");
    }

    @Test
    void comparesAllPairsOfARankingButTies() {
        // better-worse: (0,2) right, (1,2) wrong; 0 and 1 are tied
        RewardMetrics metrics = RewardMetrics.of(new double[] {2, 0.5, 1}, new int[] {0, 0, 1});

        assertThat(metrics.comparisons()).isEqualTo(2);
        assertThat(metrics.accuracy()).isEqualTo(0.5);
        assertThat(metrics.margin()).isCloseTo(0.25, within(1e-15));
    }

    @Test
    void reportsNothingOfNothing() {
        assertThat(RewardMetrics.EMPTY.named()).isEmpty();
        assertThat(RewardMetrics.of(new double[] {1, 2}, new int[] {0, 0})
                        .named()
                        .keySet())
                .containsExactly("min_reward", "mean_reward", "max_reward");
    }

    @Test
    void calibrationBinsTheFavouritesProbability() {
        // margins log 3 -> favourite 0.75 (two right, one wrong), log 9 -> 0.9 right
        Calibration calibration = Calibration.empty(5);
        for (double margin : new double[] {Math.log(3.01), Math.log(3.01), -Math.log(3.01), Math.log(8.9)}) {
            calibration = calibration.plus(new double[] {margin, 0}, new int[] {0, 1});
        }

        List<Calibration.Bin> bins = calibration.bins();

        assertThat(bins).extracting(Calibration.Bin::count).containsExactly(0L, 0L, 3L, 1L, 0L);
        assertThat(bins.get(2).from()).isCloseTo(0.7, within(1e-15));
        assertThat(bins.get(2).predicted()).isCloseTo(3.01 / 4.01, within(1e-12));
        assertThat(bins.get(2).observed()).isCloseTo(2.0 / 3, within(1e-15));
        double expected = (3 * (3.01 / 4.01 - 2.0 / 3) + (1 - 8.9 / 9.9)) / 4;
        assertThat(calibration.expectedError()).isCloseTo(expected, within(1e-12));
    }

    @Test
    void equalScoresAreHalfRight() {
        Calibration calibration = Calibration.empty(10).plus(new double[] {1, 1}, new int[] {0, 1});

        assertThat(calibration.bins().get(0).observed()).isEqualTo(0.5);
        assertThat(calibration.expectedError()).isZero();
        assertThat(Calibration.empty(3).expectedError()).isZero();
    }

    @Test
    void scoresThatGenerateTheLabelsAreCalibrated() {
        CounterRandom random = CounterRandom.of(9);
        Calibration honest = Calibration.empty(10);
        Calibration boasting = Calibration.empty(10);
        for (int i = 0; i < 4000; i++) {
            double margin = 2 * random.derive(i).gaussian(0);
            boolean firstWins = random.derive(i).uniform(5) < BradleyTerry.winProbability(margin, 0);
            int[] ranks = firstWins ? new int[] {0, 1} : new int[] {1, 0};
            honest = honest.plus(new double[] {margin, 0}, ranks);
            boasting = boasting.plus(new double[] {4 * margin, 0}, ranks);
        }

        assertThat(honest.expectedError()).isLessThan(0.03);
        assertThat(boasting.expectedError()).isGreaterThan(0.1);
    }

    private static RewardMetrics pair(double chosen, double rejected) {
        return RewardMetrics.of(new double[] {chosen, rejected}, new int[] {0, 1});
    }
}
