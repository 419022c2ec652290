package io.github.rlhf4j.ppo;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** Golden numbers: tools/golden/formulas.py, which works each out from its formula. */
class KlTest {
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
    @CsvSource({"6, 0.15", "12, 0.151536", "0, 0.148464", "6.6, 0.150768"})
    void adaptiveControllerMatchesTheGoldenNumbers(double kl, double coefficient) {
        KlController controller = new KlController.Adaptive(0.15, 6, 10000);

        assertThat(controller.after(kl, 512).coefficient()).isCloseTo(coefficient, within(1e-12));
        assertThat(controller.coefficient()).isEqualTo(0.15);
    }

    @Test
    void adaptiveControllerStaysPositive() {
        // err = -0.2, 1 + err 1000 / 10 = -19: the factor stops at 0.01
        assertThat(new KlController.Adaptive(0.15, 6, 10).after(0, 1000).coefficient())
                .isCloseTo(0.0015, within(1e-15));
    }

    @Test
    void fixedControllerStays() {
        assertThat(new KlController.Fixed(0.05).after(100, 512).coefficient()).isEqualTo(0.05);
        assertThatThrownBy(() -> new KlController.Fixed(-1)).hasMessage("kl_coef must be finite and >= 0, but is -1.0");
        assertThatThrownBy(() -> new KlController.Adaptive(0.1, 0, 1)).hasMessageContaining("kl_target");
    }

    @ParameterizedTest
    @CsvSource({"1, 0", "2, 0.193147", "4, 0.636294", "16, 1.835089", "64, 3.174508"})
    void bestOfNMatchesTheGoldenNumbers(int samples, double kl) {
        assertThat(BestOfN.klUpperBound(samples)).isCloseTo(kl, within(5.1e-7));
        assertThat(BestOfN.winRateBound(samples)).isEqualTo(samples / (samples + 1.0));
    }

    @Test
    void overOptimizationPeaksWhereTheFormulaSays() {
        OverOptimization law = new OverOptimization(2, 0.5);
        double best = law.bestOfNPeak();
        double reinforced = law.reinforcementPeak();

        assertThat(best).isEqualTo(2);
        assertThat(reinforced).isCloseTo(Math.exp(3), within(1e-12));
        assertThat(law.bestOfN(best)).isGreaterThan(law.bestOfN(best + 1e-3)).isGreaterThan(law.bestOfN(best - 1e-3));
        assertThat(law.reinforcement(reinforced))
                .isGreaterThan(law.reinforcement(reinforced + 1e-2))
                .isGreaterThan(law.reinforcement(reinforced - 1e-2));
        assertThat(law.reinforcement(0)).isZero();
    }
}
