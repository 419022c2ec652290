package io.github.rlhf4j.reward;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.rlhf4j.core.UserError;
import io.github.rlhf4j.core.model.Head;
import io.github.rlhf4j.core.model.Transformer;
import io.github.rlhf4j.core.stage.AdapterConfig;
import io.github.rlhf4j.core.stage.AdapterReference;
import io.github.rlhf4j.core.stage.ModelReference;
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
import java.util.Set;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Reward models whose adapter and head are all that is trained. */
class RewardAdapterTest {
    private static final AdapterConfig LORA =
            new AdapterConfig(OptionalInt.of(4), OptionalDouble.of(16), Optional.empty(), List.of("all-linear"));

    private StageHarness harness;
    private ModelReference start;

    @BeforeEach
    void makeModel(@TempDir Path folder) {
        harness = new StageHarness(folder, new RewardModule());
        start = harness.model("start", TinyModel.llama());
    }

    private RewardConfig config(ModelReference model, UnaryOperator<RewardConfigBuilder> keys) {
        return keys.apply(RewardConfig.builder(model, harness.data(TinyData.RANKINGS))
                        .statisticsRows(10)
                        .training(training -> training.learningRate(1e-2)
                                .lrSchedulerType("constant")
                                .minLrRate(0)
                                .batchSize(4)
                                .maxSteps(20)
                                .saveSteps(4)
                                .loggingSteps(1)))
                .build();
    }

    private StageOutput train(String name) {
        return harness.run(name, RewardTrainer.class, config(start, keys -> keys.adapter(LORA)));
    }

    private static ModelReference with(ModelReference base, StageOutput of) {
        return base.with(new AdapterReference("it", of.directory().resolve("adapter")));
    }

    private static byte[] adapter(StageOutput of) throws IOException {
        return Files.readAllBytes(of.directory().resolve("adapter/adapter_model.safetensors"));
    }

    @Test
    void learnsAndIsBaseHeadAndAdapterTogether() throws IOException {
        StageOutput reward = train("reward");

        assertThat(reward.metric("accuracy").get(19)).isGreaterThan(0.9);
        assertThat(Files.readString(reward.directory().resolve("adapter/adapter_config.json")))
                .contains("\"SEQ_CLS\"", "\"score\"");
        ModelReference adapted = with(start, reward);
        assertThat(adapted.scoreStatistics())
                .isEqualTo(new ModelReference("model", reward.model()).scoreStatistics())
                .isPresent();
        try (Transformer whole = Transformer.load(reward.model(), Set.of(Head.SCALAR), harness.kernels());
                Transformer merged = adapted.load(Set.of(Head.SCALAR), harness.kernels())) {
            whole.parameters()
                    .all()
                    .forEach(parameter -> assertThat(merged.parameters()
                                    .get(parameter.name())
                                    .value()
                                    .toArray())
                            .as(parameter.name())
                            .isEqualTo(parameter.value().toArray()));
        }
    }

    @Test
    void aKilledRunThatIsResumedIsTheRunThatWasNot() throws IOException {
        StageOutput unbroken = train("reward");
        RewardConfig config = config(start, keys -> keys.adapter(LORA));
        harness.killAfter(9, "killed", RewardTrainer.class, config);
        StageOutput resumed = harness.resume("killed", RewardTrainer.class, config);

        assertThat(resumed.lines()).isEqualTo(unbroken.lines());
        assertThat(resumed.weights()).isEqualTo(unbroken.weights());
        assertThat(adapter(resumed)).isEqualTo(adapter(unbroken));
    }

    @Test
    void itsAdapterAndHeadAreTrainedOn() throws IOException {
        StageOutput first = train("first");
        StageOutput on = harness.run("on", RewardTrainer.class, config(with(start, first), keys -> keys));

        assertThat(on.metric("loss").get(0)).isLessThan(first.metric("loss").get(0) / 2);
        assertThat(adapter(on)).isNotEqualTo(adapter(first)).hasSameSizeAs(adapter(first));
    }

    @Test
    void aLanguageModelsAdapterMustBeMergedFirst() {
        Path folder = harness.folder().resolve("language");
        try (Transformer model = Transformer.load(start.directory(), Set.of(Head.LANGUAGE), harness.kernels())) {
            model.addAdapter(LORA.lora(), io.github.rlhf4j.core.CounterRandom.of(1));
            model.saveAdapter(folder, "start");
        }
        ModelReference adapted = start.with(new AdapterReference("language", folder));

        assertThatThrownBy(() -> harness.run("on", RewardTrainer.class, config(adapted, keys -> keys)))
                .isInstanceOf(UserError.class)
                .hasMessageContaining("the adapter language has no scalar head");
        assertThatThrownBy(() -> adapted.load(Set.of(Head.SCALAR), harness.kernels()))
                .isInstanceOf(UserError.class)
                .hasMessageContaining("score.weight");
        assertThat(harness.run("merged", RewardTrainer.class, config(adapted, keys -> keys.mergeAdapter(true)))
                        .metric("accuracy")
                        .get(19))
                .isGreaterThan(0.9);
    }
}
