package io.github.rlhf4j.charts;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.api.Test;

class AxisTest {
    @Test
    void ticksAreRoundNumbersInside() {
        assertThat(Axis.around(0.13, 0.97, false, 0, 100).ticks(5)).containsExactly(0.2, 0.4, 0.6000000000000001, 0.8);
    }

    @Test
    void valuesThatDifferByRoundingAloneHaveTicksToo() { // the steps between were smaller than a number of this size
        // can change by: ticks without end
        Axis axis = Axis.around(0.05717561684778969, 0.05717561684778972, true, 0, 100);

        assertThat(axis.ticks(5)).hasSizeBetween(2, 12);
        assertThat(axis.at(0.05717561684778969)).isCloseTo(50, within(1.0));
        assertThat(Axis.around(1e300, Math.nextUp(1e300), true, 0, 100).ticks(5))
                .hasSizeBetween(2, 12);
    }
}
