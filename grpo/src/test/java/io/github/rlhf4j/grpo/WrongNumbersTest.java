package io.github.rlhf4j.grpo;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.inject.AbstractModule;
import io.github.rlhf4j.core.UserError;
import io.github.rlhf4j.core.cluster.Cluster;
import io.github.rlhf4j.core.kernels.Kernels;
import io.github.rlhf4j.core.stage.NumbersConfig.OnNonfinite;
import io.github.rlhf4j.core.stage.TrainingConfig;
import io.github.rlhf4j.core.stage.TrainingConfigBuilder;
import io.github.rlhf4j.core.train.BatchScorer;
import io.github.rlhf4j.datasets.DatasetSpec;
import io.github.rlhf4j.rollout.RewardBinder;
import io.github.rlhf4j.rollout.RewardEntry;
import io.github.rlhf4j.rollout.RewardFunction;
import io.github.rlhf4j.testing.SpoiledCluster;
import io.github.rlhf4j.testing.StageHarness;
import io.github.rlhf4j.testing.StageOutput;
import io.github.rlhf4j.testing.TinyData;
import io.github.rlhf4j.testing.TinyModel;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Scores, log-probs and weights that are not finite, and rewards that fail: the rows are named, nothing broken is learnt or saved. */
class WrongNumbersTest {
    private static final String GRASS_IS_BLUE = "prompts.jsonl:7"; // the line of that prompt

    @TempDir
    private Path folder;

    private StageHarness harness;
    private DatasetSpec prompts;
    private volatile boolean hangs = true;

    @BeforeEach
    void makeModelAndPrompts() {
        harness = new StageHarness(folder, new GrpoModule(), new AbstractModule() {
            @Override
            protected void configure() {
                RewardBinder rewards = RewardBinder.rewardBinder(binder());
                rewards.bind("length", RewardFunction.each(RewardFunction.Answer::tokens));
                rewards.bind("nan", RewardFunction.each(answer -> isPoison(answer) ? Double.NaN : answer.tokens()));
                rewards.bind("throws", RewardFunction.each(WrongNumbersTest::orThrow));
                rewards.bind("short", answers -> new double[1]);
                rewards.bind("hangs", RewardFunction.each(WrongNumbersTest.this::orHang));
            }
        });
        harness.model("policy", TinyModel.llama());
        prompts = harness.data(TinyData.PROMPTS);
    }

    private static boolean isPoison(RewardFunction.Answer answer) {
        return answer.prompt().contains("grass, is it blue");
    }

    private static double orThrow(RewardFunction.Answer answer) {
        if (isPoison(answer)) {
            throw new IllegalStateException("no lawn");
        }
        return 1;
    }

    private double orHang(RewardFunction.Answer answer) {
        if (hangs && isPoison(answer)) {
            try {
                new CountDownLatch(1).await();
            } catch (InterruptedException e) {
                hangs = false;
            }
        }
        return answer.tokens();
    }

    private GrpoConfigBuilder config(String reward, UnaryOperator<TrainingConfigBuilder> keys) {
        return config(keys).rewardFunction(reward);
    }

    private GrpoConfigBuilder config(UnaryOperator<TrainingConfigBuilder> keys) {
        return GrpoConfig.builder(harness.model("policy"), prompts)
                .numGenerations(2)
                .maxCompletionLength(6)
                .training(keys.apply(TrainingConfig.builder()
                                .learningRate(3e-3)
                                .lrSchedulerType("constant")
                                .batchSize(3)
                                .maxSteps(8)
                                .saveSteps(1)
                                .loggingSteps(1)
                                .shuffle(false))
                        .build());
    }

    private StageOutput run(String name, GrpoConfig config) {
        return harness.run(name, GrpoStage.class, config);
    }

    private String report(String run, long step) throws IOException {
        return Files.readString(folder.resolve(run + "/nonfinite/step-" + step + "/report.json"));
    }

    @Test
    void aScoreThatIsNoNumberNamesItsRow() throws IOException {
        assertThatThrownBy(() -> run("stop", config("nan", keys -> keys).build()))
                .isInstanceOf(UserError.class)
                .hasMessageStartingWith("reward_function nan must return finite scores, but returned NaN")
                .hasMessageContaining("; from ")
                .hasMessageContaining(GRASS_IS_BLUE + ";");
        assertThat(report("stop", 3)).contains("scores_not_finite", "NaN");
        assertThat(folder.resolve("stop/nonfinite/step-3/rows.jsonl"))
                .content()
                .contains("\"line\":7")
                .doesNotContain("\"line\":8");
        assertThat(folder.resolve("stop/checkpoints/step-2")).exists();
        assertThat(folder.resolve("stop/checkpoints/step-3")).doesNotExist();
    }

    @Test
    void aSkippedGenerationIsLeftOutOfAllItsStepsAlsoAfterAResumption() {
        Function<String, GrpoConfig> skips = name -> config(name, keys -> keys.onNonfinite(OnNonfinite.SKIP))
                .numIterations(2)
                .stepsPerGeneration(2)
                .beta(0.05)
                .syncRefModel(true)
                .refModelSyncSteps(3)
                .build();
        StageOutput whole = run("whole", skips.apply("nan"));
        assertThat(whole.metric("nonfinite_steps")).endsWith(1.0); // steps 5 to 8 learn from one generation
        assertThat(whole.metric("loss")).hasSize(4);
        for (long step : List.of(5, 6)) {
            String name = "broken-" + step;
            harness.stopAfter(step, name, GrpoStage.class, skips.apply("nan"));
            StageOutput resumed = harness.resume(name, GrpoStage.class, skips.apply("nan"));
            assertThat(resumed.lines()).isEqualTo(whole.lines());
            assertThat(resumed.weights()).isEqualTo(whole.weights());
        }
    }

    @Test
    void rewardsThatThrowOrMiscountNameTheirRows() {
        assertThatThrownBy(() -> run("throws", config("throws", keys -> keys).build()))
                .isInstanceOf(UserError.class)
                .hasMessageContaining("reward_function throws failed on 6 responses: java.lang.IllegalStateException")
                .hasMessageContaining(GRASS_IS_BLUE + "; an entry of rewards with on_failure: none");
        assertThatThrownBy(() -> run("short", config("short", keys -> keys).build()))
                .isInstanceOf(UserError.class)
                .hasMessageStartingWith(
                        "reward_function short must return one score for each of 6 responses, but returned 1; its rows are ")
                .hasMessageEndingWith("prompts.jsonl:3");
    }

    @Test
    void aRewardThatHangsEndsTheStageAfterItsTimeoutAndEverythingIsWhole() {
        GrpoConfig config = config(keys -> keys)
                .rewards(RewardEntry.function("hangs").patience(30, RewardEntry.OnFailure.STOP))
                .build();
        GrpoConfig brief = config(keys -> keys)
                .rewards(RewardEntry.function("hangs").patience(0.5, RewardEntry.OnFailure.STOP))
                .build();
        assertThatThrownBy(() -> run("hangs", brief))
                .isInstanceOf(UserError.class)
                .hasMessageContaining(
                        "reward_function hangs failed on 6 responses: took longer than its timeout of 0.5 s")
                .hasMessageContaining("its rows are ")
                .hasMessageContaining("prompts.jsonl:7");
        assertThat(folder.resolve("hangs/checkpoints/step-2")).exists();
        assertThat(folder.resolve("hangs/checkpoints/step-3")).doesNotExist();

        hangs = false; // mended
        StageOutput resumed = harness.resume("hangs", GrpoStage.class, config);
        StageOutput whole = run("whole", config);
        assertThat(resumed.lines()).isEqualTo(whole.lines());
        assertThat(resumed.weights()).isEqualTo(whole.weights());
    }

    /** Makes a log-prob of the third response wrong, in the second call. */
    private Function<Kernels, Cluster> breaking(String work, double number) {
        AtomicInteger calls = new AtomicInteger();
        return kernels -> new SpoiledCluster(kernels, (name, result) -> {
            if (name.equals(work) && calls.incrementAndGet() == 2) {
                BatchScorer.Scored third = (BatchScorer.Scored) ((List<?>) ((List<?>) result).get(2)).get(0);
                third.logProbs()[0] = number;
            }
        });
    }

    @Test
    void aLogProbOfTheReferenceNamesItsRowAndCanBeSkipped() throws IOException {
        harness.computeOn(breaking("reference log-probs", Double.NaN));
        GrpoConfig stops = config("length", keys -> keys).beta(0.1).build();
        assertThatThrownBy(() -> run("stop", stops))
                .isInstanceOf(UserError.class)
                .hasMessageContaining("ref_log_probs[0] is NaN for the response")
                .hasMessageContaining("prompts.jsonl:5;");
        assertThat(report("stop", 2)).contains("ref_log_probs[0] is NaN");

        harness.computeOn(breaking("reference log-probs", Double.NaN));
        StageOutput skipped = run(
                "skip",
                config("length", keys -> keys.onNonfinite(OnNonfinite.SKIP))
                        .beta(0.1)
                        .build());
        assertThat(skipped.metric("nonfinite_steps")).endsWith(1.0);
        assertThat(skipped.metric("loss")).hasSize(7);
    }

    @Test
    void aStoredResponseNamesItsRowToo() {
        String row =
                "{\"prompt_ids\": [5, 6], \"completions\": [{\"ids\": [7, 8], \"reward\": 1}, {\"ids\": [9], \"reward\": 0}]}\n";
        DatasetSpec stored =
                DatasetSpec.of(harness.write("stored.jsonl", row.repeat(4)).toString());
        GrpoConfig config = GrpoConfig.replaying(harness.model("policy"), stored)
                .numGenerations(2)
                .beta(0.1)
                .training(TrainingConfig.builder()
                        .learningRate(3e-3)
                        .batchSize(2)
                        .maxSteps(2)
                        .shuffle(false)
                        .build())
                .build();
        harness.computeOn(breaking("reference log-probs", Double.NaN));

        assertThatThrownBy(() -> run("stored", config)) // the third response of step 2 is the first of line 4
                .isInstanceOf(UserError.class)
                .hasMessageContaining("ref_log_probs[0] is NaN for the response")
                .hasMessageContaining("; from " + folder.resolve("stored.jsonl") + ":4;");
    }

    @Test
    void aGradientThatIsNotFiniteNamesItsRow() throws IOException {
        harness.computeOn(breaking("reference log-probs", -1e300)); // finite as a double, as a gradient not
        assertThatThrownBy(() ->
                        run("steep", config("length", keys -> keys).beta(0.1).build()))
                .isInstanceOf(UserError.class)
                .hasMessageContaining("gradient norm")
                .hasMessageContaining("prompts.jsonl:5;");
        assertThat(report("steep", 2)).contains("\"examples\" : [ {");
        assertThat(folder.resolve("steep/checkpoints/step-2")).doesNotExist();
    }

    @Test
    void weightsThatAnUpdateBreaksAreNotSaved() {
        assertThatThrownBy(() -> run(
                        "far",
                        config(
                                        "length",
                                        keys -> keys.learningRate(1e38)
                                                .maxGradNorm(0)
                                                .onNonfinite(OnNonfinite.SKIP))
                                .build()))
                .isInstanceOf(UserError.class)
                .hasMessageContaining("is not finite, or too large to compute with: the model has diverged");
        assertThat(folder.resolve("far/checkpoints/step-1")).doesNotExist();
    }
}
