package io.github.rlhf4j.core.train;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import org.junit.jupiter.api.Test;

class StepMetricsTest {
    @Test
    void partsJoinAsIfTheyHadBeenOne() {
        StepMetrics first = new StepMetrics();
        first.mean("mean", 6, 3);
        first.min("smallest", 2);
        first.max("largest", 2);
        first.set("plain", 1);
        StepMetrics second = new StepMetrics();
        second.mean("mean", 4, 1);
        second.min("smallest", 3);
        second.max("largest", 3);
        second.set("plain", 5);

        first.addAll(second);

        assertThat(first.values()).isEqualTo(Map.of("mean", 2.5, "smallest", 2.0, "largest", 3.0, "plain", 5.0));
    }
}
