package io.github.rlhf4j.ppo;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.github.rlhf4j.core.CounterRandom;
import io.github.rlhf4j.core.UserError;
import io.github.rlhf4j.core.kernels.cpu.CpuKernels;
import io.github.rlhf4j.core.model.Head;
import io.github.rlhf4j.core.model.LoraConfig;
import io.github.rlhf4j.core.model.TargetModules;
import io.github.rlhf4j.core.model.Transformer;
import io.github.rlhf4j.core.stage.AdapterConfig;
import io.github.rlhf4j.core.stage.AdapterReference;
import io.github.rlhf4j.core.stage.ConfigException;
import io.github.rlhf4j.core.stage.ModelReference;
import io.github.rlhf4j.core.tensor.WeightType;
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

/** PPO whose policy and value model are adapters, as whole stages. */
class PpoAdapterTest {
    private static final LoraConfig ALL = new LoraConfig(3, 6, false, Optional.of(TargetModules.all()));

    @TempDir
    Path folder;

    private ToyPpo toy;

    @BeforeEach
    void makeModelsAndPrompts() throws IOException {
        toy = new ToyPpo(folder);
        toy.model("policy copy", Head.LANGUAGE, 3); // the same bytes as policy's
    }

    private static AdapterConfig lora() {
        return new AdapterConfig(OptionalInt.of(4), OptionalDouble.of(8), Optional.of(true), List.of("all-linear"));
    }

    private PpoConfig config(int steps, UnaryOperator<PpoConfigBuilder> keys) {
        return keys.apply(toy.config(steps).toBuilder().adapter(lora())).build();
    }

    /** An adapter, with a head, that makes a reward model of the policy's base. */
    private AdapterReference rewardAdapter() {
        return adapter("reward-adapter", Head.SCALAR);
    }

    private AdapterReference adapter(String name, Head head) {
        Path directory = folder.resolve(name);
        try (CpuKernels kernels = new CpuKernels(1);
                Transformer model = Transformer.load(
                        toy.reference("policy").directory(), Set.of(head), kernels, CounterRandom.of(4))) {
            model.addAdapter(ALL, CounterRandom.of(5));
            model.trained().all().forEach(parameter -> {
                CounterRandom random = CounterRandom.of(6).derive(parameter.name());
                for (int i = 0; i < parameter.value().rows(); i++) {
                    parameter.value().set(i, 0, 0.3 * random.gaussian(i));
                }
            });
            model.saveAdapter(directory, "policy");
        }
        return new AdapterReference(name, directory);
    }

    @Test
    void modelsOnOneBaseComputeWhatModelsOfTheirOwnCompute() throws IOException {
        AdapterReference adapter = rewardAdapter();
        ModelReference policy = toy.reference("policy");
        ModelReference copy = toy.reference("policy copy");
        PpoConfig shared = ToyPpo.rewardedBy(config(3, keys -> keys.emaDecay(0.9)), policy.with(adapter));
        PpoConfig apart = ToyPpo.rewardedBy(config(3, keys -> keys.emaDecay(0.9).refModel(copy)), copy.with(adapter));

        assertThat(toy.run("shared", shared)).isEqualTo(toy.run("apart", apart));
        for (String model : List.of("model", "value_model", "ema")) {
            assertThat(toy.weights("shared", model)).as(model).isEqualTo(toy.weights("apart", model));
        }
    }

    @Test
    void aResumedRunIsTheRunThatWasNeverStopped() throws IOException {
        resumes("fresh", keys -> keys.emaDecay(0.9));
        resumes("int8", keys -> keys.baseWeights(WeightType.INT8));
    }

    private void resumes(String name, UnaryOperator<PpoConfigBuilder> keys) throws IOException {
        List<String> unbroken = toy.run(name, ToyPpo.saving(config(4, keys), 2));
        toy.run(name + " broken", ToyPpo.saving(config(2, keys), 2));
        assertThat(toy.resume(name + " broken", ToyPpo.saving(config(4, keys), 2)))
                .isEqualTo(unbroken);
        for (String model : List.of("model", "value_model")) {
            assertThat(toy.weights(name + " broken", model)).isEqualTo(toy.weights(name, model));
        }
        for (String adapter : List.of("adapter", "value_adapter")) {
            assertThat(folder.resolve(name + " broken").resolve(adapter).resolve("adapter_model.safetensors"))
                    .hasSameBinaryContentAs(
                            folder.resolve(name).resolve(adapter).resolve("adapter_model.safetensors"));
        }
    }

    @Test
    void theReferenceOfAnAdapterThatIsTrainedFurtherIsThatAdapter() throws IOException {
        ModelReference start = toy.reference("policy").with(adapter("sft-adapter", Head.LANGUAGE));
        PpoConfig config = PpoConfig.builder(start, toy.prompts())
                .training(toy.config(2).training())
                .rewardFunction("brevity")
                .responseLength(12)
                .build();
        List<String> lines = toy.run("further", config);
        assertThat(ToyPpo.metric(lines, "objective/kl").get(0)).isCloseTo(0, within(1e-5));
        assertThat(ToyPpo.metric(lines, "objective/kl").get(1)).isNotCloseTo(0, within(1e-7));
        assertThat(Files.readString(folder.resolve("further/value_adapter/adapter_config.json")))
                .contains("\"score\"");
    }

    @Test
    void theValueModelIsWrittenWithItsAdapterMerged() throws IOException {
        toy.run("run", config(3, keys -> keys));
        try (CpuKernels kernels = new CpuKernels(1);
                Transformer whole = Transformer.load(folder.resolve("run/value_model"), Set.of(Head.SCALAR), kernels);
                Transformer adapted = Transformer.load(
                        toy.reference("policy").directory(), Set.of(Head.SCALAR), kernels, CounterRandom.of(4))) {
            adapted.loadAdapter(folder.resolve("run/value_adapter"));
            adapted.mergeAdapter();
            whole.parameters()
                    .all()
                    .forEach(parameter -> assertThat(adapted.parameters()
                                    .get(parameter.name())
                                    .value()
                                    .toArray())
                            .as(parameter.name())
                            .containsExactly(parameter.value().toArray(), within(0.0)));
        }
    }

    @Test
    void anAdapterWithoutAHeadIsNoRewardModel() {
        ModelReference noReward = toy.reference("policy").with(adapter("sft-adapter", Head.LANGUAGE));
        PpoConfig config = ToyPpo.rewardedBy(config(1, keys -> keys), noReward);
        assertThatThrownBy(() -> toy.run("headless", config))
                .isInstanceOf(UserError.class)
                .hasMessageContaining("has no weight score.weight, which a reward model needs");
    }

    @Test
    void aSharedTrunkHasNoAdapter() {
        assertThatThrownBy(() -> config(1, keys -> keys.value(ValueConfig.ValueKind.SHARED)))
                .isInstanceOf(ConfigException.class)
                .hasMessageContaining("must be separate where an adapter is trained");
    }
}
