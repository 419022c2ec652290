package io.github.rlhf4j.bestofn;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.google.inject.AbstractModule;
import io.github.rlhf4j.core.UserError;
import io.github.rlhf4j.core.stage.AdapterConfig;
import io.github.rlhf4j.core.stage.ConfigException;
import io.github.rlhf4j.core.stage.ModelReference;
import io.github.rlhf4j.core.tensor.WeightType;
import io.github.rlhf4j.datasets.DataRecord;
import io.github.rlhf4j.datasets.DatasetSpec;
import io.github.rlhf4j.datasets.Datasets;
import io.github.rlhf4j.datasets.PreferencePair;
import io.github.rlhf4j.datasets.PromptCompletion;
import io.github.rlhf4j.datasets.Ranking;
import io.github.rlhf4j.datasets.RecordSet;
import io.github.rlhf4j.rollout.RewardBinder;
import io.github.rlhf4j.rollout.RewardEntry;
import io.github.rlhf4j.rollout.RewardFunction;
import io.github.rlhf4j.rollout.SamplingConfig;
import io.github.rlhf4j.testing.IsolatedCluster;
import io.github.rlhf4j.testing.StageHarness;
import io.github.rlhf4j.testing.StageOutput;
import io.github.rlhf4j.testing.TinyData;
import io.github.rlhf4j.testing.TinyModel;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalDouble;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The whole stage on a random model of two layers, whose answers are better the more letters they have. */
class BestOfNStageTest {
    @TempDir
    private Path folder;

    private StageHarness harness;
    private DatasetSpec prompts;

    @BeforeEach
    void makeModelAndPrompts() {
        harness = new StageHarness(folder, new BestOfNModule(), new AbstractModule() {
            @Override
            protected void configure() {
                RewardBinder.rewardBinder(binder())
                        .bind("letters", RewardFunction.each(BestOfNStageTest::letters))
                        .bind("constant", RewardFunction.each(answer -> 1))
                        .bind(
                                "sometimes",
                                RewardFunction.orNone(answer -> answer.prompt().contains("is it red")
                                        ? OptionalDouble.empty()
                                        : OptionalDouble.of(1)))
                        .bind("breaks", RewardFunction.each(BestOfNStageTest::broken));
            }
        });
        harness.model("policy", TinyModel.llama());
        prompts = harness.data(TinyData.PROMPTS);
    }

    private static double letters(RewardFunction.Answer answer) {
        String text = answer.response();
        return (double) text.chars().filter(Character::isLetter).count() / Math.max(1, text.length());
    }

    private static double broken(RewardFunction.Answer answer) {
        if (answer.prompt().contains("is it blue")) {
            throw new IllegalStateException("no table");
        }
        return 1;
    }

    private BestOfNConfigBuilder config() {
        return BestOfNConfig.builder(harness.model("policy"), prompts.withLimit(6))
                .rewardFunction("letters")
                .numGenerations(4)
                .sampling(SamplingConfig.of(12, 1))
                .training(keys -> keys.batchSize(4));
    }

    private StageOutput run(String name, BestOfNConfig config) {
        return harness.run(name, BestOfNStage.class, config);
    }

    private Path rows(StageOutput output) {
        return output.directory().resolve("data").resolve("rows.jsonl");
    }

    private static List<JsonNode> lines(Path file) throws IOException {
        List<JsonNode> lines = new ArrayList<>();
        for (String line : Files.readAllLines(file)) {
            lines.add(new ObjectMapper().readTree(line));
        }
        return lines;
    }

    private <T extends DataRecord> List<T> records(StageOutput output, Class<T> type) {
        try (RecordSet<T> records =
                Datasets.ofFiles().open(DatasetSpec.of(rows(output).toString()), type, 1)) {
            return records.stream().toList();
        }
    }

    @Test
    void theBestOfEachPromptIsADemonstration() throws IOException {
        StageOutput output = run("best", config().build());

        assertThat(records(output, PromptCompletion.class)).hasSize(6);
        List<JsonNode> samples = output.samples();
        assertThat(samples).hasSize(24);
        List<JsonNode> lines = lines(rows(output));
        for (int prompt = 0; prompt < 6; prompt++) {
            List<JsonNode> group = samples.subList(4 * prompt, 4 * prompt + 4);
            double most = group.stream()
                    .mapToDouble(sample -> sample.path("score").asDouble())
                    .max()
                    .orElseThrow();
            assertThat(lines.get(prompt).path("score").asDouble()).isEqualTo(most);
            assertThat(group.stream().filter(sample -> sample.path("best").asBoolean()))
                    .hasSize(1);
        }
        assertThat(output.metric("kept")).containsExactly(1.0, 1.0);
        assertThat(output.metrics().get(0).has("loss")).isFalse();
        assertThat(output.directory().resolve("model")).doesNotExist();
    }

    @Test
    void theBestAndTheWorstAreAPair() throws IOException {
        StageOutput output = run("pairs", config().select(Select.BEST_AND_WORST).build());

        assertThat(records(output, PreferencePair.class)).isNotEmpty();
        for (JsonNode line : lines(rows(output))) {
            assertThat(line.path("score_chosen").asDouble())
                    .isGreaterThan(line.path("score_rejected").asDouble());
        }
    }

    @Test
    void allAreARanking() {
        StageOutput output = run("rankings", config().select(Select.ALL).build());

        for (Ranking ranking : records(output, Ranking.class)) {
            assertThat(ranking.ranks()).contains(1).hasSameSizeAs(ranking.responses());
        }
    }

    @Test
    void promptsWithoutAGoodOrAWorseResponseGiveNoRow() throws IOException {
        StageOutput poor = run("poor", config().minReward(2).build());
        StageOutput flat = run(
                "flat",
                config().rewardFunction("constant")
                        .select(Select.BEST_AND_WORST)
                        .build());

        assertThat(lines(rows(poor))).isEmpty();
        assertThat(poor.metric("kept")).containsExactly(0.0, 0.0);
        assertThat(lines(rows(flat))).isEmpty();
        assertThat(flat.metric("frac_reward_zero_std")).containsExactly(1.0, 1.0);
    }

    @Test
    void theCurveRisesAndIsMeasured() {
        JsonNode summary =
                run("curve", config().accuracyFunction("constant").build()).summary();

        JsonNode metrics = summary.path("metrics");
        assertThat(metrics.path("best_of_1/reward").asDouble())
                .isLessThan(metrics.path("best_of_2/reward").asDouble());
        assertThat(metrics.path("best_of_2/reward").asDouble())
                .isLessThan(metrics.path("best_of_4/reward").asDouble());
        assertThat(metrics.path("best_of_4/accuracy").asDouble()).isEqualTo(1);
        assertThat(summary.at("/curve/points/2/n").asInt()).isEqualTo(4);
        assertThat(summary.at("/curve/points/2/reward_se").asDouble()).isPositive();
    }

    @Test
    void promptsThatTheFunctionSaysNothingOfAreNotInTheAccuracy() {
        StageOutput output = run("some", config().accuracyFunction("sometimes").build());

        assertThat(output.summary().at("/metrics/best_of_4~1accuracy").asDouble())
                .isEqualTo(1);
        assertThat(output.summary().at("/curve/points/2/prompts").asInt()).isEqualTo(6);
        assertThat(output.summary().at("/curve/points/2/accuracy_prompts").asInt())
                .isEqualTo(4); // those of red things are not among them
        assertThat(output.samples().get(0).has("accuracy")).isFalse();
        assertThat(output.samples().get(4).path("accuracy").asDouble()).isEqualTo(1);
    }

    @Test
    void aFunctionThatFailsToMeasureIsNamedByItsKeyAndItsRow() {
        assertThatThrownBy(
                        () -> run("breaks", config().accuracyFunction("breaks").build()))
                .isInstanceOf(UserError.class)
                .hasMessageStartingWith("accuracy_function breaks failed on 4 responses: "
                        + "java.lang.IllegalStateException: no table; it fails on ")
                .hasMessageEndingWith("; from " + folder.resolve("prompts.jsonl") + ":3");
    }

    @Test
    void ofSeveralRewardsEachOnesChoiceIsMeasuredOnTheSameSamples() throws IOException {
        BestOfNConfig config = BestOfNConfig.builder(harness.model("policy"), prompts.withLimit(6))
                .rewards(
                        RewardEntry.function("letters"),
                        RewardEntry.function("constant").weight(0))
                .accuracyFunction("letters")
                .numGenerations(4)
                .sampling(SamplingConfig.of(12, 1))
                .training(keys -> keys.batchSize(2).saveSteps(1))
                .build();
        StageOutput output = run("choosers", config);
        JsonNode metrics = output.summary().path("metrics");
        double mean = metrics.path("best_of_1/accuracy").asDouble();

        assertThat(metrics.path("best_of_4/accuracy/letters")).isEqualTo(metrics.path("best_of_4/accuracy"));
        assertThat(metrics.path("best_of_4/accuracy/constant").asDouble()).isCloseTo(mean, within(1e-12));
        assertThat(output.summary().at("/curve/by/constant/2/gain").asDouble())
                .isCloseTo(metrics.path("best_of_4/accuracy").asDouble() - mean, within(1e-12));
        harness.stopAfter(2, "broken", BestOfNStage.class, config);
        assertThat(harness.resume("broken", BestOfNStage.class, config)
                        .summary()
                        .path("curve"))
                .isEqualTo(output.summary().path("curve"));
    }

    @Test
    void roundsMakeItsAnswersBetter() {
        BestOfNConfig config = config().rounds(6)
                .numGenerations(16)
                .training(keys -> keys.batchSize(6).learningRate(2e-2).numTrainEpochs(8))
                .build();
        StageOutput output = run("raft", config);
        List<Double> rewards = output.metric("reward");

        assertThat(rewards).hasSize(6);
        assertThat(rewards.get(5)).isGreaterThan(rewards.get(0) + 0.05);
        assertThat(output.metric("loss")).hasSize(48);
        assertThat(output.weights()).isNotEmpty();
        assertThat(records(output, PromptCompletion.class)).hasSize(36);
        assertThat(output.metric("learning_rate").get(0)).isEqualTo(2e-2);
        assertThat(output.metric("learning_rate").get(47)).isCloseTo(2e-2 / 48, within(1e-12));
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 5, 7})
    void aResumedRunIsTheRunThatWasNeverStopped(long checkpoint) throws IOException {
        BestOfNConfig config = config().rounds(2, 8)
                .adapter(AdapterConfig.DEFAULT)
                .training(keys -> keys.saveSteps(1).maxSteps(2))
                .build(); // 2 steps that sample and 2 that train, twice
        StageOutput unbroken = run("unbroken", config);
        harness.stopAfter(checkpoint, "broken", BestOfNStage.class, config);
        StageOutput resumed = harness.resume("broken", BestOfNStage.class, config);

        assertThat(resumed.lines()).isEqualTo(unbroken.lines());
        assertThat(resumed.weights()).isEqualTo(unbroken.weights());
        assertThat(Files.readAllBytes(rows(resumed))).isEqualTo(Files.readAllBytes(rows(unbroken)));
        assertThat(resumed.summary().path("curve")).isEqualTo(unbroken.summary().path("curve"));
    }

    @Test
    void forwardPassesOnOtherMachinesChangeNothing() {
        StageOutput here = run("here", config().build());
        harness.computeOn(kernels -> new IsolatedCluster(kernels, 3));

        assertThat(run("there", config().build()).lines()).isEqualTo(here.lines());
    }

    @Test
    void weightsInFewerBitsGiveOtherAnswersThatAreTheSameAfterAStopAndOnOtherMachines() {
        BestOfNConfig config = config().rounds(1)
                .sampling(SamplingConfig.of(12, 1).withRolloutWeights(WeightType.INT8))
                .training(keys -> keys.saveSteps(1))
                .build();
        StageOutput unbroken = run("unbroken", config);
        harness.stopAfter(1, "broken", BestOfNStage.class, config);

        assertThat(harness.resume("broken", BestOfNStage.class, config).lines()).isEqualTo(unbroken.lines());
        assertThat(run("plain", config().rounds(1).build()).samples()).isNotEqualTo(unbroken.samples());
        harness.computeOn(kernels -> new IsolatedCluster(kernels, 3));
        assertThat(run("there", config).lines()).isEqualTo(unbroken.lines());
    }

    static Stream<Arguments> mistakes() {
        return Stream.of(
                of("num_generations", builder -> builder.numGenerations(1)),
                of("min_reward", builder -> builder.minReward(Double.NaN)),
                of("missing_eos_penalty", builder -> builder.missingEosPenalty(-1)),
                of("reward_model", builder -> builder.rewardModel(new ModelReference("m", Path.of("m")))),
                of("rounds", builder -> builder.rounds(-1)),
                of("prompts_per_round", builder -> builder.rounds(0, 5)),
                of("prompts_per_round", builder -> builder.rounds(1, -5)),
                of("select", builder -> builder.rounds(1).select(Select.ALL)),
                of("learning_rate", builder -> builder.training(keys -> keys.learningRate(1))),
                of("max_steps", builder -> builder.training(keys -> keys.maxSteps(1))),
                of("num_train_epochs", builder -> builder.training(keys -> keys.numTrainEpochs(2))),
                of("shuffle", builder -> builder.training(keys -> keys.shuffle(false))),
                of("max_grad_norm", builder -> builder.training(keys -> keys.maxGradNorm(2))),
                of("adapter", builder -> builder.adapter(AdapterConfig.DEFAULT)));
    }

    private static Arguments of(String key, UnaryOperator<BestOfNConfigBuilder> mistake) {
        return Arguments.of(key, mistake);
    }

    @ParameterizedTest
    @MethodSource("mistakes")
    void aValueOutOfRangeIsRefusedWithItsKey(String key, UnaryOperator<BestOfNConfigBuilder> mistake) {
        BestOfNConfigBuilder valid = BestOfNConfig.builder(
                        new ModelReference("m", Path.of("m")), DatasetSpec.of("rows.jsonl"))
                .rewardFunction("letters");

        assertThatThrownBy(() -> mistake.apply(valid).build())
                .isInstanceOf(ConfigException.class)
                .hasMessageStartingWith(key + " ");
    }

    @Test
    void mistakesOfNamesAreFoundBeforeARun() {
        assertThatThrownBy(() -> run("a", config().accuracyFunction("wit").build()))
                .isInstanceOf(UserError.class)
                .hasMessageStartingWith("unknown reward_function wit");
        assertThatThrownBy(() -> run("b", config().accuracyFunction("regex").build()))
                .isInstanceOf(UserError.class)
                .hasMessageStartingWith("reward function regex needs the key pattern");
        BestOfNConfig config = config().rounds(2).build();
        assertThat(config.toBuilder().build()).isEqualTo(config);
    }
}
