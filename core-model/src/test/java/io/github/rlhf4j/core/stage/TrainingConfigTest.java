package io.github.rlhf4j.core.stage;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.rlhf4j.core.stage.CheckpointConfig.SaveStrategy;
import io.github.rlhf4j.core.stage.EvaluationConfig.EvalStrategy;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import java.util.Set;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;

class TrainingConfigTest {
    private static final EvaluationConfig EVERY_5 = EvaluationConfig.every(5);

    @Test
    void stepsAndOtherStrategiesExcludeEachOther() {
        assertRefused("eval_steps", () -> new EvaluationConfig(Optional.of(EvalStrategy.EPOCH), 5, false));
        assertRefused("eval_steps", () -> new EvaluationConfig(Optional.of(EvalStrategy.STEPS), 0, false));
        assertRefused("save_steps", () -> new CheckpointConfig(Optional.of(SaveStrategy.BEST), 5, 0));
        assertRefused("save_steps", () -> new CheckpointConfig(Optional.of(SaveStrategy.STEPS), 0, 0));
        assertRefused("save_total_limit", () -> new CheckpointConfig(Optional.of(SaveStrategy.NO), 0, 2));
        assertThatCode(() -> new CheckpointConfig(Optional.of(SaveStrategy.EPOCH), 0, 2))
                .doesNotThrowAnyException();
    }

    @Test
    void evaluationsNeedData() {
        assertRefused("eval_steps", () -> with(EVERY_5, BestModelConfig.NONE).checkEvaluation(Set.of()));
        EvaluationConfig onStart = new EvaluationConfig(Optional.empty(), 0, true);
        assertRefused("eval_on_start", () -> with(onStart, BestModelConfig.NONE).checkEvaluation(Set.of()));
        EvaluationConfig epochs = new EvaluationConfig(Optional.of(EvalStrategy.EPOCH), 0, false);
        assertRefused("eval_strategy", () -> with(epochs, BestModelConfig.NONE).checkEvaluation(Set.of()));
        EvaluationConfig never = new EvaluationConfig(Optional.of(EvalStrategy.NO), 0, false);
        assertRefused("eval_strategy", () -> with(never, BestModelConfig.NONE).checkEvaluation(Set.of("")));
        assertThatCode(() -> with(never, BestModelConfig.NONE).checkEvaluation(Set.of()))
                .doesNotThrowAnyException();
    }

    @Test
    void theBestModelNeedsEvaluationsDuringTraining() {
        EvaluationConfig atTheEnd = EvaluationConfig.AT_THE_END;
        assertRefused("load_best_model_at_end", () -> with(atTheEnd, BestModelConfig.by("loss")));
        assertRefused("early_stopping_patience", () -> with(atTheEnd, BestModelConfig.NONE.stoppingAfter(2)));
        assertThatCode(() -> with(EVERY_5, BestModelConfig.by("loss"))).doesNotThrowAnyException();
    }

    @Test
    void whatServesNothingIsRefused() {
        assertRefused("metric_for_best_model", () -> with(EVERY_5, best(Optional.of("loss"), OptionalInt.empty())));
        assertRefused(
                "early_stopping_threshold",
                () -> new BestModelConfig(
                        true, Optional.empty(), Optional.empty(), OptionalInt.empty(), OptionalDouble.of(0.1)));
    }

    @Test
    void theMetricIsOneOfTheNamedSets() {
        TrainingConfig config = with(EVERY_5, BestModelConfig.by("eval_old_loss"));
        assertThatCode(() -> config.checkEvaluation(Set.of("old", "new"))).doesNotThrowAnyException();
        assertThatThrownBy(() -> with(EVERY_5, BestModelConfig.by("loss")).checkEvaluation(Set.of("old")))
                .hasMessage("metric_for_best_model must be a metric of one of the evaluation sets, such as"
                        + " eval_old_loss, but is loss");
    }

    private static BestModelConfig best(Optional<String> metric, OptionalInt patience) {
        return new BestModelConfig(false, metric, Optional.empty(), patience, OptionalDouble.empty());
    }

    private static TrainingConfig with(EvaluationConfig evaluation, BestModelConfig best) {
        return TrainingConfig.of(LearningRateConfig.constant(1), StepsConfig.of(1, 10))
                .with(evaluation, best);
    }

    private static void assertRefused(String key, ThrowingCallable config) {
        assertThatThrownBy(config)
                .isInstanceOfSatisfying(
                        ConfigException.class, e -> assertThat(e.key()).isEqualTo(key));
    }
}
