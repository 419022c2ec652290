package io.github.rlhf4j.reward.process;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.rlhf4j.core.UserError;
import io.github.rlhf4j.core.files.HuggingFaceConfig;
import io.github.rlhf4j.core.model.Family;
import io.github.rlhf4j.core.model.Head;
import io.github.rlhf4j.core.model.Transformer;
import io.github.rlhf4j.core.stage.AdapterConfig;
import io.github.rlhf4j.core.stage.NumbersConfig.OnNonfinite;
import io.github.rlhf4j.datasets.DatasetSpec;
import io.github.rlhf4j.datasets.tokens.TruncationMode;
import io.github.rlhf4j.datasets.training.EvalDatasets;
import io.github.rlhf4j.reward.RewardModule;
import io.github.rlhf4j.testing.SpoiledKernels;
import io.github.rlhf4j.testing.StageHarness;
import io.github.rlhf4j.testing.StageOutput;
import io.github.rlhf4j.testing.TinyData;
import io.github.rlhf4j.testing.TinyModel;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The whole stage on random models of two layers. */
class ProcessRewardTrainerTest {
    private static final String ROW =
            "{\"prompt\": \"Which colour is the sky, and why? %d \", \"completions\": [\"It is blue.\", \"%s\"], \"labels\": [true, %b]}";

    private StageHarness harness;
    private DatasetSpec rows;

    @BeforeEach
    void makeModelsAndRows(@TempDir Path folder) {
        harness = new StageHarness(folder, new RewardModule());
        harness.model("start", TinyModel.llama());
        rows = TinyData.write(
                folder.resolve("steps.jsonl"),
                List.of(
                        ROW.formatted(1, "No idea at all.", false),
                        ROW.formatted(2, "It is the light.", true),
                        ROW.formatted(3, "It is the light.", true),
                        ROW.formatted(4, "No idea at all.", false)));
    }

    private ProcessRewardConfig config(UnaryOperator<ProcessRewardConfigBuilder> keys) {
        return keys.apply(ProcessRewardConfig.builder(harness.model("start"), rows)
                        .training(training -> training.maxSteps(30)
                                .batchSize(4)
                                .learningRate(1e-2)
                                .loggingSteps(1)))
                .build();
    }

    @Test
    void aScoreThatIsNotFiniteNamesItsRowAndAHeldOutLossIsWarnedOf() {
        String poisoned = ROW.formatted(5, "Zero idea.", false);
        DatasetSpec more = TinyData.write(
                harness.folder().resolve("more.jsonl"), List.of(ROW.formatted(1, "No idea at all.", false), poisoned));
        harness.computeWith(SpoiledKernels.embeddingOf(SpoiledKernels.Token.of(harness.model("start"), "Z")));
        ProcessRewardConfig learning = ProcessRewardConfig.builder(harness.model("start"), more)
                .training(training -> training.maxSteps(1).batchSize(2))
                .build();
        assertThatThrownBy(() -> harness.run("stop", ProcessRewardTrainer.class, learning))
                .isInstanceOf(UserError.class)
                .hasMessageStartingWith("step 1: loss is NaN and the gradient norm NaN")
                .hasMessageContaining("; from " + harness.folder().resolve("more.jsonl") + ":2; ");

        harness.run(
                "held out",
                ProcessRewardTrainer.class,
                config(keys -> keys.data(data -> data.evalDataset(EvalDatasets.of(more)))
                        .training(training -> training.maxSteps(1))));
        assertThat(harness.said()).anyMatch(line -> line.contains("step 1: eval_loss is NaN"));

        StageOutput skipped = harness.run(
                "skip",
                ProcessRewardTrainer.class,
                config(keys -> keys.data(data -> data.evalDataset(EvalDatasets.of(more)))
                        .training(training -> training.maxSteps(1).onNonfinite(OnNonfinite.SKIP))));
        assertThat(skipped.metric("eval_nonfinite_rows")).containsExactly(1.0);
        assertThat(skipped.metric("eval_loss").get(0)).isFinite();
        assertThat(harness.said())
                .anyMatch(line ->
                        line.contains("1 of 2 held-out rows have no finite loss") && line.endsWith("more.jsonl:2"));
    }

    @ParameterizedTest
    @EnumSource(
            value = Family.class,
            names = {"LLAMA", "GPT2", "MIXTRAL"})
    void learnsWhichStepsAreRight(Family family) {
        harness.model("start", TinyModel.of(family));
        StageOutput output = harness.run(
                "steps",
                ProcessRewardTrainer.class,
                config(keys -> keys.data(data -> data.evalDataset(EvalDatasets.of(rows)))));

        assertThat(output.metric("accuracy").get(29)).isEqualTo(1);
        assertThat(output.metric("eval_first_error_f1").get(0)).isEqualTo(1);
        assertThat(output.metric("eval_loss").get(0)).isLessThan(0.1);
        HuggingFaceConfig file = HuggingFaceConfig.read(output.model());
        assertThat(file.isProcessRewardModel()).isTrue();
        assertThat(file.stepSeparator()).hasValue("\n");
        try (Transformer model = Transformer.load(output.model(), Set.of(Head.LABELS), harness.kernels())) {
            assertThat(model.scalarHead().weight().rows()).isEqualTo(2);
            assertThat(model.scalarHead().bias()).isPresent();
        }
    }

    @Test
    void goesOnWithTheHeadOfAProcessRewardModel() {
        harness.run("first", ProcessRewardTrainer.class, config(keys -> keys));

        StageOutput second = harness.run(
                "second",
                ProcessRewardTrainer.class,
                config(keys -> keys.model(harness.model("first")).training(training -> training.maxSteps(1))));

        assertThat(second.metric("accuracy").get(0)).isEqualTo(1);
    }

    @Test
    void anAdapterIsTrainedWithItsHeadAndIsInTheModelThatIsLeft() {
        ProcessRewardConfig config = config(keys -> keys.adapter(AdapterConfig.DEFAULT));
        StageOutput output = harness.run("lora", ProcessRewardTrainer.class, config);

        assertThat(output.metric("accuracy").get(29)).isEqualTo(1);
        assertThat(output.model().resolveSibling("adapter/adapter_model.safetensors"))
                .isNotEmptyFile();
        StageOutput second = harness.run(
                "second",
                ProcessRewardTrainer.class,
                config(keys -> keys.model(harness.model("lora")).training(training -> training.maxSteps(1))));
        assertThat(second.metric("accuracy").get(0)).isEqualTo(1);
    }

    @Test
    void aStoppedOrKilledRunThatIsResumedIsTheRunThatWasNot() {
        ProcessRewardConfig config = config(keys ->
                keys.training(training -> training.maxSteps(8).batchSize(3).saveSteps(3)));
        StageOutput unbroken = harness.run("unbroken", ProcessRewardTrainer.class, config);
        harness.stopAfter(4, "stopped", ProcessRewardTrainer.class, config);
        harness.killAfter(5, "killed", ProcessRewardTrainer.class, config);

        for (String name : List.of("stopped", "killed")) {
            StageOutput resumed = harness.resume(name, ProcessRewardTrainer.class, config);
            assertThat(resumed.lines()).isEqualTo(unbroken.lines());
            assertThat(resumed.weights()).isEqualTo(unbroken.weights());
        }
    }

    @Test
    void rowsOfWhichNoLabelIsLeftAreLeftOutAndAnEmptySetIsRefused() {
        assertThatThrownBy(() -> harness.run(
                        "none", ProcessRewardTrainer.class, config(keys -> keys.data(data -> data.maxLength(4)))))
                .isInstanceOf(UserError.class)
                .hasMessageContaining("max_length 4");
        StageOutput left = harness.run(
                "left",
                ProcessRewardTrainer.class,
                config(keys -> keys.data(data -> data.maxLength(40).truncationMode(TruncationMode.PROMPT_LEFT))
                        .training(training -> training.maxSteps(1))));
        assertThat(left.lines()).hasSize(1);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{\"prompt\": \"a\", \"completions\": [\"b\", \"c\"], \"labels\": [true]}",
                "{\"prompt\": \"a\", \"completions\": [\"b\"], \"labels\": [\"maybe\"]}",
                "{\"prompt\": \"a\", \"completions\": [1], \"labels\": [true]}"
            })
    void aRowThatIsNoneIsRefusedWithItsLine(String row) {
        DatasetSpec bad = TinyData.write(harness.folder().resolve("bad.jsonl"), List.of(row));

        assertThatThrownBy(() -> harness.run(
                        "bad",
                        ProcessRewardTrainer.class,
                        ProcessRewardConfig.builder(harness.model("start"), bad).build()))
                .isInstanceOf(UserError.class)
                .hasMessageContaining("bad.jsonl line 1");
    }
}
