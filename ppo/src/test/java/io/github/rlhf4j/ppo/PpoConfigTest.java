package io.github.rlhf4j.ppo;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.rlhf4j.core.stage.ConfigException;
import io.github.rlhf4j.core.stage.ConfigGroup;
import io.github.rlhf4j.core.stage.ModelReference;
import io.github.rlhf4j.core.stage.StepsConfig;
import io.github.rlhf4j.core.tensor.WeightType;
import io.github.rlhf4j.datasets.DatasetSpec;
import java.io.IOException;
import java.io.InputStream;
import java.lang.reflect.Field;
import java.lang.reflect.Method;
import java.lang.reflect.RecordComponent;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Collectors;
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
                of("reward_normalization", "rewardNormalization", ScoreConfig.RewardNormalization.STORED),
                of("value_model", "value", ValueConfig.ValueKind.SHARED, "valueModel", Optional.of(MODEL)),
                of("value_learning_rate", "value", ValueConfig.ValueKind.SHARED, "valueLearningRate", 1e-3),
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
                of("kl_target", "klController", KlConfig.KlSchedule.FIXED, "klTarget", 6.0),
                of("kl_horizon", "klController", KlConfig.KlSchedule.FIXED, "klHorizon", 1.0),
                of("missing_eos_penalty", "missingEosPenalty", -1.0),
                of("reward_clip", "rewardClip", -1.0),
                of("target_kl", "targetKl", -1.0),
                of("max_ratio", "maxRatio", 1.0),
                of("ema_decay", "emaDecay", 1.0),
                of("value_learning_rate", "valueLearningRate", -1.0),
                of("disable_dropout", "disableDropout", false),
                of("num_sample_generations", "numSampleGenerations", -1),
                of("log_tokens", "numSampleGenerations", 0, "logTokens", true));
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
                of("rollout_weights", "rolloutWeights", WeightType.INT8),
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
        assertThatThrownBy(() -> Records.with(config, "totalEpisodes", 9L))
                .hasMessageStartingWith("total_episodes must be 0");
        PpoConfig counted = Records.with(
                config, "totalEpisodes", 9L, "training", config.training().with(StepsConfig.of(4, 0)));
        assertThat(counted.loopOver().data().maxSteps()).isEqualTo(3);
    }

    @Test
    void theAdaptiveControllerHasItsPapersNumbersWhereNoneAreGiven() {
        assertThat(config.kl().atStart()).isEqualTo(new KlController.Adaptive(0.01, 6, 10_000));
        assertThat(Records.with(config, "klTarget", 3.0, "klHorizon", 50.0).kl().atStart())
                .isEqualTo(new KlController.Adaptive(0.01, 3, 50));
    }

    @Test
    void theBuildersDefaultsAreThoseOfTheDefaultsFile() throws IOException {
        PpoConfig built = PpoConfig.builder(MODEL, config.dataset())
                .rewardFunction("brevity")
                .build();
        Map<String, String> keys = keys(built);

        assertThat(defaults()).isNotEmpty().allSatisfy((key, value) -> {
            String ours = Objects.requireNonNull(keys.get(key), key);
            assertThat(ours).as(key).isEqualTo(isNumber(ours) ? number(value, ours) : value);
        });
    }

    @Test
    void everyKeyHasAMethodOfTheBuilderThatSetsIt() throws ReflectiveOperationException {
        Map<String, Method> methods = Arrays.stream(PpoConfigBuilder.class.getMethods())
                .collect(Collectors.toMap(Method::getName, method -> method, (one, other) -> one));
        for (RecordComponent group : PpoConfig.class.getRecordComponents()) {
            if (group.getType().getPackage().equals(PpoConfig.class.getPackage())) {
                for (RecordComponent key : group.getType().getRecordComponents()) {
                    if (ConfigGroup.class.isAssignableFrom(key.getType())) {
                        continue; // of another module
                    }
                    Method set = Objects.requireNonNull(methods.get(key.getName()), key.getName());
                    Field field = PpoConfigBuilder.class.getDeclaredField(key.getName());
                    field.setAccessible(true);
                    PpoConfigBuilder builder = PpoConfig.builder(MODEL, config.dataset());
                    Object before = field.get(builder);
                    set.invoke(builder, another(set.getParameterTypes()[0], before));

                    assertThat(field.get(builder)).as(key.getName()).isNotEqualTo(before);
                }
            }
        }
    }

    /** A value of a key's type that is not {@code before}. */
    private static Object another(Class<?> type, Object before) {
        if (type.isEnum()) {
            return Arrays.stream(type.getEnumConstants())
                    .filter(constant -> !constant.equals(before))
                    .findFirst()
                    .orElseThrow();
        }
        Map<Class<?>, Object> others = Map.of(
                boolean.class,
                !Boolean.TRUE.equals(before),
                int.class,
                77,
                long.class,
                77L,
                double.class,
                0.77,
                String.class,
                "other",
                ModelReference.class,
                MODEL,
                DatasetSpec.class,
                config.dataset());
        return Objects.requireNonNull(others.get(type), type.getName());
    }

    @Test
    void aBuilderThatStartsFromAConfigGivesItBack() {
        assertThat(config.toBuilder().build()).isEqualTo(config);
        assertThat(config.toBuilder().klCoef(0.2).build().kl().klCoef()).isEqualTo(0.2);
    }

    /** Keys of a config with the texts of their values, those of its groups too. */
    private static Map<String, String> keys(Record record) {
        Map<String, String> keys = new TreeMap<>();
        for (RecordComponent component : record.getClass().getRecordComponents()) {
            Object value = Records.get(record, component);
            if (value instanceof ConfigGroup) {
                keys.putAll(keys((Record) value));
            } else {
                String name = component.getName().replaceAll("([A-Z])", "_$1").toLowerCase(Locale.ROOT);
                keys.put(name, String.valueOf(value).toLowerCase(Locale.ROOT));
            }
        }
        return keys;
    }

    private static Map<String, String> defaults() throws IOException {
        Map<String, String> defaults = new TreeMap<>();
        try (InputStream file = Objects.requireNonNull(PpoConfig.class.getResourceAsStream("ppo-defaults.yaml"))) {
            new String(file.readAllBytes(), StandardCharsets.UTF_8)
                    .lines()
                    .filter(line -> !line.startsWith("#"))
                    .map(line -> line.replaceAll("\\s+#.*", "").split(": "))
                    .forEach(line -> defaults.put(line[0], line[1].toLowerCase(Locale.ROOT)));
        }
        return defaults;
    }

    private static boolean isNumber(String text) {
        return text.matches("-?[0-9].*") && !text.endsWith("gb");
    }

    /** {@code text} as a number, written as {@code like} is. */
    private static String number(String text, String like) {
        double value = Double.parseDouble(text);
        return (like.contains(".") ? String.valueOf(value) : String.valueOf((long) value)).toLowerCase(Locale.ROOT);
    }
}
