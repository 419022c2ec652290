package io.github.rlhf4j.core.stage;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Evaluations that have left out different numbers of rows; what compares all rows is in {@link TrainingLoopTest}. */
class BestModelTest {
    private final BestModel best = new BestModel(BestModelConfig.by("loss").stoppingAfter(2));

    private static Map<String, Double> of(double loss, double leftOut) {
        return Map.of("loss", loss, "nonfinite_rows", leftOut);
    }

    @Test
    void oneThatLeavesOutMoreRowsIsNotBetter() {
        assertThat(best.consider(1, Map.of("loss", 5.0))).isTrue();
        assertThat(best.consider(2, of(3, 1))).isFalse();
        assertThat(best.waited()).isEqualTo(1);
        assertThat(best.consider(3, Map.of("loss", 4.0))).isTrue();
        assertThat(best.step()).isEqualTo(3);
    }

    @Test
    void oneThatLeavesOutFewerIs() {
        assertThat(best.consider(1, of(3, 2))).isTrue();
        assertThat(best.consider(2, of(4, 1))).isTrue();
        assertThat(best.consider(3, of(3.5, 1))).isTrue();
        assertThat(best.consider(4, of(Double.NaN, 0))).isFalse();
        assertThat(best.consider(5, Map.of("loss", 9.0))).isTrue();
        assertThat(best.waited()).isZero();
    }

    @Test
    void rowsOfOtherSetsDoNotCount() {
        BestModel ofLong = new BestModel(BestModelConfig.by("eval_long_loss"));

        assertThat(ofLong.consider(1, Map.of("long_loss", 5.0))).isTrue();
        assertThat(ofLong.consider(2, Map.of("long_loss", 4.0, "short_nonfinite_rows", 1.0)))
                .isTrue();
        assertThat(ofLong.consider(3, Map.of("long_loss", 3.0, "long_nonfinite_rows", 1.0)))
                .isFalse();
    }

    @Test
    void aRestoredOneKnowsWhatWasLeftOut() {
        best.consider(1, of(3, 1));
        ObjectNode state = new ObjectMapper().createObjectNode();
        best.save(state);
        BestModel restored = new BestModel(BestModelConfig.by("loss"));
        restored.restore(state);

        assertThat(restored.consider(2, of(2, 2))).isFalse();
        assertThat(restored.consider(3, Map.of("loss", 4.0))).isTrue();
    }
}
