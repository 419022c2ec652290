package io.github.rlhf4j.core.math;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.api.Test;

class PlackettLuceTest {
    @Test
    void isTheLogisticLossOfTwo() {
        // log(e^2 + e^-1) - 2 = log(1 + e^-3); the last is picked from itself alone
        assertThat(PlackettLuce.loss(new double[] {2, -1}, new int[] {1, 2}, new double[2]))
                .isCloseTo(Math.log1p(Math.exp(-3)), within(1e-12));
    }

    @Test
    void isTheLogarithmOfTheNumberOfOrdersWhereScoresAreEqual() {
        assertThat(PlackettLuce.loss(new double[4], new int[] {3, 1, 4, 2}, new double[4]))
                .isCloseTo(Math.log(24), within(1e-12));
    }

    @Test
    void leavesTiedItemsInEachOthersSums() {
        // two best of three equal ones: log 3 each, the third from itself
        assertThat(PlackettLuce.loss(new double[3], new int[] {1, 1, 2}, new double[3]))
                .isCloseTo(2 * Math.log(3), within(1e-12));
        double[] untouched = new double[2];
        assertThat(PlackettLuce.loss(new double[] {1, 2}, new int[] {1, 1}, untouched))
                .isZero();
        assertThat(untouched).containsOnly(0);
    }

    @Test
    void hasTheGradientOfItsLoss() {
        double[] scores = {0.3, -1.2, 2.1, 0.4, -0.7};
        int[] ranks = {2, 1, 3, 2, 4};
        double[] gradient = new double[5];
        PlackettLuce.loss(scores, ranks, gradient);

        for (int i = 0; i < scores.length; i++) {
            double step = 1e-6;
            double[] up = scores.clone();
            double[] down = scores.clone();
            up[i] += step;
            down[i] -= step;
            double difference =
                    PlackettLuce.loss(up, ranks, new double[5]) - PlackettLuce.loss(down, ranks, new double[5]);
            assertThat(gradient[i]).isCloseTo(difference / (2 * step), within(1e-8));
        }
    }
}
