package io.github.rlhf4j.dpo;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.github.rlhf4j.core.stage.AdapterConfig;
import io.github.rlhf4j.core.stage.AdapterReference;
import io.github.rlhf4j.core.stage.ModelReference;
import io.github.rlhf4j.datasets.DatasetSpec;
import io.github.rlhf4j.testing.IsolatedCluster;
import io.github.rlhf4j.testing.StageHarness;
import io.github.rlhf4j.testing.StageOutput;
import io.github.rlhf4j.testing.TinyData;
import io.github.rlhf4j.testing.TinyModel;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** DPO and KTO of an adapter, whose reference is the model without it. */
class DpoAdapterTest {
    private static final AdapterConfig LORA =
            new AdapterConfig(OptionalInt.of(4), OptionalDouble.of(16), Optional.empty(), List.of("all-linear"));

    @TempDir
    Path folder;

    private StageHarness harness;
    private ModelReference model;
    private DatasetSpec pairs;

    @BeforeEach
    void makeModelAndPairs() {
        harness = new StageHarness(folder, new DpoModule());
        model = harness.model("start", TinyModel.llama());
        pairs = harness.data(TinyData.PAIRS);
    }

    private DpoConfig config(UnaryOperator<DpoConfigBuilder> keys) {
        DpoConfigBuilder usual = DpoConfig.builder(model, pairs)
                .adapter(LORA)
                .training(all -> all.learningRate(1e-2)
                        .lrSchedulerType("constant")
                        .warmupSteps(0)
                        .batchSize(4)
                        .maxSteps(6)
                        .loggingSteps(1));
        return keys.apply(usual).build();
    }

    private StageOutput run(String name, UnaryOperator<DpoConfigBuilder> keys) {
        return harness.run(name, DpoTrainer.class, config(keys));
    }

    @Test
    void startsAtLogTwoAndLearns() {
        StageOutput output = run("dpo", keys -> keys.training(training -> training.maxSteps(20)));

        assertThat(output.metric("loss").get(0)).isCloseTo(Math.log(2), within(1e-6));
        assertThat(output.metric("rewards/margins").get(19)).isGreaterThan(0.5);
        assertThat(output.directory().resolve("adapter/adapter_config.json")).exists();
    }

    @Test
    void thePolicyWithoutItsAdapterSaysWhatAReferenceOfItsOwnSays() {
        List<Double> cached =
                run("cached", keys -> keys.precomputeRefLogProbs(true)).metric("loss");
        List<Double> live =
                run("live", keys -> keys.precomputeRefLogProbs(false)).metric("loss");

        for (int i = 0; i < 6; i++) {
            assertThat(live.get(i)).isCloseTo(cached.get(i), within(1e-5));
        }
        assertThat(live.get(5)).isNotCloseTo(Math.log(2), within(1e-2));
    }

    @Test
    void anAdapterThatIsTrainedOnIsItsOwnReference() {
        StageOutput first = run("first", keys -> keys);
        model = model.with(new AdapterReference("first", first.directory().resolve("adapter")));
        UnaryOperator<DpoConfigBuilder> goesOn =
                keys -> DpoConfig.builder(model, pairs).training(all -> config(same -> same).training().toBuilder());
        List<Double> cached = run("cached on", keys -> goesOn.apply(keys).precomputeRefLogProbs(true))
                .metric("loss");
        List<Double> live = run("live on", keys -> goesOn.apply(keys).precomputeRefLogProbs(false))
                .metric("loss");

        assertThat(live.get(0)).isCloseTo(Math.log(2), within(1e-6));
        for (int i = 0; i < 6; i++) {
            assertThat(live.get(i)).isCloseTo(cached.get(i), within(1e-5));
        }
        assertThat(live.get(5)).isLessThan(Math.log(2) - 0.01);
        assertThat(run("whole", keys -> goesOn.apply(keys).mergeAdapter(true).precomputeRefLogProbs(false))
                        .metric("loss")
                        .get(0))
                .isCloseTo(Math.log(2), within(1e-6));
    }

    @Test
    void resumedAndAskedElsewhereItIsTheSameRun() throws IOException {
        DpoConfig config =
                config(keys -> keys.precomputeRefLogProbs(false).training(training -> training.saveSteps(2)));
        isTheSameRun(config);
    }

    @Test
    void resumedAndAskedElsewhereAnAdapterThatIsTrainedOnIsTheSame() throws IOException {
        StageOutput first = run("first", keys -> keys);
        model = model.with(new AdapterReference("first", first.directory().resolve("adapter")));
        isTheSameRun(DpoConfig.builder(model, pairs)
                .precomputeRefLogProbs(false)
                .training(
                        all -> config(keys -> keys.training(training -> training.saveSteps(2))).training().toBuilder())
                .build());
    }

    private void isTheSameRun(DpoConfig config) throws IOException {
        StageOutput unbroken = harness.run("unbroken", DpoTrainer.class, config);
        harness.killAfter(5, "killed", DpoTrainer.class, config);
        StageOutput killed = harness.resume("killed", DpoTrainer.class, config);
        harness.computeOn(kernels -> new IsolatedCluster(kernels, 2));
        StageOutput away = harness.run("away", DpoTrainer.class, config);

        for (StageOutput other : List.of(killed, away)) {
            assertThat(other.lines()).isEqualTo(unbroken.lines());
            assertThat(other.weights()).isEqualTo(unbroken.weights());
            assertThat(adapter(other)).isEqualTo(adapter(unbroken));
        }
    }

    private static byte[] adapter(StageOutput output) throws IOException {
        return Files.readAllBytes(output.directory().resolve("adapter/adapter_model.safetensors"));
    }
}
