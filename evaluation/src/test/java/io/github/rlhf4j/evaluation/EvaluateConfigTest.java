package io.github.rlhf4j.evaluation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.rlhf4j.core.stage.ModelReference;
import io.github.rlhf4j.datasets.DatasetSpec;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class EvaluateConfigTest {
    private static final DatasetSpec PROMPTS = DatasetSpec.of("synthetic:eval_prompts");

    @Test
    void callsModelsByStageOrFolder() {
        assertThat(EvaluateConfig.name(model("dpo"))).isEqualTo("dpo");
        assertThat(EvaluateConfig.name(model("runs/quickstart/sft/model"))).isEqualTo("sft");
        assertThat(EvaluateConfig.name(model("/models/SmolLM2-135M/"))).isEqualTo("SmolLM2-135M");
    }

    @Test
    void takesSftAsBaselineOrElseTheFirstUnlessToldOtherwise() {
        assertThat(config(Optional.empty(), "pretrain", "sft", "dpo")
                        .baselineModel()
                        .given())
                .isEqualTo("sft");
        assertThat(config(Optional.empty(), "base", "dpo").baselineModel().given())
                .isEqualTo("base");
        assertThat(config(Optional.of("dpo"), "sft", "dpo").baselineModel().given())
                .isEqualTo("dpo");
    }

    @Test
    void namesTheKeyOfEachRangeError() {
        assertThatThrownBy(() -> config(Optional.of("ppo"), "sft", "dpo"))
                .hasMessage("baseline must be one of the models [sft, dpo], but is ppo");
        assertThatThrownBy(() -> config(Optional.empty(), "a/sft", "b/sft"))
                .hasMessageStartingWith("models must have different names");
        assertThatThrownBy(() -> config(Optional.empty()))
                .hasMessageStartingWith("models must name at least one model");
        assertThatThrownBy(() -> config(0, 1, 1, 0, 0)).hasMessage("max_new_tokens must be >= 1, but is 0");
        assertThatThrownBy(() -> config(1, -1, 1, 0, 0))
                .hasMessage("temperature must be finite and >= 0 (0: greedy), but is -1.0");
        assertThatThrownBy(() -> config(1, 1, 0, 0, 0)).hasMessage("num_samples must be >= 1, but is 0");
        assertThatThrownBy(() -> config(1, 1, 1, -1, 0)).hasMessage("limit must be >= 0 (0: all), but is -1");
        assertThatThrownBy(() -> config(1, 1, 1, 0, -1)).hasMessage("logged_prompts must be >= 0, but is -1");
    }

    @Test
    void wantsARewardModelForRankings() {
        assertThatThrownBy(() -> new EvaluateConfig(
                        List.of(),
                        Optional.empty(),
                        Optional.empty(),
                        Optional.empty(),
                        List.of(PROMPTS),
                        sampling(1, 1, 1),
                        Optional.empty(),
                        0,
                        0))
                .hasMessageStartingWith("rankings must be given together with reward_model");
    }

    private static AnswerSampling sampling(int maxNewTokens, double temperature, int numSamples) {
        return new AnswerSampling(maxNewTokens, false, temperature, 1, 0, 0, numSamples);
    }

    @Test
    void callsModelsOfAMapByTheirNames() {
        assertThat(EvaluateConfig.name(model("runs/rl/dpo/model").named("mild")))
                .isEqualTo("mild");
    }

    @Test
    void isGreedyAtTemperatureZeroAndRefusesWhatThenHasNoEffect() {
        assertThat(sampling(8, 0, 1).isGreedy()).isTrue();
        assertThat(sampling(8, 0, 1).options(new int[] {1}).greedy()).isTrue();
        assertThat(sampling(8, 0, 1).logProbTemperature()).isEqualTo(1);
        assertThat(sampling(8, 0.5, 1).options(new int[] {1}).temperature()).isEqualTo(0.5);
        assertThat(new AnswerSampling(8, false, 1, 0.9, 3, 0.1, 2).options(new int[] {1}))
                .matches(options -> options.topP() == 0.9 && options.topK() == 3 && options.minP() == 0.1);
        assertThatThrownBy(() -> sampling(8, 0, 2)).hasMessageStartingWith("num_samples must be 1 with greedy answers");
        assertThatThrownBy(() -> new AnswerSampling(8, true, 0.7, 1, 0, 0, 1))
                .hasMessageStartingWith("temperature must be 1 or 0 with greedy answers");
        assertThatThrownBy(() -> new AnswerSampling(8, true, 1, 0.9, 0, 0, 1))
                .hasMessageStartingWith("top_p must be 1 with greedy answers");
        assertThatThrownBy(() -> new AnswerSampling(8, true, 1, 1, 5, 0, 1))
                .hasMessageStartingWith("top_k must be 0 with greedy answers");
        assertThatThrownBy(() -> new AnswerSampling(8, true, 1, 1, 0, 0.1, 1))
                .hasMessageStartingWith("min_p must be 0 with greedy answers");
        assertThatThrownBy(() -> new AnswerSampling(8, false, 1, 1.5, 0, 0, 1))
                .hasMessage("top_p must be in (0, 1], but is 1.5");
        assertThatThrownBy(() -> new AnswerSampling(8, false, 1, 1, -1, 0, 1))
                .hasMessage("top_k must be >= 0 (0: all), but is -1");
        assertThatThrownBy(() -> new AnswerSampling(8, false, 1, 1, 0, 1, 1))
                .hasMessage("min_p must be in [0, 1), but is 1.0");
    }

    private static ModelReference model(String given) {
        return new ModelReference(given, Path.of(given));
    }

    private static EvaluateConfig config(Optional<String> baseline, String... models) {
        List<ModelReference> references =
                List.of(models).stream().map(EvaluateConfigTest::model).toList();
        return new EvaluateConfig(
                references,
                Optional.of(PROMPTS),
                baseline,
                Optional.empty(),
                List.of(),
                sampling(8, 1, 1),
                Optional.empty(),
                0,
                0);
    }

    private static EvaluateConfig config(
            int maxNewTokens, double temperature, int numSamples, int limit, int loggedPrompts) {
        return new EvaluateConfig(
                List.of(model("sft")),
                Optional.of(PROMPTS),
                Optional.empty(),
                Optional.empty(),
                List.of(),
                sampling(maxNewTokens, temperature, numSamples),
                Optional.empty(),
                limit,
                loggedPrompts);
    }
}
