package io.github.rlhf4j.core.optim;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.github.rlhf4j.core.UserError;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

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
    void agreesWithTransformersWithItsOptions() throws JsonProcessingException {
        List<List<String>> rows = OptimiserGolden.rows("scheduled");
        assertThat(rows).hasSize(15);
        for (List<String> row : rows) {
            JsonNode options = new ObjectMapper().readTree(row.get(5));
            double rate = Double.parseDouble(row.get(4));
            LearningRateSchedule schedule = new ScheduleChoice(
                            row.get(1),
                            Double.parseDouble(row.get(2)),
                            options.path("min_lr_rate").asDouble(0),
                            rate,
                            options(options))
                    .over(Long.parseLong(row.get(3)));
            for (int k = 0; k < row.size() - 6; k++) {
                assertThat(rate * schedule.factor(k))
                        .as("%s at step %d", row, k)
                        .isCloseTo(Double.parseDouble(row.get(6 + k)), within(1e-15));
            }
        }
    }

    private static ScheduleOptions options(JsonNode json) {
        return new ScheduleOptions(
                number(json, "lr_end"),
                number(json, "power"),
                number(json, "num_cycles"),
                whole(json, "timescale"),
                whole(json, "num_decay_steps"),
                whole(json, "num_stable_steps"),
                Optional.ofNullable(json.path("warmup_type").textValue()),
                Optional.ofNullable(json.path("decay_type").textValue()),
                number(json, "min_lr_ratio"));
    }

    private static OptionalDouble number(JsonNode json, String key) {
        return json.has(key) ? OptionalDouble.of(json.get(key).asDouble()) : OptionalDouble.empty();
    }

    private static OptionalLong whole(JsonNode json, String key) {
        return json.has(key) ? OptionalLong.of(json.get(key).asLong()) : OptionalLong.empty();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "linear | {\"power\": 2} | power does nothing with lr_scheduler_type linear",
                "inverse_sqrt | {\"num_cycles\": 2} | num_cycles does nothing with lr_scheduler_type inverse_sqrt",
                "polynomial | {\"lr_end\": 1} | lr_end must be >= 0 and below learning_rate = 0.5, but is 1.0",
                "cosine_with_restarts | {\"num_cycles\": 1.5} | num_cycles must be a whole number >= 1, but is 1.5",
                "warmup_stable_decay | {} | num_decay_steps must be given for warmup_stable_decay",
                "warmup_stable_decay | {\"num_decay_steps\": 200} | num_decay_steps must leave room for 0 steps of warm-up in 100 steps, but is 200",
                "warmup_stable_decay | {\"num_decay_steps\": 2, \"decay_type\": \"sine\"} | decay_type must be linear, cosine or 1-sqrt, but is sine",
                "warmup_stable_decay | {\"num_decay_steps\": 2, \"warmup_type\": \"cosine\"} | warmup_type does nothing without warmup_steps"
            })
    void refusesOptionsThatDoNothingOrAreOutOfRange(String name, String json, String message)
            throws JsonProcessingException {
        ScheduleChoice choice = new ScheduleChoice(name, 0, 0, 0.5, options(new ObjectMapper().readTree(json)));
        assertThatThrownBy(() -> choice.over(100))
                .isInstanceOf(UserError.class)
                .hasMessageStartingWith("lr_scheduler_kwargs." + message);
    }

    @ParameterizedTest
    @CsvSource({
        "constant, 0, true",
        "constant_with_warmup, 10, true",
        "constant_with_warmup, 0.1, false",
        "inverse_sqrt, 10, true",
        "linear, 0, false",
        "warmup_stable_decay, 0, false"
    })
    void knowsWhetherTheNumberOfStepsMatters(String name, double warmup, boolean isIndependent) {
        assertThat(new ScheduleChoice(name, warmup, 0, 1, ScheduleOptions.NONE).isIndependentOfSteps())
                .isEqualTo(isIndependent);
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
        assertThatThrownBy(() -> LearningRateSchedule.of("polynomal", 0, 100, 0))
                .isInstanceOf(UserError.class)
                .hasMessageContaining("lr_scheduler_type is \"polynomal\"");
        assertThatThrownBy(() -> LearningRateSchedule.of("linear", 2.5, 100, 0))
                .isInstanceOf(UserError.class)
                .hasMessageContaining("warmup_steps");
    }
}
