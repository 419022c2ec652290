package io.github.rlhf4j.rollout;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** Golden numbers: tools/golden/formulas.py, which works each out from its formula. */
class RolloutMathsTest {
    @ParameterizedTest
    @CsvSource({"0.5, 0.5, 0.125, 0.1065306597", "-0.5, -0.5, 0.125, 0.1487212707"})
    void estimatorsMatchTheGoldenNumbers(double logRatio, double k1, double k2, double k3) {
        assertThat(KlEstimator.K1.value(logRatio)).isEqualTo(k1);
        assertThat(KlEstimator.K2.value(logRatio)).isEqualTo(k2);
        assertThat(KlEstimator.K3.value(logRatio)).isCloseTo(k3, within(5.1e-11));
    }

    @ParameterizedTest
    @EnumSource(KlEstimator.class)
    void slopesAreCentralDifferences(KlEstimator estimator) {
        for (double logRatio : new double[] {-2, -0.3, 0, 0.7, 3}) {
            double difference = (estimator.value(logRatio + 1e-5) - estimator.value(logRatio - 1e-5)) / 2e-5;
            assertThat(estimator.slope(logRatio)).isCloseTo(difference, within(1e-8));
        }
    }

    @Test
    void unbiasedEstimatorsAverageToTheDivergence() {
        double[] policy = {0.6, 0.3, 0.1};
        double[] reference = {0.2, 0.5, 0.3};
        double divergence = 0;
        double k3 = 0;
        for (int i = 0; i < policy.length; i++) {
            double logRatio = Math.log(policy[i] / reference[i]);
            divergence += policy[i] * KlEstimator.K1.value(logRatio);
            k3 += policy[i] * KlEstimator.K3.value(logRatio);
        }

        assertThat(k3).isCloseTo(divergence, within(1e-14)).isPositive();
    }

    @ParameterizedTest
    @CsvSource({"1, 0", "2, 0.193147", "4, 0.636294", "16, 1.835089", "64, 3.174508"})
    void bestOfNMatchesTheGoldenNumbers(int samples, double kl) {
        assertThat(BestOfN.klUpperBound(samples)).isCloseTo(kl, within(5.1e-7));
        assertThat(BestOfN.winRateBound(samples)).isEqualTo(samples / (samples + 1.0));
    }

    @Test
    void groupAdvantagesMatchTheGoldenNumbers() {
        double[] rewards = {1, 0, 0, 1};

        assertThat(GroupAdvantage.standardized(rewards, 1, 1e-4))
                .containsExactly(new double[] {0.8658754, -0.8658754, -0.8658754, 0.8658754}, within(5.1e-8));
        assertThat(GroupAdvantage.standardized(rewards, 0, 1e-8))
                .containsExactly(new double[] {1, -1, -1, 1}, within(2.1e-8));
        assertThat(GroupAdvantage.leaveOneOut(rewards))
                .containsExactly(new double[] {2.0 / 3, -2.0 / 3, -2.0 / 3, 2.0 / 3}, within(1e-12));
        assertThat(GroupAdvantage.standardized(new double[] {3, 3}, 1, 1e-4)).containsExactly(0, 0);
        assertThatThrownBy(() -> GroupAdvantage.leaveOneOut(new double[] {1})).hasMessageContaining("at least two");
        assertThatThrownBy(() -> GroupAdvantage.standardized(new double[] {1}, 1, 1e-4))
                .hasMessageContaining("ddof");
    }
}
