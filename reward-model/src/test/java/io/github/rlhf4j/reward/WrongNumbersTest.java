package io.github.rlhf4j.reward;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.github.rlhf4j.core.UserError;
import io.github.rlhf4j.core.stage.NumbersConfig.OnNonfinite;
import io.github.rlhf4j.core.stage.ReplicasConfig;
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

/** Scores, gradients and weights that are not finite: row, tensor and step are named, nothing broken is learnt or saved. */
class WrongNumbersTest {
    @TempDir
    private Path folder;

    private StageHarness harness;
    private DatasetSpec rows;
    private SpoiledKernels.Token poison;

    /** Line 7 alone has a token that models cannot compute with. */
    @BeforeEach
    void makeModelsAndRows() {
        harness = new StageHarness(folder, new RewardModule());
        poison = SpoiledKernels.Token.of(harness.model("start", TinyModel.llama()), "Z");
        List<String> lines = new ArrayList<>(TinyData.PAIRS.rows());
        lines.set(6, lines.get(6).replace("It is", "Zt is"));
        rows = TinyData.write(folder.resolve("rows.jsonl"), lines);
    }

    private StageOutput run(String name, UnaryOperator<TrainingConfigBuilder> keys) {
        return harness.run(name, RewardTrainer.class, config(keys).build());
    }

    private RewardConfigBuilder config(UnaryOperator<TrainingConfigBuilder> keys) {
        return RewardConfig.builder(harness.model("start"), rows)
                .training(usual -> keys.apply(usual.learningRate(1e-3)
                        .lrSchedulerType("constant")
                        .minLrRate(0)
                        .batchSize(4)
                        .maxSteps(3)
                        .saveSteps(1)
                        .loggingSteps(1)
                        .shuffle(false)));
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
    void aScoreNamesItsRow() throws IOException {
        harness.computeWith(SpoiledKernels.embeddingOf(poison));
        assertThatThrownBy(() -> run("stop", keys -> keys))
                .isInstanceOf(UserError.class)
                .hasMessageStartingWith("step 2: loss is NaN and the gradient norm NaN")
                .hasMessageContaining("; the gradient of ")
                .hasMessageContaining("; from " + folder.resolve("rows.jsonl") + ":7; ");
        assertThat(report("stop", 2)).contains("\"place\" : 2", "\"gradients_not_finite\" : 21");
        nothingBrokenIsSaved("stop");

        StageOutput skipped = run("skip", keys -> keys.onNonfinite(OnNonfinite.SKIP));
        assertThat(skipped.metric("nonfinite_steps")).endsWith(1.0);
        assertThat(skipped.metric("loss")).hasSize(2);
        assertThat(harness.said()).anyMatch(line -> line.contains("1 rows without finite scores"));
    }

    @Test
    void aGradientNamesItsRowAndTensor() throws IOException {
        harness.computeWith(SpoiledKernels.gradientOf(poison));
        assertThatThrownBy(() -> run("stop", keys -> keys))
                .isInstanceOf(UserError.class)
                .hasMessageMatching("(?s)step 2: loss is [0-9.]+ and the gradient norm NaN.*")
                .hasMessageContaining("; the gradient of model.embed_tokens.weight too; ")
                .hasMessageContaining("; from " + folder.resolve("rows.jsonl") + ":7; ");
        assertThat(report("stop", 2)).contains("\"gradients\" : [ \"model.embed_tokens.weight\" ]");
        nothingBrokenIsSaved("stop");
    }

    @Test
    void aScoreThatIsOnlyMeasuredNamesItsRow() {
        harness.computeWith(SpoiledKernels.embeddingOf(poison));
        assertThatThrownBy(() -> run("measured", keys -> keys.maxSteps(1)))
                .isInstanceOf(UserError.class)
                .hasMessageStartingWith("the model gives the scores [NaN, ")
                .hasMessageContaining("; from " + folder.resolve("rows.jsonl") + ":7; ");
    }

    @Test
    void aHeldOutRankingEndsTheStageOrIsLeftOutOfTheEvaluation() {
        DatasetSpec poisoned = rows;
        List<String> lines = new ArrayList<>(TinyData.PAIRS.rows());
        rows = TinyData.write(folder.resolve("sound.jsonl"), lines);
        lines.remove(6);
        DatasetSpec without = TinyData.write(folder.resolve("without.jsonl"), lines);
        harness.computeWith(SpoiledKernels.embeddingOf(poison));
        assertThatThrownBy(() -> evaluated("stop", OnNonfinite.STOP, poisoned))
                .isInstanceOf(UserError.class)
                .hasMessageStartingWith("the model gives the scores [NaN, ")
                .hasMessageContaining("; from " + folder.resolve("rows.jsonl") + ":7; ");

        StageOutput skipped = evaluated("skip", OnNonfinite.SKIP, poisoned);
        assertThat(skipped.metric("eval_nonfinite_rows")).containsExactly(1.0);
        assertThat(harness.said())
                .anyMatch(line -> line.contains("1 of " + (lines.size() + 1)
                        + " held-out rows have no finite loss, so the evaluation is without them; from "
                        + folder.resolve("rows.jsonl") + ":7"));
        StageOutput sound = evaluated("sound", OnNonfinite.SKIP, without);
        assertThat(sound.metric("eval_nonfinite_rows")).isEmpty();
        for (String metric : List.of("eval_loss", "eval_accuracy", "eval_mean_reward", "eval_calibration_error")) {
            assertThat(skipped.metric(metric).get(0))
                    .isCloseTo(sound.metric(metric).get(0), within(1e-5));
        }

        DatasetSpec none = TinyData.write(
                folder.resolve("none.jsonl"),
                lines.stream()
                        .map(line -> line.replace("It is", "Zt is"))
                        .filter(line -> line.contains("Zt is"))
                        .toList());
        assertThatThrownBy(() -> evaluated("none", OnNonfinite.SKIP, none))
                .isInstanceOf(UserError.class)
                .hasMessageStartingWith("the model gives finite scores to no held-out ranking");
    }

    private StageOutput evaluated(String name, OnNonfinite onNonfinite, DatasetSpec held) {
        RewardConfig config = config(keys -> keys.onNonfinite(onNonfinite).saveSteps(0))
                .data(data -> data.evalDataset(EvalDatasets.of(held)))
                .build();
        return harness.run(name, RewardTrainer.class, config);
    }

    @Test
    void aReplicaIsNamedToo() { // the first has rows 1 to 4, the second 5 to 8
        harness.computeWith(SpoiledKernels.embeddingOf(poison));
        RewardConfig config =
                config(keys -> keys).parts(ReplicasConfig.of(2, 1)).build();
        assertThatThrownBy(() -> harness.run("replicas", RewardTrainer.class, config))
                .isInstanceOf(UserError.class)
                .hasMessageStartingWith("in replica 2, step 1: loss is NaN");
    }

    @Test
    void aDemonstrationThatIsOnlyMeasuredNamesItsRowOrIsLeftOut() {
        harness.computeWith(SpoiledKernels.embeddingOf(poison));
        rows = TinyData.write(folder.resolve("sound.jsonl"), TinyData.PAIRS.rows());
        List<String> lines = new ArrayList<>(TinyData.DEMONSTRATIONS.rows());
        lines.set(4, lines.get(4).replace("Yes", "Zes"));
        assertThatThrownBy(() -> shifted("stop", OnNonfinite.STOP, lines))
                .isInstanceOf(UserError.class)
                .hasMessageStartingWith("the model gives the scores [NaN], but they must be finite")
                .hasMessageContaining("; from " + folder.resolve("stop.jsonl") + ":5; ");

        StageOutput skipped = shifted("skip", OnNonfinite.SKIP, lines);
        assertThat(harness.said()).anyMatch(line -> line.contains("1 rows without finite scores"));
        lines.remove(4);
        assertThat(skipped.summary().path("metrics"))
                .isEqualTo(shifted("without", OnNonfinite.SKIP, lines).summary().path("metrics"));

        assertThatThrownBy(() -> shifted(
                        "none",
                        OnNonfinite.SKIP,
                        lines.stream().map(line -> line.replace("Yes", "Zes")).toList()))
                .isInstanceOf(UserError.class)
                .hasMessageStartingWith("the model gives finite scores to no demonstration");
    }

    private StageOutput shifted(String name, OnNonfinite onNonfinite, List<String> demonstrations) {
        RewardConfig config = config(keys -> keys.onNonfinite(onNonfinite))
                .demonstrations(TinyData.write(folder.resolve(name + ".jsonl"), demonstrations))
                .build();
        return harness.run(name, RewardTrainer.class, config);
    }

    @Test
    void aWeightThatAnUpdateBreaksIsNamedAndNotSaved() {
        harness.computeWith(SpoiledKernels.once("adamW", 1));
        assertThatThrownBy(() -> run("checked", keys -> keys))
                .isInstanceOf(UserError.class)
                .hasMessageMatching("step 1: after the update model.* is not finite, or too large to compute with.*");
        assertThat(folder.resolve("checked/checkpoints/step-1")).doesNotExist();
    }
}
