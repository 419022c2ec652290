package io.github.rlhf4j.core.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Map;
import org.junit.jupiter.api.Test;

class NoiseScaleTest {
    @Test
    void findsSignalAndNoiseOfExpectedNorms() {
        // E |G_b|^2 = |G|^2 + tr S / b with |G|^2 = 4 and tr S = 96: 16 of 8 examples, 5.5 of 64; B_simple = 24
        StepMetrics metrics = new StepMetrics();
        new NoiseScale(1).add(16, 8, 5.5, 64, metrics);

        Map<String, Double> values = metrics.values();
        assertThat(values.getOrDefault("gradient_signal", 0.0)).isCloseTo(4, within(1e-12));
        assertThat(values.getOrDefault("gradient_noise", 0.0)).isCloseTo(96, within(1e-12));
        assertThat(values.getOrDefault("gradient_noise_scale", 0.0)).isCloseTo(24, within(1e-12));
    }

    @Test
    void theScaleIsTheQuotientOfMovingAveragesAndGoesOnAfterACheckpoint() {
        NoiseScale unbroken = new NoiseScale(1);
        unbroken.add(16, 8, 5.5, 64, new StepMetrics());
        ObjectNode state = new ObjectMapper().createObjectNode();
        unbroken.save(state);
        NoiseScale resumed = new NoiseScale(1);
        resumed.restore(state);
        StepMetrics metrics = new StepMetrics();
        resumed.add(8, 8, 1, 64, metrics); // signal 0, noise 64: alone there is no quotient

        // both measurements, the first with 0.9 of the second's weight: signal 0.9 x 4 + 0, noise 0.9 x 96 + 64
        assertThat(metrics.values().getOrDefault("gradient_noise_scale", 0.0)).isCloseTo(150.4 / 3.6, within(1e-9));
    }

    @Test
    void aStepThatIsLeftOutSinceItIsNotFiniteIsNotMeasured() {
        NoiseScale noise = new NoiseScale(1);
        noise.add(16, 8, 5.5, 64, new StepMetrics());
        noise.add(Double.NaN, 8, Double.NaN, 64, new StepMetrics());
        noise.add(16, 8, Double.POSITIVE_INFINITY, 64, new StepMetrics());
        StepMetrics metrics = new StepMetrics();
        noise.add(16, 8, 5.5, 64, metrics);

        assertThat(metrics.values().getOrDefault("gradient_noise_scale", 0.0)).isCloseTo(24, within(1e-12));
    }
}
