package io.github.rlhf4j.evaluation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.google.inject.AbstractModule;
import com.google.inject.util.Modules;
import io.github.rlhf4j.core.UserError;
import io.github.rlhf4j.core.cluster.InProcessCluster;
import io.github.rlhf4j.core.files.AtomicFiles;
import io.github.rlhf4j.core.model.Head;
import io.github.rlhf4j.core.stage.ModelReference;
import io.github.rlhf4j.core.tokenizer.BpeTokenizerFiles;
import io.github.rlhf4j.datasets.DatasetSpec;
import io.github.rlhf4j.datasets.SplitSpec;
import io.github.rlhf4j.rollout.RewardBinder;
import io.github.rlhf4j.rollout.RewardFunction;
import io.github.rlhf4j.testing.IsolatedCluster;
import io.github.rlhf4j.testing.SpoiledKernels;
import io.github.rlhf4j.testing.StageHarness;
import io.github.rlhf4j.testing.TinyData;
import io.github.rlhf4j.testing.TinyModel;
import io.github.rlhf4j.world.WorldModule;
import io.github.rlhf4j.world.WorldSize;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Two untrained language models and an untrained reward model in a small world: what is measured, not how good it is. */
class EvaluatorTest {
    private static final int PROMPTS = 6;
    private static final WorldSize SMALL = new WorldSize(20, 20, 10, 10, 10, 10, 12);

    @TempDir
    static Path folder;

    private static StageHarness harness;

    @BeforeAll
    static void writeModels() {
        harness = harness(folder);
        BpeTokenizerFiles tokenizer = TinyModel.tokenizer(270, List.of("Ada lives in Rome. Who lives in Rome?"));
        BpeTokenizerFiles other =
                TinyModel.tokenizer(270, List.of("And now for something else: who eats? Now and then."));
        write("sft", tokenizer, 1, Head.LANGUAGE);
        write("dpo", tokenizer, 2, Head.LANGUAGE);
        write("judge", tokenizer, 3, Head.SCALAR);
        write("foreign", other, 4, Head.LANGUAGE);
    }

    private static StageHarness harness(Path folder) {
        return new StageHarness(
                folder,
                new EvaluateModule(),
                Modules.override(new WorldModule()).with(new AbstractModule() {
                    @Override
                    protected void configure() {
                        bind(WorldSize.class).toInstance(SMALL);
                    }
                }),
                new AbstractModule() {
                    @Override
                    protected void configure() {
                        RewardBinder.rewardBinder(binder())
                                .bind("hangs", EvaluatorTest::hang)
                                .bind("throws", answers -> {
                                    throw new IllegalStateException("no table");
                                })
                                .bind("few", answers -> new double[1])
                                .bind(
                                        "sometimes",
                                        RewardFunction.orNone(
                                                answer -> answer.prompt().startsWith("And")
                                                        ? OptionalDouble.empty()
                                                        : OptionalDouble.of(1)))
                                .bind(
                                        "nan",
                                        RewardFunction.each(
                                                answer -> answer.prompt().startsWith("And") ? Double.NaN : 1));
                    }
                });
    }

    private static void write(String name, BpeTokenizerFiles tokenizer, long seed, Head head) {
        harness.model(
                name,
                TinyModel.llama().tokenizer(tokenizer).seed(seed).head(head).context(256));
    }

    @Test
    void summarisesEveryModelEveryPairAndTheRankings() throws IOException {
        JsonNode summary = evaluate("all", config(DatasetSpec.of("synthetic:eval_prompts"), 2));

        for (String model : List.of("sft", "dpo")) {
            JsonNode metrics = summary.path("models").path(model);
            for (String metric : List.of(
                    "hidden_utility",
                    "invention_rate",
                    "form",
                    "concise",
                    "reward",
                    "kl",
                    "length",
                    "ended",
                    "readable",
                    "win_rate",
                    "distinct_1")) {
                assertThat(metrics.path(metric).path("n").asInt())
                        .as(model + " " + metric)
                        .isEqualTo(PROMPTS);
                assertThat(metrics.path(metric).path("mean").isNumber()).isTrue();
                assertThat(metrics.path(metric).path("se").isNumber()).isTrue();
            }
            assertThat(metrics.path("by_use_case").properties()).isNotEmpty();
        }
        assertThat(summary.at("/models/sft/kl/mean").asDouble()).isZero();
        assertThat(summary.at("/models/sft/win_rate/mean").asDouble()).isEqualTo(0.5);
        double difference = summary.at("/models/dpo/reward/mean").asDouble()
                - summary.at("/models/sft/reward/mean").asDouble();
        assertThat(summary.at("/differences/dpo-sft/reward/mean").asDouble()).isCloseTo(difference, within(1e-9));
        assertThat(summary.at("/differences/sft-dpo/reward/mean").asDouble()).isCloseTo(-difference, within(1e-9));
        JsonNode noisy = summary.path("rankings").path("synthetic:rankings_eval");
        JsonNode exact = summary.path("rankings").path("synthetic:rankings_eval_true");
        assertThat(noisy.at("/accuracy/mean").asDouble()).isBetween(0.0, 1.0);
        assertThat(noisy.at("/hidden_utility_accuracy/mean").asDouble()).isBetween(0.5, 1.0);
        assertThat(exact.at("/hidden_utility_accuracy/mean").asDouble()).isEqualTo(1);
    }

    @Test
    void givesTheSameSummaryAndSamplesAgain() throws IOException {
        EvaluateConfig config = config(DatasetSpec.of("synthetic:eval_prompts"), 1);

        JsonNode first = evaluate("first", config);
        JsonNode second = evaluate("second", config);

        assertThat(second.path("models")).isEqualTo(first.path("models"));
        String samples = Files.readString(folder.resolve("first/samples.jsonl"));
        assertThat(samples).isEqualTo(Files.readString(folder.resolve("second/samples.jsonl")));
        JsonNode sample =
                new ObjectMapper().readTree(samples.lines().findFirst().orElseThrow());
        assertThat(sample.path("prompt").asText()).isNotEmpty();
        assertThat(sample.at("/answers/dpo").has("text")).isTrue();
        assertThat(sample.at("/answers/dpo/hidden_utility").isNumber()).isTrue();
        assertThat(samples.lines()).hasSize(2);
    }

    @Test
    void modelsOnOtherMachinesFindTheSame() throws IOException {
        EvaluateConfig config = config(DatasetSpec.of("synthetic:eval_prompts"), 2);
        JsonNode here = evaluate("here", config);
        harness.computeOn(kernels -> new IsolatedCluster(kernels, 2));
        try {
            assertThat(evaluate("there", config).path("models")).isEqualTo(here.path("models"));
        } finally {
            harness.computeOn(InProcessCluster::new);
        }
    }

    @Test
    void workersMakeItsTokens() throws IOException {
        DatasetSpec prompts = many("many-prompts.jsonl", "{\"prompt\": \"Who lives in house %d?\"}\n");
        DatasetSpec rankings = many(
                "many-pairs.jsonl",
                "{\"prompt\": \"Who lives in house %d?\", \"chosen\": \"Ada.\", \"rejected\": \"Now.\"}\n");
        EvaluateConfig config = config(prompts, 1, List.of(rankings));
        List<String> jobs = new ArrayList<>();
        harness.computeOn(kernels -> new IsolatedCluster(kernels, 2).noting(jobs));
        JsonNode there;
        try {
            there = evaluate("tokens-there", config);
        } finally {
            harness.computeOn(InProcessCluster::new);
        }
        assertThat(jobs).filteredOn("tokens"::equals).hasSize(2); // of both models' prompts, and of the pairs
        AtomicFiles.delete(folder.resolve("cache"));
        JsonNode here = evaluate("tokens-here", config);
        assertThat(there.path("models")).isEqualTo(here.path("models"));
        assertThat(there.path("rankings")).isEqualTo(here.path("rankings"));
    }

    /** More rows than are one chunk, of which an evaluation takes the first. */
    private static DatasetSpec many(String name, String row) throws IOException {
        String rows = IntStream.range(0, 1_500).mapToObj(row::formatted).collect(Collectors.joining());
        Path file = Files.writeString(folder.resolve(name), rows);
        return new DatasetSpec(file.toString(), "", SplitSpec.of("train"), Integer.MAX_VALUE, Map.of());
    }

    @Test
    void hasNoHiddenUtilityOfPromptsFromElsewhere() throws IOException {
        Path file = folder.resolve("prompts.jsonl");
        Files.writeString(file, "{\"prompt\": \"Tell me a joke about tensors.\"}\n{\"prompt\": \"And now?\"}\n");

        JsonNode summary = evaluate("elsewhere", config(DatasetSpec.of(file.toString()), 1));

        assertThat(summary.at("/models/dpo").has("hidden_utility")).isFalse();
        assertThat(summary.at("/models/dpo").has("by_use_case")).isFalse();
        assertThat(summary.at("/models/dpo/reward/n").asInt()).isEqualTo(2);
        assertThat(summary.at("/models/dpo/win_rate/n").asInt()).isEqualTo(2);
    }

    @Test
    void comparesManyNamedModelsInATableAndWarnsOnceForAll() throws IOException {
        Path file = folder.resolve("long.jsonl");
        Files.writeString(
                file, "{\"prompt\": \"" + "Who lives in Rome? ".repeat(60) + "\"}\n{\"prompt\": \"And now?\"}\n");
        List<ModelReference> models = Stream.of("a", "b", "c", "d")
                .map(name -> model(name.equals("c") ? "dpo" : "sft").named(name))
                .toList();
        EvaluateConfig config = new EvaluateConfig(
                models,
                Optional.of(DatasetSpec.of(file.toString())),
                Optional.of("b"),
                Optional.of(model("judge")),
                List.of(),
                new AnswerSampling(8, true, 1, 1, 0, 0, 1),
                Optional.empty(),
                0,
                2);
        JsonNode summary = evaluate("many", config);
        List<String> said = harness.said();

        assertThat(said.stream().filter(line -> line.contains("prompt cut"))).hasSize(1);
        assertThat(said).noneMatch(line -> line.contains("paired over") && line.contains(" - "));
        int table = said.indexOf("[many] differences of reward, paired over 2 prompts");
        assertThat(said.get(table + 1)).contains("less b");
        assertThat(said.subList(table + 2, table + 6))
                .extracting(line -> line.charAt("[many] ".length()))
                .containsExactlyInAnyOrder('a', 'b', 'c', 'd');
        assertThat(said).anyMatch(line -> line.contains("it is no estimate of KL"));
        assertThat(summary.at("/differences").size()).isEqualTo(12);
        assertThat(summary.at("/differences/a-b/reward/mean").asDouble()).isZero(); // the same model, greedily
        assertThat(summary.at("/baseline/model").asText()).isEqualTo("b");
    }

    @Test
    void measuresNoKlOfAnotherTokenizerAndLetsTheJudgeReadItsAnswersAsText() throws IOException {
        Path file = folder.resolve("two.jsonl");
        Files.writeString(file, "{\"prompt\": \"Who lives in Rome?\"}\n{\"prompt\": \"And now?\"}\n");
        EvaluateConfig config = new EvaluateConfig(
                List.of(model("sft"), model("foreign")),
                Optional.of(DatasetSpec.of(file.toString())),
                Optional.empty(),
                Optional.of(model("judge")),
                List.of(),
                new AnswerSampling(8, false, 1, 1, 0, 0, 1),
                Optional.empty(),
                0,
                0);
        JsonNode summary = evaluate("two-tokenizers", config);
        List<String> said = harness.said();

        assertThat(said)
                .anyMatch(line -> line.contains("no kl of foreign: its tokenizer is not that of the baseline sft"));
        assertThat(summary.at("/models/foreign").has("kl")).isFalse();
        assertThat(summary.at("/models/sft/kl/mean").asDouble()).isZero();
        assertThat(summary.at("/models/foreign/reward/n").asInt()).isEqualTo(2);
        assertThat(summary.at("/models/foreign/win_rate/n").asInt()).isEqualTo(2);
    }

    @Test
    void aProgramScoresAnswersThatSeeTheirRowsColumns() throws IOException {
        Path file = folder.resolve("checked.jsonl");
        Files.writeString(
                file,
                "{\"prompt\": \"Who lives in Rome?\", \"answer\": \"nobody\"}\n{\"prompt\": \"And now?\", \"answer\": \"nothing\"}\n");
        EvaluateConfig config = new EvaluateConfig(
                List.of(model("sft"), model("dpo")),
                Optional.of(DatasetSpec.of(file.toString())),
                Optional.empty(),
                Optional.empty(),
                List.of(),
                new VerifierConfig(Optional.of("exact_match"), OptionalDouble.of(60), List.of(1, 4)),
                new AnswerSampling(4, false, 1, 1, 0, 0, 4),
                Optional.empty(),
                0,
                1);
        JsonNode sft = evaluate("checked", config).at("/models/sft");

        assertThat(sft.at("/exact_match/n").asInt()).isEqualTo(2);
        assertThat(sft.at("/pass@1/mean").asDouble())
                .isEqualTo(sft.at("/exact_match/mean").asDouble());
        assertThat(sft.at("/pass@4/mean").asDouble())
                .isGreaterThanOrEqualTo(sft.at("/pass@1/mean").asDouble());
        assertThat(harness.said()).anyMatch(line -> line.contains("exact_match") && line.contains("pass@4"));
        assertThat(harness.said()).anyMatch(line -> line.contains("dpo - sft: exact_match"));
    }

    @Test
    void promptsThatTheProgramSaysNothingOfAreNotInItsNumbers() throws IOException {
        EvaluateConfig config = ofTwoPrompts(
                "some.jsonl", new VerifierConfig(Optional.of("sometimes"), OptionalDouble.empty(), List.of(2)));
        JsonNode sft = evaluate("some", config).at("/models/sft");

        assertThat(sft.at("/sometimes/n").asInt()).isEqualTo(1);
        assertThat(sft.at("/pass@2/n").asInt()).isEqualTo(1);
        assertThat(sft.at("/length/n").asInt()).isEqualTo(2);
    }

    @ParameterizedTest
    @CsvSource({
        "hangs, failed on 4 responses: took longer than its timeout of 0.3 s; its rows are , wrong.jsonl:2",
        "throws, failed on 4 responses: java.lang.IllegalStateException: no table; it fails on , wrong.jsonl:1",
        "nan, 'must return finite scores, but returned NaN for ', wrong.jsonl:2",
        "few, 'must return one score for each of 4 responses, but returned 1; its rows are ', wrong.jsonl:2"
    })
    void aFunctionThatHangsThrowsOrGivesNoNumbersEndsTheStageWithItsRows(String function, String what, String row)
            throws IOException {
        OptionalDouble timeout = function.equals("hangs") ? OptionalDouble.of(0.3) : OptionalDouble.empty();
        EvaluateConfig config =
                ofTwoPrompts("wrong.jsonl", new VerifierConfig(Optional.of(function), timeout, List.of()));

        assertThatThrownBy(() -> evaluate("wrong-" + function, config))
                .isInstanceOf(UserError.class)
                .hasMessageStartingWith("reward_function " + function + " " + what)
                .hasMessageContaining(row)
                .hasMessageNotContaining("on_failure");
    }

    /** Two answers of sft to each of two prompts, which a program looks at. */
    private static EvaluateConfig ofTwoPrompts(String name, VerifierConfig verifier) throws IOException {
        Path file = folder.resolve(name);
        Files.writeString(file, "{\"prompt\": \"Who lives in Rome?\"}\n{\"prompt\": \"And now?\"}\n");
        return new EvaluateConfig(
                List.of(model("sft")),
                Optional.of(DatasetSpec.of(file.toString())),
                Optional.empty(),
                Optional.empty(),
                List.of(),
                verifier,
                new AnswerSampling(4, false, 1, 1, 0, 0, 2),
                Optional.empty(),
                0,
                1);
    }

    /** The judge cannot compute with Z; the models, whose tokens are others, can. */
    @Test
    void rowsWithoutFiniteScoresAreNamedAndNotCounted(@TempDir Path own) {
        StageHarness spoiled = harness(own);
        BpeTokenizerFiles ofJudge = TinyModel.tokenizer(264, List.of("Who is it?"));
        ModelReference judge =
                spoiled.model("judge", TinyModel.llama().tokenizer(ofJudge).head(Head.SCALAR));
        DatasetSpec prompts =
                TinyData.write(own.resolve("p.jsonl"), List.of("{\"prompt\": \"Who?\"}", "{\"prompt\": \"Ze?\"}"));
        DatasetSpec pairs = TinyData.write(
                own.resolve("r.jsonl"),
                List.of(
                        "{\"prompt\": \"Who?\", \"chosen\": \"He.\", \"rejected\": \"It.\"}",
                        "{\"prompt\": \"Who?\", \"chosen\": \"Ze.\", \"rejected\": \"It.\"}"));
        spoiled.computeWith(SpoiledKernels.embeddingOf(SpoiledKernels.Token.of(judge, "Z")));
        EvaluateConfig config = new EvaluateConfig(
                List.of(model("sft")),
                Optional.of(prompts),
                Optional.empty(),
                Optional.of(judge),
                List.of(pairs),
                new AnswerSampling(4, false, 1, 1, 0, 0, 2),
                Optional.empty(),
                0,
                2);
        JsonNode summary = spoiled.run("evaluate", Evaluator.class, config).summary();

        assertThat(summary.at("/models/sft/reward/n").asInt()).isEqualTo(1);
        assertThat(summary.at("/models/sft/reward/mean").asDouble()).isFinite();
        assertThat(summary.path("rankings").path(pairs.path()).at("/accuracy/n").asInt())
                .isEqualTo(1);
        assertThat(spoiled.said())
                .anyMatch(line -> line.contains("gives 2 of 4 answers of sft no finite score")
                        && line.endsWith("; from " + own.resolve("p.jsonl") + ":2"))
                .anyMatch(line -> line.contains("gives 1 of 2 rankings of ") && line.endsWith("r.jsonl:2"));
    }

    /** The judge cannot compute with Z, which is in all rankings. */
    @Test
    void rankingsWithoutAnyFiniteScoreHaveNoEntry(@TempDir Path own) {
        StageHarness spoiled = harness(own);
        BpeTokenizerFiles ofJudge = TinyModel.tokenizer(264, List.of("Who is it?"));
        ModelReference judge =
                spoiled.model("judge", TinyModel.llama().tokenizer(ofJudge).head(Head.SCALAR));
        DatasetSpec wrong = TinyData.write(
                own.resolve("r.jsonl"), List.of("{\"prompt\": \"Who?\", \"chosen\": \"Ze.\", \"rejected\": \"It.\"}"));
        DatasetSpec right = TinyData.write(
                own.resolve("s.jsonl"), List.of("{\"prompt\": \"Who?\", \"chosen\": \"He.\", \"rejected\": \"It.\"}"));
        spoiled.computeWith(SpoiledKernels.embeddingOf(SpoiledKernels.Token.of(judge, "Z")));
        EvaluateConfig config = new EvaluateConfig(
                List.of(),
                Optional.empty(),
                Optional.empty(),
                Optional.of(judge),
                List.of(wrong, right),
                new AnswerSampling(4, false, 1, 1, 0, 0, 2),
                Optional.empty(),
                0,
                2);
        JsonNode summary = spoiled.run("evaluate", Evaluator.class, config).summary();

        assertThat(summary.path("rankings").fieldNames()).toIterable().containsExactly(right.path());
        assertThat(spoiled.said())
                .anyMatch(line -> line.contains("gives 1 of 1 rankings of "))
                .noneMatch(line -> line.contains("r.jsonl: reward model agrees"));
    }

    private static double[] hang(List<RewardFunction.Answer> answers) {
        try {
            Thread.sleep(60_000);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        return new double[answers.size()];
    }

    private static EvaluateConfig config(DatasetSpec dataset, int numSamples) {
        return config(
                dataset,
                numSamples,
                List.of(DatasetSpec.of("synthetic:rankings_eval"), DatasetSpec.of("synthetic:rankings_eval_true")));
    }

    private static EvaluateConfig config(DatasetSpec dataset, int numSamples, List<DatasetSpec> rankings) {
        return new EvaluateConfig(
                List.of(model("sft"), model("dpo")),
                Optional.of(dataset),
                Optional.empty(),
                Optional.of(model("judge")),
                rankings,
                new AnswerSampling(8, false, 1, 1, 0, 0, numSamples),
                Optional.empty(),
                PROMPTS,
                2);
    }

    private static ModelReference model(String name) {
        return harness.model(name);
    }

    /** The stage's entry in summary.json. */
    private static JsonNode evaluate(String name, EvaluateConfig config) {
        harness.said().clear();
        return harness.run(name, Evaluator.class, config).summary();
    }
}
