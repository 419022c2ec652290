package io.github.rlhf4j.sft;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import io.github.rlhf4j.core.model.Family;
import io.github.rlhf4j.core.stage.ModelReference;
import io.github.rlhf4j.core.stage.ParametrizationConfig;
import io.github.rlhf4j.core.stage.ParametrizationConfig.Parametrization;
import io.github.rlhf4j.datasets.DatasetSpec;
import io.github.rlhf4j.testing.StageOutput;
import io.github.rlhf4j.testing.TinyData;
import io.github.rlhf4j.testing.TinyModel;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** New models with experts, of another parametrisation, and with measured noise. */
class NewModelTest {
    private TinySft tiny;

    @BeforeEach
    void aModel(@TempDir Path folder) {
        tiny = new TinySft(folder);
    }

    @Test
    void withExpertsItIsAMixtralThatLearns() {
        PretrainConfig config = tiny.pretraining(
                TinySft.sizes(ExpertsConfig.of(4, 2, 0.01)),
                keys -> keys.training(training -> training.maxSteps(40).saveSteps(0)));
        StageOutput output = tiny.harness.run("experts", Pretrainer.class, config);

        JsonNode file = output.modelJson("config.json");
        assertThat(file.path("model_type").asText()).isEqualTo("mixtral");
        assertThat(file.path("architectures").path(0).asText()).isEqualTo("MixtralForCausalLM");
        assertThat(file.path("num_local_experts").asInt()).isEqualTo(4);
        assertThat(file.path("num_experts_per_tok").asInt()).isEqualTo(2);
        assertThat(file.path("router_aux_loss_coef").asDouble()).isEqualTo(0.01);
        assertThat(file.path("output_router_logits").asBoolean()).isTrue();
        assertThat(output.metric("loss").get(39))
                .isLessThan(0.6 * output.metric("loss").get(0));
        assertThat(output.metric("aux_loss").get(0)).isCloseTo(2, within(0.1));
        assertThat(output.metric("router_entropy").get(0)).isCloseTo(Math.log(4), within(0.05));
        assertThat(output.metric("expert_share_max").get(0)).isBetween(0.25, 0.5);
    }

    @Test
    void withoutALossOfRoutersTheUseOfExpertsIsStillSeen() {
        StageOutput output = tiny.harness.run(
                "none", Pretrainer.class, tiny.pretraining(TinySft.sizes(ExpertsConfig.of(4, 2, 0)), keys -> keys));

        assertThat(output.modelJson("config.json").path("output_router_logits").asBoolean())
                .isFalse();
        assertThat(output.metric("aux_loss")).isEmpty();
        assertThat(output.metric("expert_share_min")).hasSize(8);
    }

    @Test
    void aGivenMixtureTakesAnotherCoefficient() {
        tiny.harness.model("mixtral", TinyModel.of(Family.MIXTRAL));
        PretrainConfig config = PretrainConfig.continuing(
                        tiny.harness.model("mixtral"), tiny.harness.data(TinyData.TEXTS))
                .routerAuxLossCoef(0.5)
                .training(training -> training.maxSteps(1).loggingSteps(1))
                .build();

        assertThat(tiny.harness.run("more", Pretrainer.class, config).metric("aux_loss"))
                .hasSize(1);
    }

    @Test
    void whatWasStoppedOrKilledGoesOnToTheSameBytes() {
        PretrainConfig config = tiny.pretraining(
                TinySft.sizes(ExpertsConfig.of(4, 2, 0.02)),
                keys -> keys.parametrization(ParametrizationConfig.mup(4)).noiseScaleSteps(3));
        StageOutput unbroken = tiny.harness.run("unbroken", Pretrainer.class, config);

        tiny.harness.stopAfter(3, "stopped", Pretrainer.class, config);
        tiny.harness.killAfter(5, "killed", Pretrainer.class, config);
        for (String name : List.of("stopped", "killed")) {
            StageOutput resumed = tiny.harness.resume(name, Pretrainer.class, config);
            assertThat(resumed.lines()).isEqualTo(unbroken.lines());
            assertThat(resumed.weights()).isEqualTo(unbroken.weights());
        }
        assertThat(unbroken.metric("gradient_noise")).hasSizeGreaterThan(1);
    }

    @Test
    void ofTheBasesWidthMupIsTheStandardModel() {
        StageOutput standard = tiny.harness.run(
                "standard", Pretrainer.class, tiny.pretraining(TinySft.sizes(ExpertsConfig.NONE), keys -> keys));
        StageOutput same = tiny.harness.run(
                "same",
                Pretrainer.class,
                tiny.pretraining(
                        TinySft.sizes(ExpertsConfig.NONE),
                        keys -> keys.parametrization(ParametrizationConfig.mup(16))));
        StageOutput wide = tiny.harness.run(
                "wide",
                Pretrainer.class,
                tiny.pretraining(
                        TinySft.sizes(ExpertsConfig.NONE), keys -> keys.parametrization(ParametrizationConfig.mup(8))));

        assertThat(same.weights()).isEqualTo(standard.weights());
        assertThat(wide.weights()).isNotEqualTo(standard.weights());
        assertThat(wide.modelText("config.json")).isEqualTo(standard.modelText("config.json")); // an ordinary Llama
    }

    @Test
    void keysThatFitNothingAreErrors() {
        assertThatThrownBy(() -> new ExpertsConfig(Optional.of(4), Optional.of(5), Optional.empty()))
                .hasMessage("num_experts_per_tok must be in [1, num_local_experts], but is 5");
        assertThatThrownBy(() -> new ExpertsConfig(Optional.of(1), Optional.empty(), Optional.empty()))
                .hasMessage("num_local_experts must be >= 2, but is 1");
        assertThatThrownBy(() -> new ExpertsConfig(Optional.empty(), Optional.of(2), Optional.empty()))
                .hasMessageContaining("num_experts_per_tok does nothing without num_local_experts");
        assertThatThrownBy(() -> new ExpertsConfig(Optional.empty(), Optional.empty(), Optional.of(0.1)))
                .hasMessageContaining("router_aux_loss_coef does nothing without num_local_experts");
        assertThatThrownBy(
                        () -> new ParametrizationConfig(Parametrization.MUP, OptionalInt.empty(), OptionalInt.empty()))
                .hasMessageContaining("mup_base_hidden_size must be given with parametrization: mup");
        assertThatThrownBy(() ->
                        new ParametrizationConfig(Parametrization.STANDARD, OptionalInt.empty(), OptionalInt.of(8)))
                .hasMessageContaining("mup_base_head_dim must be left out without parametrization: mup");
        assertThatThrownBy(
                        () -> tiny.pretraining(TinySft.sizes(ExpertsConfig.NONE), keys -> keys.routerAuxLossCoef(0.1)))
                .hasMessageContaining("router_aux_loss_coef must be inside architecture");
        assertThatThrownBy(() -> tiny.pretraining(
                        TinySft.sizes(ExpertsConfig.NONE),
                        keys -> keys.noiseScaleSteps(1).training(training -> training.batchSize(1))))
                .hasMessageContaining("noise_scale_steps must be 0 with batch_size 1");
        PretrainConfigBuilder given = PretrainConfig.continuing(
                        new ModelReference("start", Path.of("start")), DatasetSpec.of("rows.jsonl"))
                .parametrization(ParametrizationConfig.mup(8));
        assertThatThrownBy(given::build).hasMessageContaining("parametrization must be standard");
    }
}
