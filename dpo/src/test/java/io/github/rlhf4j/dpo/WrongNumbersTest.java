package io.github.rlhf4j.dpo;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.github.rlhf4j.core.UserError;
import io.github.rlhf4j.core.stage.NumbersConfig.OnNonfinite;
import io.github.rlhf4j.core.stage.TrainingConfigBuilder;
import io.github.rlhf4j.datasets.DatasetSpec;
import io.github.rlhf4j.datasets.training.EvalDatasets;
import io.github.rlhf4j.testing.SpoiledKernels;
import io.github.rlhf4j.testing.StageHarness;
import io.github.rlhf4j.testing.StageOutput;
import io.github.rlhf4j.testing.TinyData;
import io.github.rlhf4j.testing.TinyModel;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Log-probs, gradients and weights that are not finite in dpo and kto: row, tensor and step are named, nothing broken is learnt or saved. */
class WrongNumbersTest {
    @TempDir
    private Path folder;

    private StageHarness harness;
    private DatasetSpec pairs;
    private DatasetSpec unpaired;
    private SpoiledKernels.Token poison;

    /** Line 7 alone has a token that models cannot compute with. */
    @BeforeEach
    void makeModelAndRows() {
        harness = new StageHarness(folder, new DpoModule());
        poison = SpoiledKernels.Token.of(harness.model("start", TinyModel.llama()), "Z");
        pairs = rows("pairs.jsonl", TinyData.PAIRS.rows());
        unpaired = rows("unpaired.jsonl", TinyData.UNPAIRED.rows());
    }

    private DatasetSpec rows(String file, List<String> lines) {
        List<String> rows = new ArrayList<>(lines);
        poison(rows, 6);
        return TinyData.write(folder.resolve(file), rows);
    }

    private static void poison(List<String> rows, int place) {
        rows.set(place, rows.get(place).replace("It is", "Zt is"));
    }

    private static TrainingConfigBuilder training(TrainingConfigBuilder usual) {
        return usual.learningRate(1e-3)
                .lrSchedulerType("constant")
                .batchSize(4)
                .maxSteps(3)
                .saveSteps(1)
                .loggingSteps(1)
                .shuffle(false)
                .warmupSteps(0);
    }

    private StageOutput dpo(String name, boolean precomputes, UnaryOperator<TrainingConfigBuilder> keys) {
        DpoConfig config = DpoConfig.builder(harness.model("start"), pairs)
                .precomputeRefLogProbs(precomputes)
                .training(usual -> keys.apply(training(usual)))
                .build();
        return harness.run(name, DpoTrainer.class, config);
    }

    private StageOutput kto(String name, UnaryOperator<TrainingConfigBuilder> keys) {
        KtoConfig config = KtoConfig.builder(harness.model("start"), unpaired)
                .training(usual -> keys.apply(training(usual)))
                .build();
        return harness.run(name, KtoTrainer.class, config);
    }

    private String report(String run, long step) throws IOException {
        return Files.readString(folder.resolve(run + "/nonfinite/step-" + step + "/report.json"));
    }

    private void nothingBrokenIsSaved(String run) {
        assertThat(folder.resolve(run + "/checkpoints/step-1")).exists();
        assertThat(folder.resolve(run + "/checkpoints/step-2")).doesNotExist();
        assertThat(folder.resolve(run + "/model")).doesNotExist();
    }

    @Test
    void aLogProbOfAPairNamesItsRow() throws IOException {
        harness.computeWith(SpoiledKernels.embeddingOf(poison));
        assertThatThrownBy(() -> dpo("stop", false, keys -> keys))
                .isInstanceOf(UserError.class)
                .hasMessageStartingWith("step 2: loss is NaN and the gradient norm NaN")
                .hasMessageContaining("; the gradient of model.embed_tokens.weight and of ")
                .hasMessageContaining("; from " + folder.resolve("pairs.jsonl") + ":7; ")
                .hasMessageContaining("nonfinite/step-2");
        assertThat(report("stop", 2)).contains(".refLogProbs[0] is NaN", "\"place\" : 2");
        nothingBrokenIsSaved("stop");

        StageOutput skipped = dpo("skip", false, keys -> keys.onNonfinite(OnNonfinite.SKIP));
        assertThat(skipped.metric("nonfinite_steps")).endsWith(1.0);
        assertThat(skipped.metric("loss")).hasSize(2);
    }

    @Test
    void aRowOfTheFirstStepIsNamedToo() { // no check at the start hides it
        List<String> rows = new ArrayList<>(TinyData.PAIRS.rows());
        poison(rows, 1);
        pairs = TinyData.write(folder.resolve("first.jsonl"), rows);
        harness.computeWith(SpoiledKernels.embeddingOf(poison));
        assertThatThrownBy(() -> dpo("stop", false, keys -> keys))
                .isInstanceOf(UserError.class)
                .hasMessageStartingWith("step 1: loss is NaN and the gradient norm NaN")
                .hasMessageContaining("; from " + folder.resolve("first.jsonl") + ":2; ");
    }

    @Test
    void aLogProbThatIsKnownBeforehandNamesItsRow() {
        harness.computeWith(SpoiledKernels.embeddingOf(poison));
        assertThatThrownBy(() -> dpo("before", true, keys -> keys))
                .isInstanceOf(UserError.class)
                .hasMessageStartingWith("the reference gives a response of example 6 the log-prob NaN")
                .hasMessageContaining("; from " + folder.resolve("pairs.jsonl") + ":7; ");
        assertThat(folder.resolve("before/checkpoints")).doesNotExist();
    }

    @Test
    void aGradientOfAPairNamesItsRow() throws IOException {
        harness.computeWith(SpoiledKernels.gradientOf(poison));
        assertThatThrownBy(() -> dpo("stop", true, keys -> keys))
                .isInstanceOf(UserError.class)
                .hasMessageMatching("(?s)step 2: loss is [0-9.]+ and the gradient norm NaN.*")
                .hasMessageContaining("; from " + folder.resolve("pairs.jsonl") + ":7; ");
        assertThat(report("stop", 2)).contains("\"gradients\" : [ \"model.embed_tokens.weight\"");
        nothingBrokenIsSaved("stop");
    }

    @Test
    void aLogProbOfAnUnpairedRowNamesIt() {
        harness.computeWith(SpoiledKernels.embeddingOf(poison));
        assertThatThrownBy(() -> kto("stop", keys -> keys))
                .isInstanceOf(UserError.class)
                .hasMessageStartingWith("step 2: loss is NaN and the gradient norm NaN")
                .hasMessageContaining("; from " + folder.resolve("unpaired.jsonl") + ":7; ");
        nothingBrokenIsSaved("stop");
    }

    @Test
    void aMismatchedResponseNamesTheRowThatItWasGivenTo() throws IOException {
        List<String> byTurns =
                new ArrayList<>(); // three prompts in a batch, so that its rows get each other's responses
        for (int i = 0; i < 12; i++) {
            byTurns.add(TinyData.UNPAIRED.rows().get(i % 3 * 4 + i / 3));
        }
        unpaired = rows("turns.jsonl", byTurns);
        harness.computeWith(SpoiledKernels.embeddingOf(poison));
        assertThatThrownBy(() -> kto("stop", keys -> keys))
                .isInstanceOf(UserError.class)
                .hasMessageStartingWith("the policy gives the mismatched response of a row the log-prob NaN, but")
                .hasMessageMatching(".*; from [^,]*turns.jsonl:5, [^,]*turns.jsonl:8; .*nonfinite/step-2");
        assertThat(report("stop", 2)).contains("\"mismatched_log_probs_not_finite\" : [ 0, 3 ]");
        nothingBrokenIsSaved("stop");

        StageOutput skipped = kto("skip", keys -> keys.onNonfinite(OnNonfinite.SKIP));
        assertThat(skipped.metric("nonfinite_steps")).endsWith(1.0);
        assertThat(skipped.metric("loss")).hasSize(2);
    }

    @Test
    void aGradientOfAnUnpairedRowNamesIt() {
        harness.computeWith(SpoiledKernels.gradientOf(poison));
        assertThatThrownBy(() -> kto("stop", keys -> keys))
                .isInstanceOf(UserError.class)
                .hasMessageMatching("(?s)step 2: loss is [0-9.]+ and the gradient norm NaN.*")
                .hasMessageContaining("; from " + folder.resolve("unpaired.jsonl") + ":7; ");
        nothingBrokenIsSaved("stop");
    }

    @Test
    void aHeldOutPairIsWarnedOfOrLeftOutOfTheEvaluation() {
        List<String> lines = new ArrayList<>(TinyData.PAIRS.rows());
        DatasetSpec sound = TinyData.write(folder.resolve("sound.jsonl"), lines);
        lines.remove(6);
        DatasetSpec without = TinyData.write(folder.resolve("without.jsonl"), lines);
        harness.computeWith(SpoiledKernels.embeddingOf(poison));
        assertThat(evaluated("stop", OnNonfinite.STOP, sound, pairs)
                        .metric("eval_loss")
                        .get(0))
                .isNaN();

        StageOutput skipped = evaluated("skip", OnNonfinite.SKIP, sound, pairs);
        StageOutput expected = evaluated("expected", OnNonfinite.SKIP, sound, without);
        assertThat(skipped.metric("eval_nonfinite_rows")).containsExactly(1.0);
        assertThat(expected.metric("eval_nonfinite_rows")).isEmpty();
        for (String metric :
                List.of("eval_loss", "eval_rewards/margins", "eval_rewards/accuracies", "eval_rewards/accuracies_se")) {
            assertThat(skipped.metric(metric).get(0))
                    .isCloseTo(expected.metric(metric).get(0), within(1e-6));
        }
        assertThat(harness.said())
                .anyMatch(line -> line.contains("1 of " + (lines.size() + 1) + " held-out rows have no finite loss")
                        && line.endsWith("pairs.jsonl:7"));
    }

    private StageOutput evaluated(String name, OnNonfinite onNonfinite, DatasetSpec train, DatasetSpec held) {
        DpoConfig config = DpoConfig.builder(harness.model("start"), train)
                .data(data -> data.evalDataset(EvalDatasets.of(held)))
                .precomputeRefLogProbs(false)
                .training(usual -> training(usual).saveSteps(0).onNonfinite(onNonfinite))
                .build();
        return harness.run(name, DpoTrainer.class, config);
    }

    @Test
    void aHeldOutUnpairedRowIsLeftOutWithThoseThatGotItsResponse() {
        DatasetSpec poisoned = unpaired;
        unpaired = TinyData.write(folder.resolve("sound.jsonl"), TinyData.UNPAIRED.rows());
        harness.computeWith(SpoiledKernels.embeddingOf(poison));
        KtoConfig config = KtoConfig.builder(harness.model("start"), unpaired)
                .data(data -> data.evalDataset(EvalDatasets.of(poisoned)))
                .training(usual -> training(usual).saveSteps(0).onNonfinite(OnNonfinite.SKIP))
                .build();
        StageOutput output = harness.run("skip", KtoTrainer.class, config);

        assertThat(output.metric("eval_loss").get(0)).isFinite();
        assertThat(output.metric("eval_kl").get(0)).isFinite();
        assertThat(output.metric("eval_nonfinite_rows").get(0)).isBetween(1.0, 3.0);
        assertThat(harness.said())
                .anyMatch(line ->
                        line.contains("held-out rows have no finite loss") && line.contains("unpaired.jsonl:7"));
    }

    @Test
    void aWeightThatAnUpdateBreaksIsNamedAndNotSaved() {
        harness.computeWith(SpoiledKernels.once("adamW", 1));
        assertThatThrownBy(() -> dpo("checked", true, keys -> keys))
                .isInstanceOf(UserError.class)
                .hasMessageMatching("step 1: after the update policy.* is not finite, or too large to compute with.*");
        assertThat(folder.resolve("checked/checkpoints/step-1")).doesNotExist();

        harness.computeWith(SpoiledKernels.once("adamW", 1));
        assertThatThrownBy(() -> kto("unchecked", keys -> keys.saveSteps(0)))
                .isInstanceOf(UserError.class)
                .hasMessageMatching(
                        "the weights of .* are not finite, so the model has diverged;.*nonfinite/step-2"); // no row is
        // to blame
        assertThat(folder.resolve("unchecked/model")).doesNotExist();
    }
}
