package io.github.rlhf4j.pipeline.evaluate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.rlhf4j.core.train.ModelReference;
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
        assertThatThrownBy(() -> config(1, 0, 1, 0, 0)).hasMessage("temperature must be finite and > 0, but is 0.0");
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
                        1,
                        1,
                        1,
                        0,
                        0))
                .hasMessageStartingWith("rankings must be given together with reward_model");
    }

    private static ModelReference model(String given) {
        return new ModelReference(given, Path.of(given));
    }

    private static EvaluateConfig config(Optional<String> baseline, String... models) {
        List<ModelReference> references =
                List.of(models).stream().map(EvaluateConfigTest::model).toList();
        return new EvaluateConfig(
                references, Optional.of(PROMPTS), baseline, Optional.empty(), List.of(), 8, 1, 1, 0, 0);
    }

    private static EvaluateConfig config(
            int maxNewTokens, double temperature, int numSamples, int limit, int loggedPrompts) {
        return new EvaluateConfig(
                List.of(model("sft")),
                Optional.of(PROMPTS),
                Optional.empty(),
                Optional.empty(),
                List.of(),
                maxNewTokens,
                temperature,
                numSamples,
                limit,
                loggedPrompts);
    }
}
