package io.github.rlhf4j.core.optim;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.github.rlhf4j.core.UserError;
import java.util.List;
import org.junit.jupiter.api.Test;

class LearningRateScheduleTest {
    @Test
    void agreesWithTransformers() {
        List<List<String>> rows = OptimiserGolden.rows("schedule");
        assertThat(rows).hasSize(7);
        for (List<String> row : rows) {
            LearningRateSchedule schedule = LearningRateSchedule.of(
                    row.get(1),
                    Double.parseDouble(row.get(2)),
                    Long.parseLong(row.get(3)),
                    Double.parseDouble(row.get(4)));
            for (int k = 0; k < row.size() - 5; k++) {
                assertThat(schedule.factor(k))
                        .as("%s at step %d", row.get(1), k)
                        .isCloseTo(Double.parseDouble(row.get(5 + k)), within(1e-12));
            }
        }
    }

    @Test
    void roundsAFractionOfWarmUpStepsUp() {
        // 10 % of 25 steps: 2.5, so 3.
        assertThat(LearningRateSchedule.of("linear", 0.1, 25, 0)).isEqualTo(new LearningRateSchedule.Linear(3, 25));
    }

    @Test
    void refusesConstantWithWarmUp() {
        assertThatThrownBy(() -> LearningRateSchedule.of("constant", 5, 100, 0))
                .isInstanceOf(UserError.class)
                .hasMessageContaining("constant_with_warmup");
    }

    @Test
    void refusesAnUnknownNameAndAHalfStep() {
        assertThatThrownBy(() -> LearningRateSchedule.of("polynomial", 0, 100, 0))
                .isInstanceOf(UserError.class)
                .hasMessageContaining("lr_scheduler_type is \"polynomial\"");
        assertThatThrownBy(() -> LearningRateSchedule.of("linear", 2.5, 100, 0))
                .isInstanceOf(UserError.class)
                .hasMessageContaining("warmup_steps");
    }
}
