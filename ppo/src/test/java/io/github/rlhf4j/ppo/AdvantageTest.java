package io.github.rlhf4j.ppo;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.List;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.Test;

/** Golden numbers: tools/golden/formulas.py, which works each out from its formula. */
class AdvantageTest {
    private static final Offset<Double> EXACT = within(1e-12);
    private static final double[] REWARDS = {0.1, -0.2, 0.3, 1};
    private static final double[] VALUES = {0.5, 0.4, 0.6, 0.2};

    @Test
    void generalizedAdvantageMatchesTheGoldenNumbers() {
        AdvantageEstimate estimate = new GeneralizedAdvantage(1, 0.95).estimate(REWARDS, VALUES);

        assertThat(estimate.advantages()).containsExactly(new double[] {0.59565, 0.627, 0.66, 0.8}, EXACT);
        assertThat(estimate.returns()).containsExactly(new double[] {1.09565, 1.027, 1.26, 1.0}, EXACT);
        assertThat(new GeneralizedAdvantage(1, 1).estimate(REWARDS, VALUES).advantages())
                .containsExactly(new double[] {0.7, 0.7, 0.7, 0.8}, EXACT);
    }

    @Test
    void withLambdaOneReturnsAreDiscountedSumsOfRewards() {
        AdvantageEstimate estimate = new GeneralizedAdvantage(0.9, 1).estimate(REWARDS, VALUES);

        assertThat(estimate.returns()[0]).isCloseTo(0.1 - 0.9 * 0.2 + 0.81 * 0.3 + 0.729, EXACT);
    }

    @Test
    void withLambdaZeroAdvantagesAreOneStepErrors() {
        assertThat(new GeneralizedAdvantage(1, 0).estimate(REWARDS, VALUES).advantages())
                .containsExactly(new double[] {0.1 + 0.4 - 0.5, -0.2 + 0.6 - 0.4, 0.3 + 0.2 - 0.6, 1 - 0.2}, EXACT);
    }

    @Test
    void whiteningMatchesTheGoldenNumbers() {
        List<double[]> values =
                List.of(new double[] {1.2, 1.3, 1.4}, new double[] {1.5, 1.6, 1.7}, new double[] {1.8, 1.9, 2.0});

        List<double[]> whitened = Whitening.whiten(values, true);

        Offset<Double> printed = within(5.1e-9);
        assertThat(whitened.get(0)).containsExactly(new double[] {0.05080678, 0.43810508, 0.82540339}, printed);
        assertThat(whitened.get(1)).containsExactly(new double[] {1.21270169, 1.6, 1.98729831}, printed);
        assertThat(whitened.get(2)).containsExactly(new double[] {2.37459661, 2.76189492, 3.14919322}, printed);
        assertThat(Whitening.whiten(values, false).get(1)[1]).isCloseTo(0, within(1e-14));
        assertThat(values.get(0)[0]).isEqualTo(1.2);
    }

    @Test
    void whiteningEqualValuesGivesZeros() {
        assertThat(Whitening.whiten(List.of(new double[] {2, 2}, new double[] {2}), false)
                        .get(0))
                .containsExactly(0, 0);
    }
}
