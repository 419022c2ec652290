package io.github.rlhf4j.sft;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.github.rlhf4j.core.UserError;
import io.github.rlhf4j.core.model.Head;
import io.github.rlhf4j.core.model.LoraInit;
import io.github.rlhf4j.core.model.Transformer;
import io.github.rlhf4j.core.stage.AdapterConfig;
import io.github.rlhf4j.core.stage.AdapterReference;
import io.github.rlhf4j.core.stage.AdapterVariantConfig;
import io.github.rlhf4j.core.stage.ConfigException;
import io.github.rlhf4j.core.stage.ModelReference;
import io.github.rlhf4j.core.stage.SavedModulesConfig;
import io.github.rlhf4j.core.tensor.WeightType;
import io.github.rlhf4j.testing.StageOutput;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import java.util.Set;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Fine-tuning of an adapter, as whole stages. */
class SftAdapterTest {
    private static final AdapterConfig LORA =
            new AdapterConfig(OptionalInt.of(4), OptionalDouble.of(8), Optional.of(true), List.of("all-linear"));

    /** With dropout, DoRA, PiSSA and a module that is saved. */
    private static final AdapterConfig EVERYTHING = new AdapterConfig(
            OptionalInt.of(4),
            OptionalDouble.of(8),
            Optional.of(true),
            List.of("all-linear"),
            new AdapterVariantConfig(OptionalDouble.of(0.1), Optional.of(true), Optional.of(LoraInit.PISSA)),
            SavedModulesConfig.of("norm"));

    private TinySft tiny;

    @BeforeEach
    void aModel(@TempDir Path folder) {
        tiny = new TinySft(folder);
    }

    private static UnaryOperator<SftConfigBuilder> steps(long steps) {
        return keys -> keys.adapter(LORA).training(training -> training.maxSteps(steps));
    }

    @Test
    void learnsBesideAModelThatStays() {
        tiny.pretrain("pretrain", 30);
        List<Double> loss = tiny.sft("lora", "pretrain", steps(30)).metric("loss");

        assertThat(loss.get(29)).isLessThan(0.7 * loss.get(0));
        assertThat(tiny.harness.said()).anyMatch(line -> line.contains("an adapter is trained"));
    }

    @Test
    void theModelIsTheBaseWithTheAdapterMerged() {
        StageOutput output = tiny.sft("lora", steps(6));
        Path base = tiny.harness.model("start").directory();
        try (Transformer adapted = Transformer.load(base, Set.of(Head.LANGUAGE), tiny.harness.kernels());
                Transformer merged = Transformer.load(output.model(), Set.of(Head.LANGUAGE), tiny.harness.kernels())) {
            adapted.loadAdapter(output.directory().resolve("adapter"));
            adapted.mergeAdapter();
            merged.parameters()
                    .all()
                    .forEach(parameter -> assertThat(adapted.parameters()
                                    .get(parameter.name())
                                    .value()
                                    .toArray())
                            .as(parameter.name())
                            .containsExactly(parameter.value().toArray(), within(0.0)));
        }
        assertThat(tiny.sft("next", "lora", keys -> keys).metric("loss").get(0))
                .isLessThan(output.metric("loss").get(0));
    }

    static List<AdapterConfig> adapters() {
        return List.of(LORA, EVERYTHING);
    }

    @ParameterizedTest
    @MethodSource("adapters")
    void aStoppedOrKilledRunThatIsResumedIsTheRunThatWasNot(AdapterConfig adapter) throws IOException {
        SftConfig config = tiny.config(
                "start",
                keys -> keys.adapter(adapter)
                        .dropout(0.1)
                        .training(training -> training.maxSteps(6).saveSteps(2)));
        StageOutput unbroken = tiny.harness.run("unbroken", SftTrainer.class, config);

        tiny.harness.stopAfter(3, "stopped", SftTrainer.class, config);
        tiny.harness.killAfter(5, "killed", SftTrainer.class, config);
        for (String name : List.of("stopped", "killed")) {
            StageOutput resumed = tiny.harness.resume(name, SftTrainer.class, config);
            assertThat(resumed.lines()).isEqualTo(unbroken.lines());
            assertThat(resumed.weights()).isEqualTo(unbroken.weights());
            assertThat(adapter(resumed)).isEqualTo(adapter(unbroken));
        }
    }

    @Test
    void learnsAsWellOnABaseInFewerBits() {
        tiny.pretrain("pretrain", 30);
        List<Double> full = tiny.sft("float32", "pretrain", steps(20)).metric("loss");
        for (WeightType weights : List.of(WeightType.BFLOAT16, WeightType.INT8)) {
            List<Double> loss = tiny.sft(
                            weights.name(), "pretrain", keys -> steps(20).apply(keys.baseWeights(weights)))
                    .metric("loss");
            assertThat(loss.get(0)).isNotEqualTo(full.get(0)).isCloseTo(full.get(0), within(0.02));
            assertThat(loss.get(19)).isCloseTo(full.get(19), within(0.1)).isLessThan(0.85 * loss.get(0));
        }
    }

    @Test
    void onABaseInFewerBitsAKilledRunThatIsResumedIsTheRunThatWasNot() throws IOException {
        for (WeightType weights : List.of(WeightType.BFLOAT16, WeightType.INT8)) {
            SftConfig config = tiny.config(
                    "start",
                    keys -> keys.adapter(LORA)
                            .baseWeights(weights)
                            .training(training -> training.maxSteps(4).saveSteps(2)));
            StageOutput unbroken = tiny.harness.run("unbroken " + weights, SftTrainer.class, config);
            tiny.harness.killAfter(3, "killed " + weights, SftTrainer.class, config);
            StageOutput resumed = tiny.harness.resume("killed " + weights, SftTrainer.class, config);
            assertThat(resumed.lines()).isEqualTo(unbroken.lines());
            assertThat(resumed.weights()).isEqualTo(unbroken.weights());
            assertThat(adapter(resumed)).isEqualTo(adapter(unbroken));
        }
    }

    @Test
    void baseWeightsAreForAnAdapter() {
        assertThatThrownBy(() -> tiny.config("start", keys -> keys.baseWeights(WeightType.INT8)))
                .isInstanceOf(ConfigException.class)
                .hasMessageContaining("base_weights does nothing where no adapter is trained");
    }

    private static byte[] adapter(StageOutput output) throws IOException {
        return Files.readAllBytes(output.directory().resolve("adapter").resolve("adapter_model.safetensors"));
    }

    @Test
    void checkpointsHoldTheAdapterAlone() throws IOException {
        StageOutput output = tiny.sft(
                "lora",
                keys -> keys.adapter(LORA)
                        .training(training -> training.maxSteps(2).saveSteps(1)));
        String header = Files.readString(
                output.directory().resolve("checkpoints/step-1/tensors.safetensors"),
                java.nio.charset.StandardCharsets.ISO_8859_1);
        assertThat(header).contains("lora_A").doesNotContain("trainer.model.model.embed_tokens");
    }

    private ModelReference adapted(StageOutput first) {
        return tiny.harness
                .model("start")
                .with(new AdapterReference("first", first.directory().resolve("adapter")));
    }

    private SftConfig goesOn(ModelReference model, UnaryOperator<SftConfigBuilder> keys) {
        return keys.apply(tiny.config("start", usual -> usual.training(training -> training.maxSteps(4))).toBuilder()
                        .model(model))
                .build();
    }

    @Test
    void anAdapterThatTheModelHasIsTrainedOn() throws IOException {
        StageOutput first = tiny.sft("first", steps(6));
        SftConfig config = goesOn(adapted(first), keys -> keys.training(training -> training.saveSteps(2)));
        StageOutput on = tiny.harness.run("on", SftTrainer.class, config);

        assertThat(on.metric("loss").get(0)).isLessThan(first.metric("loss").get(0));
        assertThat(adapter(on)).isNotEqualTo(adapter(first));
        assertThat(Files.readString(on.directory().resolve("adapter/adapter_config.json")))
                .isEqualTo(Files.readString(first.directory().resolve("adapter/adapter_config.json")));
        try (Transformer merged = Transformer.load(on.model(), Set.of(Head.LANGUAGE), tiny.harness.kernels());
                Transformer read = adapted(on).load(Set.of(Head.LANGUAGE), tiny.harness.kernels())) {
            merged.parameters()
                    .all()
                    .forEach(parameter -> assertThat(read.parameters()
                                    .get(parameter.name())
                                    .value()
                                    .toArray())
                            .as(parameter.name())
                            .isEqualTo(parameter.value().toArray()));
        }
        tiny.harness.killAfter(3, "killed", SftTrainer.class, config);
        assertThat(adapter(tiny.harness.resume("killed", SftTrainer.class, config)))
                .isEqualTo(adapter(on));
    }

    @Test
    void anAdapterOnTheHeadIsResumedToTheSameBytesAndMergedAndTrainedOn() throws IOException {
        AdapterConfig head = new AdapterConfig(
                OptionalInt.of(4),
                OptionalDouble.of(8),
                Optional.empty(),
                List.of("q_proj", "lm_head"),
                new AdapterVariantConfig(OptionalDouble.of(0.1), Optional.empty(), Optional.empty()),
                SavedModulesConfig.of());
        SftConfig config = tiny.config(
                "start",
                keys -> keys.adapter(head)
                        .training(training -> training.maxSteps(6).saveSteps(2)));
        StageOutput first = tiny.harness.run("first", SftTrainer.class, config);
        tiny.harness.killAfter(3, "killed", SftTrainer.class, config);
        assertThat(adapter(tiny.harness.resume("killed", SftTrainer.class, config)))
                .isEqualTo(adapter(first));
        StageOutput ofModel = tiny.sft("of model", "first", keys -> keys.training(training -> training.maxSteps(4)));
        StageOutput whole =
                tiny.harness.run("whole", SftTrainer.class, goesOn(adapted(first), keys -> keys.mergeAdapter(true)));
        StageOutput fresh = tiny.harness.run(
                "fresh",
                SftTrainer.class,
                goesOn(adapted(first), keys -> keys.mergeAdapter(true).adapter(head)));
        assertThat(whole.metric("loss")).isEqualTo(ofModel.metric("loss"));
        assertThat(whole.directory().resolve("adapter")).doesNotExist();
        assertThat(fresh.directory().resolve("adapter")).exists();
    }

    @Test
    void aMergedAdapterIsPartOfTheModelThatIsTrained() {
        StageOutput first = tiny.sft("first", steps(6));
        StageOutput whole =
                tiny.harness.run("whole", SftTrainer.class, goesOn(adapted(first), keys -> keys.mergeAdapter(true)));
        StageOutput fresh = tiny.harness.run(
                "fresh",
                SftTrainer.class,
                goesOn(adapted(first), keys -> keys.mergeAdapter(true).adapter(LORA)));
        StageOutput ofModel = tiny.sft("of model", "first", keys -> keys.training(training -> training.maxSteps(4)));

        assertThat(whole.metric("loss")).isEqualTo(ofModel.metric("loss"));
        assertThat(whole.directory().resolve("adapter")).doesNotExist();
        assertThat(fresh.metric("loss").get(0)).isEqualTo(whole.metric("loss").get(0));
        ModelReference base = new ModelReference("base", fresh.directory().resolve("base"));
        try (Transformer model = Transformer.load(fresh.model(), Set.of(Head.LANGUAGE), tiny.harness.kernels());
                Transformer read = base.with(
                                new AdapterReference("fresh", fresh.directory().resolve("adapter")))
                        .load(Set.of(Head.LANGUAGE), tiny.harness.kernels())) {
            model.parameters()
                    .all()
                    .forEach(parameter -> assertThat(read.parameters()
                                    .get(parameter.name())
                                    .value()
                                    .toArray())
                            .isEqualTo(parameter.value().toArray()));
        }
    }

    @Test
    void keysThatDisagreeWithTheModelsAdapterAreNamed() {
        ModelReference adapted = adapted(tiny.sft("first", steps(1)));
        SftTrainer trainer = tiny.harness.instance(SftTrainer.class);
        AdapterConfig agrees =
                new AdapterConfig(OptionalInt.of(4), OptionalDouble.empty(), Optional.empty(), List.of());
        trainer.check(goesOn(adapted, keys -> keys.adapter(agrees)));

        AdapterConfig other = new AdapterConfig(OptionalInt.of(5), OptionalDouble.empty(), Optional.empty(), List.of());
        assertThatThrownBy(() -> trainer.check(goesOn(adapted, keys -> keys.adapter(other))))
                .isInstanceOf(UserError.class)
                .hasMessage(
                        "adapter.r is 5, but 4 in the adapter first, which the stage goes on training; leave the key out, or merge that adapter first with merge_adapter: true");
        AdapterConfig elsewhere =
                new AdapterConfig(OptionalInt.empty(), OptionalDouble.empty(), Optional.empty(), List.of("q_proj"));
        assertThatThrownBy(() -> trainer.check(goesOn(adapted, keys -> keys.adapter(elsewhere))))
                .hasMessageContaining("adapter.target_modules is [q_proj], but other layers have one");
        trainer.check(goesOn(adapted, keys -> keys.adapter(other).mergeAdapter(true)));
        assertThatThrownBy(() -> tiny.config("start", keys -> keys.mergeAdapter(true)))
                .hasMessageContaining("merge_adapter does nothing where model is not");
    }

    @Test
    void whatIsOutOfRangeIsNamed() {
        assertThatThrownBy(
                        () -> new AdapterConfig(OptionalInt.of(0), OptionalDouble.empty(), Optional.empty(), List.of()))
                .isInstanceOf(ConfigException.class)
                .hasMessageContaining("r must be in 1");
        assertThatThrownBy(() ->
                        new AdapterConfig(OptionalInt.empty(), OptionalDouble.of(-1), Optional.empty(), List.of()))
                .hasMessageContaining("alpha must be finite and > 0, but is -1");
        assertThatThrownBy(() -> new AdapterConfig(
                        OptionalInt.empty(), OptionalDouble.empty(), Optional.empty(), List.of("(q_proj")))
                .hasMessageContaining("target_modules must be");
        AdapterConfig unknown =
                new AdapterConfig(OptionalInt.empty(), OptionalDouble.empty(), Optional.empty(), List.of("query"));
        assertThatThrownBy(() -> tiny.sft("unknown", keys -> keys.adapter(unknown)))
                .isInstanceOf(UserError.class)
                .hasMessageContaining("\"query\" is no linear layer");
    }
}
