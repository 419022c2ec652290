package io.github.rlhf4j.ppo;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Golden numbers: tools/golden/formulas.py, which works each out from its formula. */
class KlControllerTest {
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
}
