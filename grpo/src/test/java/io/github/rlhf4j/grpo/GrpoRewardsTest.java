package io.github.rlhf4j.grpo;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.google.inject.AbstractModule;
import io.github.rlhf4j.core.model.Head;
import io.github.rlhf4j.core.stage.CheckpointConfig;
import io.github.rlhf4j.core.stage.LearningRateConfig;
import io.github.rlhf4j.core.stage.StepsConfig;
import io.github.rlhf4j.core.stage.TrainingConfig;
import io.github.rlhf4j.datasets.DatasetSpec;
import io.github.rlhf4j.rollout.RewardBinder;
import io.github.rlhf4j.rollout.RewardEntry;
import io.github.rlhf4j.rollout.RewardFunction;
import io.github.rlhf4j.testing.Fault;
import io.github.rlhf4j.testing.FaultyServer;
import io.github.rlhf4j.testing.StageHarness;
import io.github.rlhf4j.testing.StageOutput;
import io.github.rlhf4j.testing.TinyData;
import io.github.rlhf4j.testing.TinyModel;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.OptionalDouble;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The stage with a list of rewards: functions, models, a server. */
class GrpoRewardsTest {
    @TempDir
    private Path folder;

    private StageHarness harness;
    private DatasetSpec prompts;

    private final FaultyServer server = FaultyServer.answering(question -> {
        ArrayNode scores = JsonNodeFactory.instance.arrayNode();
        question.path("completions")
                .forEach(completion -> scores.add(completion.asText().length() % 7));
        return scores;
    });

    @BeforeEach
    void makeModelsAndPrompts() {
        harness = new StageHarness(folder, new GrpoModule(), new AbstractModule() {
            @Override
            protected void configure() {
                RewardBinder.rewardBinder(binder())
                        .bind("tokens", RewardFunction.each(RewardFunction.Answer::tokens))
                        .bind(
                                "even",
                                RewardFunction.orNone(
                                        answer -> answer.response().length() % 2 == 0
                                                ? OptionalDouble.of(
                                                        answer.response().length())
                                                : OptionalDouble.empty()));
            }
        });
        harness.model("policy", TinyModel.llama());
        prompts = harness.data(TinyData.PROMPTS);
    }

    @AfterEach
    void close() {
        server.close();
    }

    private GrpoConfigBuilder config(int steps, RewardEntry... rewards) {
        return GrpoConfig.builder(harness.model("policy"), prompts)
                .rewards(rewards)
                .numGenerations(4)
                .maxCompletionLength(8)
                .training(TrainingConfig.of(LearningRateConfig.constant(3e-3), StepsConfig.of(3, steps)));
    }

    private StageOutput run(String name, GrpoConfig config) {
        return harness.run(name, GrpoStage.class, config);
    }

    @Test
    void theScoreIsTheWeightedSumAndEachRewardIsLogged() {
        harness.model("judge1", TinyModel.llama().head(Head.SCALAR));
        StageOutput output = run(
                "sum",
                config(
                                2,
                                RewardEntry.function("tokens").weight(0.5),
                                RewardEntry.http(server.url("/")).weight(-2).named("server"),
                                RewardEntry.model(harness.model("judge1"), harness.model("judge1"))
                                        .aggregate(RewardEntry.Aggregate.UNCERTAINTY)
                                        .named("two"))
                        .build());
        for (JsonNode sample : output.samples()) {
            JsonNode scores = sample.path("scores");
            assertThat(scores.path("tokens").asDouble())
                    .isEqualTo(sample.path("length").asDouble());
            assertThat(sample.path("score").asDouble())
                    .isCloseTo(
                            0.5 * scores.path("tokens").asDouble()
                                    - 2 * scores.path("server").asDouble()
                                    + scores.path("two").asDouble(),
                            within(1e-9));
        }
        assertThat(output.metrics().get(0).has("rewards/server/mean")).isTrue();
        assertThat(output.metrics().get(0).has("rewards/two/std")).isTrue();
    }

    @Test
    void aStoppedRunThatGoesOnAsksNothingTwiceAndHasTheSameBytes() throws IOException {
        GrpoConfig config = config(4, RewardEntry.http(server.url("/")).batches(5, 2))
                .stepsPerGeneration(1)
                .training(TrainingConfig.of(LearningRateConfig.constant(3e-3), StepsConfig.of(3, 4))
                        .with(CheckpointConfig.every(2)))
                .build();
        StageOutput whole = run("whole", config);
        int asked = server.requests().stream()
                .mapToInt(body -> body.path("prompts").size())
                .sum();

        StageOutput broken = resumed(config);
        int askedAgain = server.requests().stream()
                        .mapToInt(body -> body.path("prompts").size())
                        .sum()
                - asked;
        assertThat(askedAgain).isEqualTo(asked);
        assertThat(broken.weights()).isEqualTo(whole.weights());
        assertThat(broken.lines()).isEqualTo(whole.lines());
        assertThat(Files.readAllBytes(broken.directory().resolve("answers/http.jsonl")))
                .isEqualTo(Files.readAllBytes(whole.directory().resolve("answers/http.jsonl")));
    }

    /** Killed after the third step; the last checkpoint is the second's, so the third is made again. */
    private StageOutput resumed(GrpoConfig config) {
        harness.killAfter(3, "broken", GrpoStage.class, config);
        return harness.resume("broken", GrpoStage.class, config);
    }

    @Test
    void aResponseWithoutAScoreLeavesItsGroup() {
        StageOutput output = run("even", config(2, RewardEntry.function("even")).build());
        assertThat(output.samples())
                .anyMatch(sample -> sample.path("score").isNull())
                .anyMatch(sample -> sample.path("score").isNumber());
        for (int group = 0; group < output.samples().size(); group += 4) {
            int first = group;
            double[] scored = IntStream.range(0, 4)
                    .mapToObj(i -> output.samples().get(first + i))
                    .filter(sample -> sample.path("score").isNumber())
                    .mapToDouble(sample -> sample.path("score").asDouble())
                    .toArray();
            double mean = IntStream.range(0, scored.length)
                    .mapToDouble(i -> scored[i])
                    .average()
                    .orElse(0);
            for (int i = 0; i < 4; i++) {
                JsonNode sample = output.samples().get(group + i);
                double advantage = sample.path("advantage").asDouble();
                if (sample.path("score").isNull() || scored.length == 1) {
                    assertThat(advantage).isZero();
                } else {
                    assertThat(Math.signum(advantage))
                            .isEqualTo(Math.signum(sample.path("score").asDouble() - mean));
                }
            }
        }
    }

    @Test
    void aServerThatFailsLeavesResponsesOutWhereThatIsWanted() {
        server.next(Fault.status(404));
        StageOutput output = run(
                "fails",
                config(
                                1,
                                RewardEntry.http(server.url("/")).batches(6, 1).patience(5, RewardEntry.OnFailure.NONE),
                                RewardEntry.function("tokens"))
                        .build());
        assertThat(output.samples()).anyMatch(sample -> sample.path("score").isNull());
        assertThat(harness.said())
                .anyMatch(line ->
                        line.matches("warning: .*reward http failed on [0-9]+ of 12 responses, which have no score"));
    }

    @Test
    void eachRewardCanBeScaledByItself() {
        GrpoConfigBuilder config = config(
                1, RewardEntry.function("tokens"), RewardEntry.function("even").weight(0.1));
        StageOutput output = run(
                "each",
                config.multiObjectiveAggregation(MultiObjectiveAggregation.NORMALIZE_THEN_SUM)
                        .build());
        double sum = output.samples().stream()
                .mapToDouble(sample -> sample.path("advantage").asDouble())
                .sum();
        assertThat(sum).isCloseTo(0, within(1e-9));
    }
}
