package io.github.rlhf4j.distill;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.github.rlhf4j.core.UserError;
import io.github.rlhf4j.core.stage.AdapterConfig;
import io.github.rlhf4j.core.stage.ConfigException;
import io.github.rlhf4j.core.stage.ModelReference;
import io.github.rlhf4j.datasets.DatasetSpec;
import io.github.rlhf4j.testing.IsolatedCluster;
import io.github.rlhf4j.testing.StageHarness;
import io.github.rlhf4j.testing.StageOutput;
import io.github.rlhf4j.testing.TinyData;
import io.github.rlhf4j.testing.TinyModel;
import java.nio.file.Path;
import java.util.List;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The whole stage on random models of two layers. */
class DistillStageTest {
    @TempDir
    private Path folder;

    private StageHarness harness;
    private DatasetSpec rows;

    @BeforeEach
    void makeModelsAndRows() {
        harness = new StageHarness(folder, new DistillModule());
        harness.model("student", TinyModel.llama());
        harness.model("teacher", TinyModel.llama().seed(8));
        rows = harness.data(TinyData.DEMONSTRATIONS);
    }

    private DistillConfigBuilder config(int steps) {
        return DistillConfig.builder(harness.model("student"), harness.model("teacher"), rows)
                .maxNewTokens(10)
                .training(keys -> keys.learningRate(1e-2)
                        .lrSchedulerType("constant")
                        .batchSize(4)
                        .maxSteps(steps));
    }

    private StageOutput run(String name, DistillConfig config) {
        return harness.run(name, DistillStage.class, config);
    }

    @ParameterizedTest
    @ValueSource(doubles = {0, 0.5, 1})
    void theStudentComesNearerToTheTeacher(double beta) {
        List<Double> loss =
                run("student-" + beta, config(25).lmbda(0).beta(beta).build()).metric("loss");

        assertThat(loss.get(24)).isPositive().isLessThan(0.6 * loss.get(0));
    }

    @Test
    void aStudentThatIsTheTeacherHasNothingToLearn() {
        DistillConfig config = DistillConfig.builder(harness.model("student"), harness.model("student"), rows)
                .lmbda(0)
                .training(keys -> keys.maxSteps(1).batchSize(2))
                .build();
        StageOutput output = run("same", config);

        assertThat(output.metric("loss").get(0)).isCloseTo(0, within(1e-10));
        assertThat(output.metric("grad_norm").get(0)).isCloseTo(0, within(1e-5));
    }

    @Test
    void stepsOnItsOwnSamplesAreAsManyAsLmbdaSays() {
        StageOutput output = run("mixed", config(20).lmbda(0.5).build());
        List<Double> onPolicy = output.metric("on_policy");
        long own = onPolicy.stream().filter(share -> share == 1).count();

        assertThat(own).isBetween(4L, 16L);
        assertThat(output.samples()).hasSize((int) own * 4);
    }

    @Test
    void theTeachersSamplesAreSequenceLevelDistillation() {
        StageOutput output = run("seq_kd", config(3).lmbda(0).seqKd(true).build());

        assertThat(output.samples()).hasSize(12);
        assertThat(output.metric("on_policy")).containsExactly(0.0, 0.0, 0.0);
    }

    @Test
    void promptsAloneAreEnoughWhereNoStepReadsResponses() {
        DistillConfig config = DistillConfig.builder(
                        harness.model("student"), harness.model("teacher"), harness.data(TinyData.PROMPTS))
                .lmbda(1)
                .maxNewTokens(6)
                .training(keys -> keys.maxSteps(2).batchSize(2))
                .build();

        assertThat(run("prompts", config).metric("loss")).hasSize(2);
    }

    @Test
    void cuttingAStepIntoMicroBatchesChangesNothing() {
        DistillConfig config = config(2).lmbda(0).build();
        StageOutput whole = run("whole", config);
        StageOutput cut = run(
                "cut",
                config.toBuilder().training(keys -> keys.microBatchTokens(30)).build());

        for (String metric : List.of("loss", "grad_norm", "entropy")) {
            assertThat(cut.metric(metric).get(1))
                    .as(metric)
                    .isCloseTo(whole.metric(metric).get(1), within(1e-5));
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void aResumedRunIsTheRunThatWasNeverStopped(boolean adapter) {
        DistillConfigBuilder builder = config(6).training(keys -> keys.saveSteps(1));
        DistillConfig config = (adapter ? builder.adapter(AdapterConfig.DEFAULT) : builder.seqKd(true)).build();
        StageOutput unbroken = run("unbroken", config);
        harness.stopAfter(3, "broken", DistillStage.class, config);
        StageOutput resumed = harness.resume("broken", DistillStage.class, config);

        assertThat(resumed.lines()).isEqualTo(unbroken.lines());
        assertThat(resumed.weights()).isEqualTo(unbroken.weights());
    }

    @Test
    void samplingOnOtherMachinesChangesNothing() {
        DistillConfig config = config(3).lmbda(1).build();
        StageOutput here = run("here", config);
        harness.computeOn(kernels -> new IsolatedCluster(kernels, 3));

        assertThat(run("there", config).lines()).isEqualTo(here.lines());
    }

    @Test
    void heldOutRowsAreMeasuredByTheSameDivergence() {
        DistillConfig config = config(4)
                .lmbda(0)
                .data(keys -> keys.evalFraction(0.3))
                .training(keys -> keys.evalSteps(2))
                .build();
        List<Double> loss = run("held", config).metric("eval_loss");

        assertThat(loss).hasSize(2);
        assertThat(loss.get(1)).isPositive().isLessThan(loss.get(0));
    }

    static Stream<Arguments> mistakes() {
        return Stream.of(
                of("lmbda", builder -> builder.lmbda(1.1)),
                of("beta", builder -> builder.beta(-0.1)),
                of("seq_kd", builder -> builder.lmbda(1).seqKd(true)),
                of("max_new_tokens", builder -> builder.maxNewTokens(0)),
                of("temperature", builder -> builder.temperature(0)),
                of("rollouts", builder -> builder.lmbda(0).rollouts(DatasetSpec.of("r.jsonl"))),
                of("eval_fraction", builder -> builder.data(keys -> keys.evalFraction(1))));
    }

    private static Arguments of(String key, UnaryOperator<DistillConfigBuilder> mistake) {
        return Arguments.of(key, mistake);
    }

    @ParameterizedTest
    @MethodSource("mistakes")
    void aValueOutOfRangeIsRefusedWithItsKey(String key, UnaryOperator<DistillConfigBuilder> mistake) {
        ModelReference model = new ModelReference("m", Path.of("m"));
        DistillConfigBuilder valid = DistillConfig.builder(model, model, DatasetSpec.of("rows.jsonl"));

        assertThatThrownBy(() -> mistake.apply(valid).build())
                .isInstanceOf(ConfigException.class)
                .hasMessageStartingWith(key + " ");
    }

    @Test
    void aBuilderThatStartsFromAConfigGivesItBack() {
        DistillConfig config = config(3).beta(0.2).seqKd(true).build();

        assertThat(config.toBuilder().build()).isEqualTo(config);
    }

    @Test
    void aTeacherOfAnotherVocabularyIsRefused() {
        harness.model("other", TinyModel.llama().tokenizer(TinyModel.tokenizer(262, List.of("Another one."))));
        DistillConfig config = DistillConfig.builder(harness.model("student"), harness.model("other"), rows)
                .training(keys -> keys.maxSteps(1))
                .build();

        assertThatThrownBy(() -> run("other", config))
                .isInstanceOf(UserError.class)
                .hasMessageContaining("teacher_model")
                .hasMessageContaining("must have the same tokenizer and vocabulary");
    }
}
