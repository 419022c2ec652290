package io.github.rlhf4j.core.stage;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.rlhf4j.core.optim.ScheduleOptions;
import io.github.rlhf4j.core.stage.CheckpointConfig.SaveStrategy;
import io.github.rlhf4j.core.stage.EvaluationConfig.EvalStrategy;
import io.github.rlhf4j.core.stage.NumbersConfig.OnNonfinite;
import io.github.rlhf4j.core.stage.SaveConfig.SaveDtype;
import java.lang.reflect.Method;
import java.lang.reflect.RecordComponent;
import java.util.Arrays;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/** Its defaults are held against the defaults files in pipeline's ConfigBuildersTest. */
class TrainingConfigBuilderTest {
    @Test
    void everyKeyHasAMethod() {
        Set<String> methods = Arrays.stream(TrainingConfigBuilder.class.getDeclaredMethods())
                .map(Method::getName)
                .collect(Collectors.toCollection(TreeSet::new));

        assertThat(methods).containsAll(keys(TrainingConfig.class));
    }

    private static Set<String> keys(Class<?> config) {
        Set<String> keys = new TreeSet<>();
        for (RecordComponent component : config.getRecordComponents()) {
            if (ConfigGroup.class.isAssignableFrom(component.getType())) {
                keys.addAll(keys(component.getType()));
            } else {
                keys.add(component.getName());
            }
        }
        return keys;
    }

    @Test
    void everyKeySetIsInTheConfigAndInACopyOfIt() {
        TrainingConfig config = everything().build();

        assertThat(config.rate())
                .isEqualTo(new LearningRateConfig(1, "cosine_with_min_lr", 0.2, 3, Optional.of(ScheduleOptions.NONE)));
        assertThat(config.data()).isEqualTo(new StepsConfig(4, 5, 6, true, OptionalLong.of(8)));
        assertThat(config.adamW()).isEqualTo(new AdamWConfig(9, 0.1, 0.11, 0.12, 0.13, 14, true));
        assertThat(config.loggingSteps()).isEqualTo(15);
        assertThat(config.evaluation()).isEqualTo(new EvaluationConfig(Optional.of(EvalStrategy.STEPS), 16, true));
        assertThat(config.checkpoints()).isEqualTo(new CheckpointConfig(Optional.of(SaveStrategy.STEPS), 17, 18));
        assertThat(config.best())
                .isEqualTo(new BestModelConfig(
                        true, Optional.of("eval_x"), Optional.of(true), OptionalInt.of(19), OptionalDouble.of(20)));
        assertThat(config.save()).isEqualTo(new SaveConfig(SaveDtype.BFLOAT16, "1GB"));
        assertThat(config.toBuilder().build()).isEqualTo(config);
        assertThat(config.toBuilder().maxSteps(7).build().data().maxSteps()).isEqualTo(7);
    }

    private static TrainingConfigBuilder everything() {
        return TrainingConfig.builder()
                .learningRate(1)
                .lrSchedulerType("cosine_with_min_lr")
                .minLrRate(0.2)
                .warmupSteps(3)
                .lrSchedulerKwargs(ScheduleOptions.NONE)
                .batchSize(4)
                .maxSteps(5)
                .numTrainEpochs(6)
                .shuffle(true)
                .dataSeed(8)
                .maxGradNorm(9)
                .weightDecay(0.1)
                .adamBeta1(0.11)
                .adamBeta2(0.12)
                .adamEpsilon(0.13)
                .microBatchTokens(14)
                .gradientCheckpointing(true)
                .loggingSteps(15)
                .evalStrategy(EvalStrategy.STEPS)
                .evalSteps(16)
                .evalOnStart(true)
                .saveStrategy(SaveStrategy.STEPS)
                .saveSteps(17)
                .saveTotalLimit(18)
                .loadBestModelAtEnd(true)
                .metricForBestModel("eval_x")
                .greaterIsBetter(true)
                .earlyStoppingPatience(19)
                .earlyStoppingThreshold(20)
                .saveDtype(SaveDtype.BFLOAT16)
                .maxShardSize("1GB")
                .onNonfinite(OnNonfinite.SKIP)
                .lossSpikeSigma(21)
                .canarySteps(22);
    }

    @Test
    void aKeyOutOfRangeIsNamed() {
        assertThatThrownBy(() -> TrainingConfig.builder().batchSize(0).build())
                .isInstanceOf(ConfigException.class)
                .hasMessage("batch_size must be >= 1, but is 0");
    }
}
