package io.github.rlhf4j.core.stage;

import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.rlhf4j.core.UserError;
import io.github.rlhf4j.core.train.StepMetrics;
import io.github.rlhf4j.core.train.StepResult;
import org.junit.jupiter.api.Test;

class StalledGradientTest {
    private final StalledGradient stalled = new StalledGradient();

    @Test
    void tenStepsWithALossAndNoGradientAreADivergedModel() {
        add(9, 0, Math.log(515));
        assertThatThrownBy(() -> add(1, 0, Math.log(515)))
                .isInstanceOf(UserError.class)
                .hasMessageContaining("all gradients have been exactly 0 for 10 steps: the model has diverged");
    }

    @Test
    void atTheEndThreeAreEnough() {
        add(2, 0, Math.log(2));
        assertThatThrownBy(() -> stalled.add(3, true, step(0, Math.log(2)))).isInstanceOf(UserError.class);
    }

    @Test
    void aPerfectFitIsNone() {
        assertThatCode(() -> add(100, 0, 0)).doesNotThrowAnyException();
    }

    @Test
    void nineStepsThenOneWithAGradientAreNone() {
        assertThatCode(() -> {
                    for (int i = 0; i < 5; i++) {
                        add(9, 0, 1);
                        add(1, 1e-30, 1);
                    }
                })
                .doesNotThrowAnyException();
    }

    private void add(int steps, double norm, double loss) {
        for (int i = 0; i < steps; i++) {
            stalled.add(i, false, step(norm, loss));
        }
    }

    private static StepResult step(double norm, double loss) {
        return new StepResult(loss, norm, 1e-3, 1, new StepMetrics());
    }
}
