package io.github.rlhf4j.reward.process;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.api.Test;

/** Counted by hand. */
class StepMetricsTest {
    @Test
    void countsStepsErrorsAndFirstErrors() {
        StepMetrics metrics = new StepMetrics();
        metrics.add(new double[] {1, -1, 1}, new boolean[] {true, false, false}); // first error found, the second not
        metrics.add(new double[] {-1, -1}, new boolean[] {true, false}); // called wrong too early
        metrics.add(new double[] {2, 3}, new boolean[] {true, true}); // left alone
        metrics.add(new double[] {2, -3}, new boolean[] {true, true}); // called wrong

        assertThat(metrics.named())
                .containsEntry("accuracy", 6.0 / 9)
                .containsEntry("f1", 2.0 * 2 / (3 + 4))
                .containsEntry("first_error_accuracy", 0.5)
                .containsEntry("no_error_accuracy", 0.5)
                .containsEntry("first_error_f1", 0.5);
        // d f1 / da = 2 b^2 / (a + b)^2 = 1/2 each; variances 1/8 each
        assertThat(metrics.named().get("first_error_f1_se")).isCloseTo(Math.sqrt(2 * 0.25 * 0.125), within(1e-12));
    }

    @Test
    void leavesOutWhatThereIsNothingToMeasureOf() {
        StepMetrics metrics = new StepMetrics();
        metrics.add(new double[] {1}, new boolean[] {true});

        assertThat(metrics.named()).containsOnlyKeys("accuracy", "no_error_accuracy");
    }
}
