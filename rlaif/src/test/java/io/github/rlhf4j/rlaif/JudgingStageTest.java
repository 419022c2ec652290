package io.github.rlhf4j.rlaif;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.google.inject.AbstractModule;
import io.github.rlhf4j.core.UserError;
import io.github.rlhf4j.core.stage.CheckpointConfig;
import io.github.rlhf4j.core.stage.ConfigException;
import io.github.rlhf4j.core.stage.Steps;
import io.github.rlhf4j.datasets.DatasetSpec;
import io.github.rlhf4j.judge.Judge;
import io.github.rlhf4j.judge.JudgeBinder;
import io.github.rlhf4j.judge.JudgeConfig;
import io.github.rlhf4j.judge.JudgePromptConfig;
import io.github.rlhf4j.judge.LocalConfig;
import io.github.rlhf4j.judge.OpenAiConfig;
import io.github.rlhf4j.testing.Fault;
import io.github.rlhf4j.testing.FaultyServer;
import io.github.rlhf4j.testing.StageHarness;
import io.github.rlhf4j.testing.StageOutput;
import io.github.rlhf4j.testing.TinyData;
import io.github.rlhf4j.testing.TinyModel;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The whole stage on a random model, with a judge that prefers short responses. */
class JudgingStageTest {
    private static final String PAIR = "{\"prompt\": \"%s\", \"chosen\": \"It is.\", \"rejected\": \"No.\"}";
    private static final String RANKING =
            "{\"prompt\": \"%s\", \"responses\": [\"It is.\", \"No.\", \"Who knows?\"], \"ranks\": [1, 2, 3]}";
    private static final Steps EVERY_STEP =
            new Steps(3, 1, CheckpointConfig.every(1).keeping(1));

    @TempDir
    private Path folder;

    private StageHarness harness;

    @BeforeEach
    void makeModel() {
        harness = new StageHarness(folder, new RlaifModule(), new AbstractModule() {
            @Override
            protected void configure() {
                JudgeBinder.judgeBinder(binder()).bind("fallible", Fallible.class);
            }
        });
        harness.model("policy", TinyModel.llama().context(512));
    }

    /** Has too few ranks for what is about snow. */
    static final class Fallible implements Judge {
        @Override
        public List<List<Integer>> rank(List<Question> questions) {
            return questions.stream()
                    .map(question -> IntStream.rangeClosed(
                                    1,
                                    question.prompt().contains("snow")
                                            ? 1
                                            : question.responses().size())
                            .boxed()
                            .toList())
                    .toList();
        }
    }

    private static JudgeConfig judge(FaultyServer server) {
        return JudgeConfig.of(OpenAiConfig.of(server.url("/v1"), "short"));
    }

    private JudgingConfigBuilder config(JudgeConfig judge) {
        return JudgingConfig.builder(harness.model("policy"), harness.data(TinyData.PROMPTS), judge)
                .answers(AnswerConfig.of(10))
                .steps(EVERY_STEP);
    }

    private static List<JsonNode> rows(StageOutput output, String file) throws IOException {
        List<JsonNode> rows = new ArrayList<>();
        for (String line : Files.readAllLines(output.directory().resolve("data").resolve(file))) {
            rows.add(new ObjectMapper().readTree(line));
        }
        return rows;
    }

    @Test
    void leavesPairsWithTheResponseThatTheJudgePrefers() throws IOException {
        try (FaultyServer server = ShortReplies.server()) {
            JudgingConfig config = config(judge(server)).build();
            StageOutput output = harness.run("judge", JudgingStage.class, config);
            List<JsonNode> rows = rows(output, "pairs.jsonl");

            assertThat(rows).hasSizeBetween(6, 12).allSatisfy(row -> {
                assertThat(row.path("chosen").asText().strip())
                        .hasSizeLessThan(row.path("rejected").asText().strip().length());
                assertThat(row.path("probability").asDouble()).isEqualTo(1);
            });
            assertThat(output.samples()).hasSize(12 - missing(output));
            assertThat(output.metrics().get(0).has("loss")).isFalse();
            assertThat(output.summary().path("metrics").path("rows_written").asInt())
                    .isEqualTo(rows.size());
            assertThat(harness.instance(JudgingStage.class).dataFormat(config)).contains("preference");
        }
    }

    /** Prompts whose responses were the same or empty. */
    private static int missing(StageOutput output) {
        return (int) Math.round(12
                * output.summary()
                        .path("metrics")
                        .path("judge/nothing_to_choose")
                        .asDouble());
    }

    @Test
    void aResumedStageAsksNothingTwiceAndLeavesTheSameRows() throws IOException {
        try (FaultyServer server = ShortReplies.server()) {
            JudgingConfig config = config(judge(server))
                    .evalDataset(harness.data(TinyData.PAIRS))
                    .build();
            StageOutput unbroken = harness.run("unbroken", JudgingStage.class, config);
            int asked = server.requests().size();
            harness.killAfter(2, "broken", JudgingStage.class, config);
            server.next(Fault.status(503), Fault.cut());
            StageOutput resumed = harness.resume("broken", JudgingStage.class, config);

            assertThat(resumed.lines()).isEqualTo(unbroken.lines());
            assertThat(rows(resumed, "pairs.jsonl")).isEqualTo(rows(unbroken, "pairs.jsonl"));
            assertThat(resumed.summary().path("metrics"))
                    .isEqualTo(unbroken.summary().path("metrics"));
            assertThat(server.requests()).hasSize(2 * asked + 2);
        }
    }

    @Test
    void measuresHowFarTheJudgeAgreesWithLabels() {
        try (FaultyServer server = ShortReplies.server()) {
            JudgingConfig config = JudgingConfig.ofResponses(harness.data(TinyData.PAIRS), judge(server))
                    .steps(EVERY_STEP)
                    .build();
            JsonNode agreement =
                    harness.run("judge", JudgingStage.class, config).summary().path("agreement");

            assertThat(agreement.path("pairs").asInt()).isEqualTo(12);
            assertThat(agreement.path("accuracy").asDouble()).isEqualTo(1); // chosen responses are the shorter ones
            assertThat(agreement.path("kappa").asDouble()).isEqualTo(1);
            assertThat(agreement.path("first_shown_preferred").asDouble()).isEqualTo(0.5);
            assertThat(agreement.path("consistency").asDouble()).isEqualTo(1);
            assertThat(harness.said()).anyMatch(line -> line.contains("agrees with 1.000"));
        }
    }

    @Test
    void severalAnswersBecomeARanking() throws IOException {
        try (FaultyServer server = ShortReplies.server()) {
            JudgingConfig config = config(judge(server)).numGenerations(3).build();
            StageOutput output = harness.run("judge", JudgingStage.class, config);

            assertThat(rows(output, "rankings.jsonl")).isNotEmpty().allSatisfy(row -> {
                int best = row.path("ranks").path(0).asInt() == 1
                        ? 0
                        : row.path("ranks").path(1).asInt() == 1 ? 1 : 2;
                row.path("responses")
                        .forEach(
                                response -> assertThat(response.asText().strip().length())
                                        .isGreaterThanOrEqualTo(row.path("responses")
                                                .path(best)
                                                .asText()
                                                .strip()
                                                .length()));
            });
        }
    }

    @Test
    void aModelOfOursCanBeTheJudge() throws IOException {
        JudgePromptConfig prompts = new JudgePromptConfig(
                Optional.empty(), List.of(), Optional.of("{prompt} {response0} or {response1}?"), List.of("yes", "no"));
        JudgeConfig judge =
                JudgeConfig.of(LocalConfig.of(harness.model("policy"))).asking(prompts);
        JudgingConfig config = config(judge).build();
        StageOutput output = harness.run("judge", JudgingStage.class, config);

        assertThat(rows(output, "pairs.jsonl"))
                .isNotEmpty()
                .allSatisfy(
                        row -> assertThat(row.path("probability").asDouble()).isBetween(0.5, 1.0));
    }

    @Test
    void aJudgeWithoutAnyVerdictIsAnErrorThatNamesIt() {
        try (FaultyServer server = ShortReplies.server()) {
            server.always(Fault.body("{\"choices\": [{\"message\": {\"content\": \"Both are fine.\"}}]}"));
            assertThatThrownBy(() -> harness.run(
                            "judge", JudgingStage.class, config(judge(server)).build()))
                    .isInstanceOf(UserError.class)
                    .hasMessageContaining("short at http://127.0.0.1")
                    .hasMessageContaining("samples.jsonl");
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {PAIR, RANKING})
    void aBoundJudgeThatFailsNamesTheRowOfItsQuestion(String row) {
        DatasetSpec wrong =
                TinyData.write(folder.resolve("wrong.jsonl"), List.of(row.formatted("Sky?"), row.formatted("snow?")));
        JudgeConfig judge = JudgeConfig.named("fallible");
        List<JudgingConfig> configs = List.of(
                JudgingConfig.ofResponses(wrong, judge).steps(EVERY_STEP).build(),
                JudgingConfig.ofResponses(harness.data(TinyData.PAIRS), judge)
                        .evalDataset(wrong)
                        .steps(EVERY_STEP)
                        .build());

        for (JudgingConfig config : configs) {
            assertThatThrownBy(() -> harness.run("judge" + configs.indexOf(config), JudgingStage.class, config))
                    .isInstanceOf(UserError.class)
                    .hasMessageStartingWith("judge fallible must give ")
                    .hasMessageContaining("but gave [1] for the prompt \"snow?\"")
                    .hasMessageEndingWith("; from " + folder.resolve("wrong.jsonl") + ":2");
        }
    }

    @Test
    void keysOfAModelThatAnswersDoNothingWithoutOne() {
        DatasetSpec pairs = harness.data(TinyData.PAIRS);
        JudgeConfig judge = JudgeConfig.named("mine");
        assertThatThrownBy(() -> JudgingConfig.ofResponses(pairs, judge)
                        .numGenerations(2)
                        .build())
                .isInstanceOf(ConfigException.class)
                .hasMessageStartingWith("num_generations");
        assertThatThrownBy(() -> JudgingConfig.ofResponses(pairs, judge)
                        .answers(AnswerConfig.of(3))
                        .build())
                .hasMessageStartingWith("max_new_tokens");
        assertThatThrownBy(() -> config(judge).minConfidence(0.4).build()).hasMessageStartingWith("min_confidence");
        assertThatThrownBy(() -> config(judge).numGenerations(1).build()).hasMessageStartingWith("num_generations");
        assertThatThrownBy(() ->
                        harness.run("judge", JudgingStage.class, config(judge).build()))
                .hasMessage("unknown judge mine; available: fallible");
    }
}
