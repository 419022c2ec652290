package io.github.rlhf4j.grpo;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.google.inject.AbstractModule;
import io.github.rlhf4j.core.UserError;
import io.github.rlhf4j.core.cluster.DistributedCluster;
import io.github.rlhf4j.core.cluster.InProcessCluster;
import io.github.rlhf4j.core.cluster.ThreadsBackend;
import io.github.rlhf4j.core.model.Head;
import io.github.rlhf4j.core.stage.AdamWConfig;
import io.github.rlhf4j.core.stage.AdapterConfig;
import io.github.rlhf4j.core.stage.CheckpointConfig;
import io.github.rlhf4j.core.stage.LearningRateConfig;
import io.github.rlhf4j.core.stage.StepsConfig;
import io.github.rlhf4j.core.stage.TrainingConfig;
import io.github.rlhf4j.core.tensor.WeightType;
import io.github.rlhf4j.datasets.DatasetSpec;
import io.github.rlhf4j.rollout.ImportanceSampling;
import io.github.rlhf4j.rollout.RewardBinder;
import io.github.rlhf4j.rollout.RewardFunction;
import io.github.rlhf4j.testing.IsolatedCluster;
import io.github.rlhf4j.testing.StageHarness;
import io.github.rlhf4j.testing.StageOutput;
import io.github.rlhf4j.testing.TinyData;
import io.github.rlhf4j.testing.TinyModel;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The whole stage on a random model of two layers, which is to answer in letters. */
class GroupTrainerTest {
    private static final String STORED =
            "{\"prompt_ids\": [5, 6], \"completions\": [{\"ids\": [7, 8], \"reward\": 1}, {\"ids\": [9], \"reward\": 0}]}";

    @TempDir
    private Path folder;

    private StageHarness harness;
    private DatasetSpec prompts;

    @BeforeEach
    void makeModelAndPrompts() {
        harness = new StageHarness(folder, new GrpoModule(), new AbstractModule() {
            @Override
            protected void configure() {
                RewardBinder.rewardBinder(binder()).bind("letters", RewardFunction.each(GroupTrainerTest::letters));
            }
        });
        harness.model("policy", TinyModel.llama());
        prompts = harness.data(TinyData.PROMPTS);
    }

    /** The share of letters among the characters. */
    private static double letters(RewardFunction.Answer answer) {
        String text = answer.response();
        return (double) text.chars().filter(Character::isLetter).count() / Math.max(1, text.length());
    }

    private GrpoConfigBuilder config(int steps) {
        return GrpoConfig.builder(harness.model("policy"), prompts)
                .rewardFunction("letters")
                .numGenerations(4)
                .maxCompletionLength(12)
                .training(training(3, steps));
    }

    private static TrainingConfig training(int batch, int steps) {
        return TrainingConfig.of(LearningRateConfig.constant(3e-3), StepsConfig.of(batch, steps));
    }

    private StageOutput run(String name, GrpoConfig config) {
        return harness.run(name, GrpoStage.class, config);
    }

    @ParameterizedTest
    @EnumSource(LossType.class)
    void earnsMoreAndMoreReward(LossType type) {
        TrainingConfig training = TrainingConfig.of(LearningRateConfig.constant(2e-2), StepsConfig.of(6, 20));
        GrpoConfigBuilder config = config(20).lossType(type).training(training);
        if (type == LossType.CISPO) {
            config.epsilonHigh(5);
        }
        List<Double> rewards = run("grpo", config.build()).metric("reward");

        assertThat(mean(rewards.subList(15, 20))).isGreaterThan(mean(rewards.subList(0, 5)) + 0.1);
    }

    private static double mean(List<Double> values) {
        return values.stream().mapToDouble(x -> x).average().orElseThrow();
    }

    @Test
    void reportsWhatTrlReports() {
        StageOutput output = run("grpo", config(1).beta(0.1).build());
        JsonNode line = output.metrics().get(0);

        assertThat(line.path("kl").asDouble()).isCloseTo(0, within(1e-6));
        assertThat(line.path("rewards/letters/mean")).isEqualTo(line.path("reward"));
        assertThat(line.path("entropy").asDouble()).isPositive();
        assertThat(line.path("clip_ratio/region_mean").asDouble()).isZero();
        assertThat(output.samples()).hasSize(12);
        JsonNode sample = output.samples().get(0);
        assertThat(sample.path("scores").path("letters")).isEqualTo(sample.path("score"));
        assertThat(sample.has("advantage") && sample.has("kl") && sample.has("ended"))
                .isTrue();
    }

    @Test
    void responsesComeFromTheTokensThatAreKeptAndLogProbsAreThoseOfAll() {
        StageOutput likeliest = run("likeliest", config(1).topK(1).build()); // self-checks compare log-probs
        StageOutput all = run("all", config(1).build());
        StageOutput penalized = run(
                "penalized",
                config(2)
                        .topP(0.9)
                        .minP(0.01)
                        .repetitionPenalty(1.5)
                        .numIterations(2)
                        .build());

        assertThat(responses(likeliest)).hasSizeLessThanOrEqualTo(3); // a prompt each
        assertThat(responses(all)).hasSizeGreaterThan(6);
        assertThat(penalized.metrics().get(0).path("clip_ratio/region_mean").asDouble())
                .isZero();
    }

    private static Set<String> responses(StageOutput output) {
        return output.samples().stream()
                .map(sample -> sample.path("response").asText())
                .collect(Collectors.toSet());
    }

    @Test
    void eachResponseIsLearntFromSeveralTimes() {
        StageOutput output =
                run("grpo", config(6).numIterations(3).epsilon(0.01).build());

        assertThat(output.metric("reward")).hasSize(2);
        List<Double> clipped = output.metric("clip_ratio/region_mean");
        assertThat(clipped.get(0)).isZero();
        assertThat(clipped.get(2)).isPositive();
        assertThat(clipped.get(3)).isZero();
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3})
    void aResumedRunIsTheRunThatWasNeverStopped(long checkpoint) {
        GrpoConfig config = config(6)
                .numIterations(2)
                .stepsPerGeneration(2)
                .beta(0.05)
                .syncRefModel(true)
                .refModelSyncSteps(2)
                .entropyCoef(0.01)
                .training(training(2, 6).with(CheckpointConfig.every(1)))
                .build();
        StageOutput unbroken = run("unbroken", config);
        harness.stopAfter(checkpoint, "broken", GrpoStage.class, config);
        StageOutput resumed = harness.resume("broken", GrpoStage.class, config);

        assertThat(resumed.lines()).isEqualTo(unbroken.lines());
        assertThat(resumed.weights()).isEqualTo(unbroken.weights());
    }

    @Test
    void staleResponsesAreThoseOfTheWeightsOfSoManyGenerationsBefore() {
        StageOutput stale = run("stale", config(4).staleness(1).build());
        run("first", config(1).build());
        TrainingConfig still = TrainingConfig.of(LearningRateConfig.constant(1e-12), StepsConfig.of(3, 3));
        StageOutput start = run("start", config(3).training(still).build());
        StageOutput afterOne = run(
                "afterOne",
                GrpoConfig.builder(harness.model("first"), prompts)
                        .rewardFunction("letters")
                        .numGenerations(4)
                        .maxCompletionLength(12)
                        .training(still)
                        .build());

        assertThat(responses(stale, 1)).isEqualTo(responses(start, 1));
        assertThat(responses(stale, 2)).isEqualTo(responses(start, 2));
        assertThat(responses(stale, 3)).isEqualTo(responses(afterOne, 3)).isNotEqualTo(responses(start, 3));
        assertThat(stale.metric("sample/staleness_mean")).containsExactly(0.0, 1.0, 1.0, 1.0);
        assertThat(stale.metric("sampling/logp_diff_max").get(0)).isLessThan(1e-4);
        assertThat(stale.metric("sampling/logp_diff_max").get(3)).isGreaterThan(1e-3);
        assertThat(stale.metric("sampling/importance_sampling_ratio/mean").get(0))
                .isCloseTo(1, within(1e-4));
    }

    private static List<String> responses(StageOutput output, int step) {
        return output.samples().stream()
                .filter(sample -> sample.path("step").asInt() == step)
                .map(sample -> sample.path("response").asText())
                .toList();
    }

    @Test
    void staleRunsAreTheSameOnWorkersAndAfterAStop() {
        GrpoConfig config = config(6)
                .staleness(2)
                .numIterations(2)
                .beta(0.05)
                .training(training(2, 6).with(CheckpointConfig.every(1)))
                .build();
        StageOutput unbroken = run("unbroken", config);
        for (long checkpoint : new long[] {1, 2, 5}) {
            harness.computeOn(kernels -> new DistributedCluster(kernels, new ThreadsBackend(2, 1, 2), 3, true));
            harness.stopAfter(checkpoint, "broken" + checkpoint, GrpoStage.class, config);
            harness.computeOn(InProcessCluster::new);
            StageOutput resumed = harness.resume("broken" + checkpoint, GrpoStage.class, config);

            assertThat(resumed.lines()).isEqualTo(unbroken.lines());
            assertThat(resumed.weights()).isEqualTo(unbroken.weights());
        }
        harness.computeOn(kernels -> new IsolatedCluster(kernels, 3));
        assertThat(run("isolated", config).lines()).isEqualTo(unbroken.lines());
    }

    @Test
    void aSamplerOfRoundedWeightsIsAnotherPolicyThatIsCorrected() {
        GrpoConfig config = config(4)
                .rolloutWeights(WeightType.INT8)
                .importanceSamplingMode(ImportanceSampling.TOKEN_TRUNCATE)
                .training(training(2, 4).with(CheckpointConfig.every(1)))
                .build();
        StageOutput unbroken = run("unbroken", config);
        harness.stopAfter(2, "broken", GrpoStage.class, config);

        assertThat(unbroken.metric("sampling/logp_diff_max")).allMatch(difference -> difference > 1e-4);
        assertThat(unbroken.metric("sampling/importance_sampling_ratio/max").get(0))
                .isBetween(1 + 1e-4, 3.0);
        assertThat(harness.resume("broken", GrpoStage.class, config).weights()).isEqualTo(unbroken.weights());
        harness.computeOn(kernels -> new IsolatedCluster(kernels, 3));
        assertThat(run("isolated", config).lines()).isEqualTo(unbroken.lines());
    }

    @Test
    void anEpochIsOverWhenEachPromptHasBeenLearntFromSoManyTimes() {
        StageOutput output =
                run("grpo", config(6).numIterations(3).training(training(6, 6)).build());

        // 12 prompts, 6 a step, each batch three times: 6 steps
        assertThat(output.metric("epoch").get(5)).isEqualTo(1);
    }

    @Test
    void theReferenceOfAnAdapterIsTheBaseInTheSameMemory() {
        harness.model("copy", TinyModel.llama()); // the same weights, read on their own
        GrpoConfigBuilder keys = config(4)
                .adapter(new AdapterConfig(
                        OptionalInt.of(4), OptionalDouble.of(8), Optional.of(true), List.of("all-linear")))
                .beta(0.05)
                .numIterations(2)
                .training(training(2, 4).with(CheckpointConfig.every(1)));
        StageOutput unbroken = run("unbroken", keys.build());
        harness.stopAfter(2, "broken", GrpoStage.class, keys.build());
        StageOutput resumed = harness.resume("broken", GrpoStage.class, keys.build());
        StageOutput apart = run("apart", keys.refModel(harness.model("copy")).build());

        assertThat(resumed.lines()).isEqualTo(unbroken.lines());
        assertThat(resumed.weights()).isEqualTo(unbroken.weights());
        assertThat(apart.lines()).isEqualTo(unbroken.lines());
        assertThat(apart.weights()).isEqualTo(unbroken.weights());
        assertThat(unbroken.metric("kl").get(0)).isZero();
    }

    @Test
    void forwardPassesOnOtherMachinesChangeNothing() {
        harness.model("reward", TinyModel.llama().head(Head.SCALAR));
        GrpoConfig config = GrpoConfig.builder(harness.model("policy"), prompts)
                .rewardModel(harness.model("reward"))
                .beta(0.1)
                .numGenerations(2)
                .numIterations(2)
                .maxCompletionLength(8)
                .training(training(3, 3))
                .build();
        StageOutput here = run("here", config);
        harness.computeOn(kernels -> new IsolatedCluster(kernels, 3));

        assertThat(run("there", config).lines()).isEqualTo(here.lines());
    }

    @Test
    void cuttingAStepIntoMicroBatchesChangesNothing() {
        GrpoConfig config = config(2).topEntropyQuantile(0.5).beta(0.1).build();
        StageOutput whole = run("whole", config);
        StageOutput cut = run(
                "cut",
                config.toBuilder()
                        .training(config.training().with(AdamWConfig.DEFAULT.withMicroBatchTokens(40)))
                        .build());

        for (String metric : List.of("loss", "grad_norm", "entropy", "kl")) {
            assertThat(cut.metric(metric).get(0))
                    .as(metric)
                    .isCloseTo(whole.metric(metric).get(0), within(1e-5));
        }
    }

    @Test
    void storedResponsesAreLearntFromInTheOrderOfTheirFile() {
        harness.write("stored.jsonl", STORED + "\n" + STORED.replace("7, 8", "10") + "\n");
        GrpoConfig config = GrpoConfig.replaying(
                        harness.model("policy"),
                        DatasetSpec.of(folder.resolve("stored.jsonl").toString()))
                .numGenerations(2)
                .training(training(1, 3).toBuilder().shuffle(false).build())
                .build();
        StageOutput output = run("stored", config);

        assertThat(output.metric("completions/max_length")).containsExactly(2.0, 1.0, 2.0);
        assertThat(output.metric("reward")).containsExactly(0.5, 0.5, 0.5);
        assertThat(output.metric("reward_std").get(0)).isCloseTo(Math.sqrt(0.5), within(1e-12));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{\"prompt_ids\": [5]} # completions must be num_generations = 2, but are 0",
                "{\"completions\": []} # prompt_ids must be a list of one token at least, but is missing",
                "{\"prompt_ids\": [5, 100000]} # prompt_ids must be tokens of the model, 0 to 279, but has 100000",
                "{\"prompt_ids\": [18446744073709551617]} # prompt_ids must be tokens of the model, 0 to 279, but has 18446744073709551617",
                "{\"prompt_ids\": [5], \"completions\": [{\"ids\": [6]}]} # completions.reward must be a finite number, but is missing",
                "{\"prompt_ids\": [5], \"completions\": [{\"ids\": [6], \"reward\": 1, \"log_probs\": [-1, -2]}]} # completions.log_probs must be one a token of 1, but are 2",
                "{\"prompt_ids\": [5], \"completions\": [{\"ids\": [6], \"reward\": 1, \"log_probs\": [1]}]} # completions.log_probs must be numbers <= 0, but has 1"
            })
    void aMistakeInStoredResponsesIsNamedWithItsLine(String rowAndMessage) {
        String[] parts = rowAndMessage.split(" # ", 2);
        harness.write("stored.jsonl", STORED + "\n" + parts[0] + "\n");
        GrpoConfig config = GrpoConfig.replaying(
                        harness.model("policy"),
                        DatasetSpec.of(folder.resolve("stored.jsonl").toString()))
                .numGenerations(2)
                .training(training(1, 3).toBuilder().shuffle(false).build())
                .build();

        assertThatThrownBy(() -> run("stored", config))
                .isInstanceOf(UserError.class)
                .hasMessageContaining("stored.jsonl line 2: " + parts[1]);
    }

    @Test
    void anUnknownRewardFunctionIsRefused() {
        GrpoConfig config = config(1).rewardFunction("wit").build();

        assertThatThrownBy(() -> run("grpo", config))
                .isInstanceOf(UserError.class)
                .hasMessage(
                        "unknown reward_function wit; available: cosine_scaled, exact_match, format, json_schema, language, length, letters, numeric, regex, repetition");
    }
}
