package io.github.rlhf4j.pipeline.report;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.api.Test;

class OverOptimizationTest {
    @Test
    void itsPeakIsWhereTheFormulaSays() {
        OverOptimization law = new OverOptimization(2, 0.5);
        double peak = law.reinforcementPeak();

        assertThat(peak).isCloseTo(Math.exp(3), within(1e-12));
        assertThat(law.reinforcement(peak))
                .isGreaterThan(law.reinforcement(peak + 1e-2))
                .isGreaterThan(law.reinforcement(peak - 1e-2));
        assertThat(law.reinforcement(0)).isZero();
    }
}
