package io.github.rlhf4j.evaluation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.OptionalDouble;
import org.junit.jupiter.api.Test;

class RankingAccuracyTest {
    private static final double EXACT = 1e-12;

    @Test
    void leavesOutTiesOfTheLabelAndCountsTiesOfTheScoreAsHalf() {
        // ranks 1, 2, 2: the pairs (a, b) and (a, c); a > b is right, a = c is a half
        RankingAccuracy accuracy = new RankingAccuracy();
        accuracy.add(new double[] {1, 0, 1}, new int[] {1, 2, 2});

        assertThat(accuracy.statistic().mean()).isCloseTo(0.75, within(EXACT));
        assertThat(accuracy.statistic().n()).isEqualTo(2);
    }

    @Test
    void isOneForScoresInTheOrderOfTheRanksAndZeroForTheReverse() {
        RankingAccuracy right = new RankingAccuracy();
        RankingAccuracy wrong = new RankingAccuracy();
        right.add(new double[] {-3, 2, 0.5}, new int[] {3, 1, 2});
        wrong.add(new double[] {3, -2, -0.5}, new int[] {3, 1, 2});

        assertThat(right.statistic().mean()).isEqualTo(1);
        assertThat(wrong.statistic().mean()).isZero();
    }

    @Test
    void comparesTwoScoresOnTheSameRankings() {
        // ranking 1: 1 of 1 against 0 of 1; ranking 2: 0.5 of 1 against 0.5 of 1: (1 - 0 + 0) / 2
        RankingAccuracy one = new RankingAccuracy();
        RankingAccuracy other = new RankingAccuracy();
        int[] ranks = {1, 2};
        one.add(new double[] {2, 1}, ranks);
        one.add(new double[] {1, 1}, ranks);
        other.add(new double[] {1, 2}, ranks);
        other.add(new double[] {5, 5}, ranks);

        assertThat(one.minus(other).mean()).isCloseTo(0.5, within(EXACT));
        assertThat(one.minus(one)).isEqualTo(new Statistic(0, OptionalDouble.of(0), 2));
    }
}
