package io.github.rlhf4j.grpo;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.rlhf4j.core.stage.ConfigException;
import io.github.rlhf4j.core.stage.ModelReference;
import io.github.rlhf4j.core.stage.StepsConfig;
import io.github.rlhf4j.core.tensor.WeightType;
import io.github.rlhf4j.core.train.Examples;
import io.github.rlhf4j.datasets.DatasetSpec;
import io.github.rlhf4j.rollout.ImportanceSampling;
import java.nio.file.Path;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Every range of a key of GRPO: what is outside is refused with the key as the user writes it. */
class GrpoConfigTest {
    private static final ModelReference MODEL = new ModelReference("m", Path.of("m"));
    private static final DatasetSpec ROWS = DatasetSpec.of("rows.jsonl");

    private static GrpoConfigBuilder valid() {
        return GrpoConfig.builder(MODEL, ROWS).rewardFunction("length");
    }

    static Stream<Arguments> mistakes() {
        return Stream.of(
                of("reward_model", builder -> builder.rewardModel(MODEL)),
                of("max_prompt_length", builder -> builder.maxPromptLength(1)),
                of("num_generations", builder -> builder.numGenerations(1)),
                of("max_completion_length", builder -> builder.maxCompletionLength(0)),
                of("temperature", builder -> builder.temperature(0)),
                of("top_p", builder -> builder.topP(0)),
                of("top_k", builder -> builder.topK(-1)),
                of("min_p", builder -> builder.minP(1)),
                of("repetition_penalty", builder -> builder.repetitionPenalty(0)),
                of("steps_per_generation", builder -> builder.stepsPerGeneration(0)),
                of("num_iterations", builder -> builder.numIterations(0)),
                of("staleness", builder -> builder.staleness(-1)),
                of("staleness", builder -> builder.staleness(1).filterGroups(true)),
                of("num_completions_to_print", builder -> builder.numCompletionsToPrint(-1)),
                of("log_tokens", builder -> builder.numCompletionsToPrint(0).logTokens(true)),
                of("epsilon", builder -> builder.epsilon(1)),
                of("epsilon", builder -> builder.epsilon(0.1).lossType(LossType.SAPO)),
                of("epsilon", builder -> builder.epsilon(0.1).epsilonHigh(5).lossType(LossType.CISPO)),
                of("epsilon_high", builder -> builder.epsilonHigh(-1)),
                of("epsilon_high", builder -> builder.epsilonHigh(0.3).lossType(LossType.SAPO)),
                of("delta", builder -> builder.delta(1.1)),
                of("delta", builder -> builder.delta(2).lossType(LossType.CISPO)),
                of("sapo_temperature_pos", builder -> builder.sapoTemperaturePos(1)),
                of("sapo_temperature_neg", builder -> builder.sapoTemperatureNeg(1)),
                of(
                        "sapo_temperature_neg",
                        builder -> builder.sapoTemperatureNeg(0).lossType(LossType.SAPO)),
                of("top_entropy_quantile", builder -> builder.topEntropyQuantile(0)),
                of("entropy_coef", builder -> builder.entropyCoef(Double.NaN)),
                of("off_policy_mask_threshold", builder -> builder.offPolicyMaskThreshold(Double.NaN)),
                of(
                        "rollout_weights",
                        builder -> builder.rolloutWeights(WeightType.INT8).staleness(1)),
                of(
                        "importance_sampling_mode",
                        builder -> builder.importanceSamplingMode(ImportanceSampling.TOKEN_MASK)),
                of("importance_sampling_clip_max", builder -> builder.importanceSamplingClipMax(2)),
                of(
                        "importance_sampling_clip_max",
                        builder -> builder.rolloutWeights(WeightType.INT8).importanceSamplingClipMax(0)),
                of("beta", builder -> builder.beta(-1)),
                of("use_bias_correction_kl", builder -> builder.useBiasCorrectionKl(false)),
                of("ref_model", builder -> builder.refModel(MODEL)),
                of("sync_ref_model", builder -> builder.syncRefModel(true)),
                of("ref_model_mixup_alpha", builder -> builder.beta(1).refModelMixupAlpha(0.5)),
                of("ref_model_sync_steps", builder -> builder.beta(1).refModelSyncSteps(5)),
                of(
                        "ref_model_mixup_alpha",
                        builder -> builder.beta(1).syncRefModel(true).refModelMixupAlpha(0)));
    }

    private static Arguments of(String key, UnaryOperator<GrpoConfigBuilder> mistake) {
        return Arguments.of(key, mistake);
    }

    @ParameterizedTest
    @MethodSource("mistakes")
    void aValueOutOfRangeIsRefusedWithItsKey(String key, UnaryOperator<GrpoConfigBuilder> mistake) {
        assertThatThrownBy(() -> mistake.apply(valid()).build())
                .isInstanceOf(ConfigException.class)
                .hasMessageStartingWith(key + " ");
    }

    @Test
    void aRewardIsNeededUnlessResponsesAreStored() {
        assertThatThrownBy(() -> GrpoConfig.builder(MODEL, ROWS).build())
                .hasMessage("reward_model must be given, or else reward_function or rewards, but is missing, as are"
                        + " reward_function and rewards");
        assertThatThrownBy(() -> GrpoConfig.replaying(MODEL, ROWS)
                        .rewardFunction("length")
                        .build())
                .hasMessageStartingWith("reward_function must be left out with rollouts");
        assertThatThrownBy(() -> GrpoConfig.replaying(MODEL, ROWS).minP(0.1).build())
                .hasMessageStartingWith("min_p must be left out with rollouts");
        assertThat(GrpoConfig.replaying(MODEL, ROWS).build().rollouts()).contains(ROWS);
    }

    @Test
    void storedResponsesAreNotShuffled() {
        GrpoConfig config = GrpoConfig.replaying(MODEL, ROWS).build();

        assertThat(config.training().shuffle()).isFalse();
        assertThatThrownBy(() -> config.toBuilder()
                        .training(config.training().with(StepsConfig.of(4, 1)))
                        .build())
                .hasMessage("shuffle must be false with rollouts, whose order is that of their file, but is true");
    }

    @Test
    void eachPromptTakesPartInNumIterationsSteps() {
        GrpoConfig config = valid().numIterations(3).build();
        config = config.toBuilder()
                .training(config.training().with(StepsConfig.of(4, 0)))
                .build();

        assertThat(config.loopOver(Examples.of(9, index -> index)).data().maxSteps())
                .isEqualTo(9);
    }

    @Test
    void aBuilderThatStartsFromAConfigGivesItBack() {
        GrpoConfig config = valid().beta(0.1).epsilonHigh(0.3).build();

        assertThat(config.toBuilder().build()).isEqualTo(config);
    }
}
