package io.github.rlhf4j.ppo;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.rlhf4j.core.stage.ConfigException;
import io.github.rlhf4j.core.stage.ModelReference;
import io.github.rlhf4j.core.stage.StepsConfig;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Every range of a key of PPO: what is outside is refused with the key as the user writes it. */
class PpoConfigTest {
    private static final ModelReference MODEL = new ModelReference("m", Path.of("m"));

    @TempDir
    private static Path folder;

    private static PpoConfig config;

    @BeforeAll
    static void valid() throws IOException {
        config = new ToyPpo(folder).config(1);
    }

    /** Components with a value that one of them must not have, the last of them the one that is named. */
    static Stream<Arguments> mistakes() {
        return Stream.of(
                of("reward_model", "rewardModel", Optional.of(MODEL)),
                of("reward_model", "rewardFunction", Optional.empty()),
                of("reward_normalization", "rewardNormalization", PpoConfig.RewardNormalization.STORED),
                of("value_model", "value", PpoConfig.ValueKind.SHARED, "valueModel", Optional.of(MODEL)),
                of("value_learning_rate", "value", PpoConfig.ValueKind.SHARED, "valueLearningRate", 1e-3),
                of("ptx_coef", "ptxCoef", 1.0),
                of("ptx_batch_size", "ptxBatchSize", 1),
                of("max_prompt_length", "maxPromptLength", -1),
                of("max_prompt_length", "maxPromptLength", 1),
                of("response_length", "responseLength", 0),
                of("temperature", "temperature", 0.0),
                of("temperature", "temperature", Double.POSITIVE_INFINITY),
                of("num_ppo_epochs", "numPpoEpochs", 0),
                of("num_mini_batches", "numMiniBatches", 0),
                of("num_mini_batches", "numMiniBatches", 3),
                of("cliprange", "cliprange", 0.0),
                of("cliprange", "cliprange", 1.0),
                of("cliprange_value", "cliprangeValue", 0.0),
                of("dual_clip", "dualClip", 0.5),
                of("vf_coef", "vfCoef", -1.0),
                of("entropy_coef", "entropyCoef", Double.NaN),
                of("gamma", "gamma", 1.1),
                of("lam", "lam", -0.1),
                of("kl_coef", "klCoef", -1.0),
                of("kl_coef", "klCoef", 0.0), // with the adaptive controller
                of("kl_target", "klTarget", -1.0),
                of("kl_horizon", "klHorizon", -1.0),
                of("kl_target", "klController", PpoConfig.KlSchedule.FIXED, "klTarget", 6.0),
                of("kl_horizon", "klController", PpoConfig.KlSchedule.FIXED, "klHorizon", 1.0),
                of("missing_eos_penalty", "missingEosPenalty", -1.0),
                of("reward_clip", "rewardClip", -1.0),
                of("target_kl", "targetKl", -1.0),
                of("max_ratio", "maxRatio", 1.0),
                of("ema_decay", "emaDecay", 1.0),
                of("value_learning_rate", "valueLearningRate", -1.0),
                of("disable_dropout", "disableDropout", false),
                of("num_sample_generations", "numSampleGenerations", -1));
    }

    private static Arguments of(String key, Object... namesAndValues) {
        return Arguments.of(key, namesAndValues);
    }

    @ParameterizedTest
    @MethodSource("mistakes")
    void aValueOutOfRangeIsRefusedWithItsKey(String key, Object[] namesAndValues) {
        assertThatThrownBy(() -> Records.with(config, namesAndValues))
                .isInstanceOf(ConfigException.class)
                .hasMessageStartingWith(key + " ")
                .extracting(thrown -> ((ConfigException) thrown).key())
                .isEqualTo(key);
    }

    static Stream<Arguments> mistakesOfRollouts() {
        Optional<Integer> id = Optional.of(5);
        Optional<RolloutConfig.StopToken> eos = Optional.of(RolloutConfig.StopToken.EOS);
        return Stream.of(
                of("total_episodes", "totalEpisodes", -1L),
                of("stop_token_id", "stopTokenId", Optional.of(-1)),
                of("stop_token_id", "stopToken", eos, "stopTokenId", id),
                of("importance_sampling_clip_max", "importanceSamplingClipMax", -1.0),
                of("importance_sampling_clip_max", "importanceSamplingClipMax", 2.0),
                of("old_log_probs", "exactOnPolicy", true, "oldLogProbs", RolloutConfig.OldLogProbs.TRAINER));
    }

    @ParameterizedTest
    @MethodSource("mistakesOfRollouts")
    void aKeyOfRolloutsOutOfRangeIsRefusedToo(String key, Object[] namesAndValues) {
        assertThatThrownBy(() -> Records.with(RolloutConfig.DEFAULT, namesAndValues))
                .isInstanceOf(ConfigException.class)
                .hasMessageStartingWith(key + " ");
    }

    @Test
    void totalEpisodesAndMaxStepsExcludeEachOther() {
        RolloutConfig nine = Records.with(RolloutConfig.DEFAULT, "totalEpisodes", 9L);

        assertThatThrownBy(() -> Records.with(config, "rollouts", nine))
                .hasMessageStartingWith("total_episodes must be 0");
        PpoConfig counted = Records.with(
                config, "rollouts", nine, "training", config.training().with(StepsConfig.of(4, 0)));
        assertThat(counted.loopOver().data().maxSteps()).isEqualTo(3);
    }

    @Test
    void theAdaptiveControllerHasItsPapersNumbersWhereNoneAreGiven() {
        assertThat(config.klControllerAtStart()).isEqualTo(new KlController.Adaptive(0.01, 6, 10_000));
        assertThat(Records.with(config, "klTarget", 3.0, "klHorizon", 50.0).klControllerAtStart())
                .isEqualTo(new KlController.Adaptive(0.01, 3, 50));
    }
}
