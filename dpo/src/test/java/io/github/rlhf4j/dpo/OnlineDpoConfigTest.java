package io.github.rlhf4j.dpo;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.rlhf4j.core.stage.AdapterConfig;
import io.github.rlhf4j.core.stage.ConfigException;
import io.github.rlhf4j.core.stage.ModelReference;
import io.github.rlhf4j.core.tensor.WeightType;
import io.github.rlhf4j.datasets.DatasetSpec;
import io.github.rlhf4j.judge.JudgeConfig;
import io.github.rlhf4j.rollout.PromptConfig;
import io.github.rlhf4j.rollout.SamplingConfig;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Every range of a key of online_dpo: what is outside is refused with the key as the user writes it. */
class OnlineDpoConfigTest {
    private static final ModelReference MODEL = new ModelReference("m", Path.of("m"));
    private static final DatasetSpec ROWS = DatasetSpec.of("rows.jsonl");

    private static OnlineDpoConfigBuilder valid() {
        return OnlineDpoConfig.builder(MODEL, ROWS).rewardFunction("length");
    }

    private static SamplingConfig sampling(double temperature, double topP, int topK, double minP, double penalty) {
        return new SamplingConfig(8, temperature, topP, topK, minP, penalty, WeightType.FLOAT32);
    }

    static Stream<Arguments> mistakes() {
        return Stream.of(
                of("reward_model", builder -> builder.rewardModel(MODEL)),
                of("judge", builder -> builder.judge(JudgeConfig.named("wit"))),
                of("missing_eos_penalty", builder -> builder.missingEosPenalty(0)),
                of("max_prompt_length", builder -> builder.prompts(new PromptConfig(1, false, Optional.empty()))),
                of("max_new_tokens", builder -> builder.sampling(SamplingConfig.of(0, 1))),
                of("temperature", builder -> builder.sampling(sampling(0, 1, 0, 0, 1))),
                of("top_p", builder -> builder.sampling(sampling(1, 0, 0, 0, 1))),
                of("top_k", builder -> builder.sampling(sampling(1, 1, -1, 0, 1))),
                of("min_p", builder -> builder.sampling(sampling(1, 1, 0, 1, 1))),
                of("repetition_penalty", builder -> builder.sampling(sampling(1, 1, 0, 0, 0))),
                of("beta", builder -> builder.beta(0)),
                of("beta", builder -> builder.beta(0.1, -1)),
                of("beta", builder -> builder.beta()),
                of("loss_type", OnlineDpoConfigBuilder::lossType),
                of("loss_type", builder -> builder.lossType("sigmoid", "sigmoid")),
                of("loss_type", builder -> builder.lossType("plackett_luce")),
                of("loss_weights", builder -> builder.lossWeights(List.of(1.0, 2.0))),
                of("loss_weights", builder -> builder.lossWeights(List.of(Double.NaN))),
                of("ref_model_sync_steps", builder -> builder.syncRefModel(0.5, 0)),
                of("ref_model_mixup_alpha", builder -> builder.syncRefModel(0, 1)),
                of("sync_ref_model", builder -> builder.syncRefModel(0.5, 1).adapter(AdapterConfig.DEFAULT)),
                of("router_aux_loss_coef", builder -> builder.routerAuxLossCoef(-1)));
    }

    private static Arguments of(String key, UnaryOperator<OnlineDpoConfigBuilder> mistake) {
        return Arguments.of(key, mistake);
    }

    @ParameterizedTest
    @MethodSource("mistakes")
    void aValueOutOfRangeIsRefusedWithItsKey(String key, UnaryOperator<OnlineDpoConfigBuilder> mistake) {
        assertThatThrownBy(() -> mistake.apply(valid()).build())
                .isInstanceOf(ConfigException.class)
                .hasMessageStartingWith(key + " ");
    }

    @Test
    void aRewardIsNeededUnlessResponsesAreStored() {
        assertThatThrownBy(() -> OnlineDpoConfig.builder(MODEL, ROWS).build())
                .hasMessage(
                        "reward_model must be given, or else reward_function, rewards or judge, but is missing, as are reward_function, rewards and judge");
        assertThatThrownBy(() -> OnlineDpoConfig.replaying(MODEL, ROWS)
                        .rewardFunction("length")
                        .build())
                .hasMessageStartingWith("reward_function must be left out with rollouts");
        assertThatThrownBy(() -> OnlineDpoConfig.replaying(MODEL, ROWS)
                        .sampling(SamplingConfig.of(8, 1).withRolloutWeights(WeightType.INT8))
                        .build())
                .hasMessage(
                        "rollout_weights must be float32 with rollouts, whose responses are there already, but is int8");
    }

    @Test
    void aBuilderThatStartsFromAConfigGivesItBack() {
        OnlineDpoConfig config = valid().beta(0.1, 0.2)
                .set(PreferenceLosses.LABEL_SMOOTHING, 0.1)
                .syncRefModel(0.5, 7)
                .build();

        assertThat(config.toBuilder().build()).isEqualTo(config);
    }
}
