package io.github.rlhf4j.distill;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

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

/** Divergences, gradients and weights that are not finite: row, tensor and step are named, nothing broken is learnt or saved. */
class WrongNumbersTest {
    @TempDir
    private Path folder;

    private StageHarness harness;
    private DatasetSpec rows;
    private SpoiledKernels.Token poison;

    /** Line 7 alone has a token that models cannot compute with. */
    @BeforeEach
    void makeModelsAndRows() {
        harness = new StageHarness(folder, new DistillModule());
        poison = SpoiledKernels.Token.of(harness.model("start", TinyModel.llama()), "Z");
        harness.model("teacher", TinyModel.llama().seed(8));
        List<String> lines = new ArrayList<>(TinyData.DEMONSTRATIONS.rows());
        lines.set(6, lines.get(6).replace("Yes", "Zes"));
        rows = TinyData.write(folder.resolve("rows.jsonl"), lines);
    }

    private StageOutput run(String name, UnaryOperator<TrainingConfigBuilder> keys) {
        DistillConfig config = DistillConfig.builder(harness.model("start"), harness.model("teacher"), rows)
                .lmbda(0)
                .training(usual -> keys.apply(usual.learningRate(1e-3)
                        .lrSchedulerType("constant")
                        .batchSize(4)
                        .maxSteps(3)
                        .saveSteps(1)
                        .loggingSteps(1)
                        .shuffle(false)))
                .build();
        return harness.run(name, DistillStage.class, config);
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
    void aDivergenceNamesItsRowAndCanBeSkipped() throws IOException {
        harness.computeWith(SpoiledKernels.embeddingOf(poison));
        assertThatThrownBy(() -> run("stop", keys -> keys))
                .isInstanceOf(UserError.class)
                .hasMessageStartingWith("step 2: loss is NaN and the gradient norm NaN")
                .hasMessageContaining("; the gradient of model.embed_tokens.weight and of ")
                .hasMessageContaining("; from " + folder.resolve("rows.jsonl") + ":7; ");
        assertThat(report("stop", 2)).contains("\"place\" : 2");
        nothingBrokenIsSaved("stop");

        StageOutput skipped = run("skip", keys -> keys.onNonfinite(OnNonfinite.SKIP));
        assertThat(skipped.metric("nonfinite_steps")).endsWith(1.0);
        assertThat(skipped.metric("loss")).hasSize(2);
    }

    @Test
    void aHeldOutRowIsLeftOutOfTheEvaluationWhereStepsAre() {
        DatasetSpec poisoned = rows;
        rows = TinyData.write(folder.resolve("sound.jsonl"), TinyData.DEMONSTRATIONS.rows());
        harness.computeWith(SpoiledKernels.embeddingOf(poison));
        DistillConfig config = DistillConfig.builder(harness.model("start"), harness.model("teacher"), rows)
                .lmbda(0)
                .data(data -> data.evalDataset(EvalDatasets.of(poisoned)))
                .training(usual -> usual.batchSize(4).maxSteps(1).onNonfinite(OnNonfinite.SKIP))
                .build();
        StageOutput output = harness.run("held", DistillStage.class, config);

        assertThat(output.metric("eval_loss").get(0)).isFinite();
        assertThat(output.metric("eval_nonfinite_rows")).containsExactly(1.0);
        assertThat(harness.said())
                .anyMatch(line -> line.contains("held-out rows have no finite loss") && line.endsWith("rows.jsonl:7"));
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
    void aWeightThatAnUpdateBreaksIsNamedAndNotSaved() {
        harness.computeWith(SpoiledKernels.once("adamW", 1));
        assertThatThrownBy(() -> run("checked", keys -> keys))
                .isInstanceOf(UserError.class)
                .hasMessageMatching("step 1: after the update .* is not finite, or too large to compute with.*");
        assertThat(folder.resolve("checked/checkpoints/step-1")).doesNotExist();
    }
}
