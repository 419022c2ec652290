package io.github.rlhf4j.web.rollouts;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import io.github.rlhf4j.LanguageModel;
import io.github.rlhf4j.Rlhf4j;
import io.github.rlhf4j.core.CounterRandom;
import io.github.rlhf4j.core.UserError;
import io.github.rlhf4j.core.kernels.cpu.CpuKernels;
import io.github.rlhf4j.core.model.Head;
import io.github.rlhf4j.core.model.LoraConfig;
import io.github.rlhf4j.core.model.Transformer;
import io.github.rlhf4j.datasets.PromptCompletion;
import io.github.rlhf4j.testing.TinyModel;
import io.github.rlhf4j.web.Asked;
import io.github.rlhf4j.web.Json;
import io.github.rlhf4j.web.model.ModelShelf;
import io.github.rlhf4j.web.runs.RunFixture;
import io.github.rlhf4j.web.runs.RunFolders;
import io.github.rlhf4j.world.Part;
import io.github.rlhf4j.world.World;
import io.github.rlhf4j.world.WorldSize;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RolloutsPageTest {
    @TempDir
    Path root;

    private final Rlhf4j engine = Rlhf4j.builder().build();
    private final ModelShelf shelf = new ModelShelf(() -> engine);
    private Asked routes = new Asked(new RolloutsPage(new RunFolders(Path.of("none")), shelf));
    private RunFixture run = new RunFixture(Path.of("target/rollouts-page-test"));

    @BeforeEach
    void open() {
        run = new RunFixture(root.resolve("a")).stage("ppo", "ppo");
        routes = new Asked(new RolloutsPage(new RunFolders(root), shelf));
    }

    @AfterEach
    void close() {
        shelf.close();
        engine.close();
    }

    private static String sample(int step, String prompt, String response, String more) {
        return "{\"step\":%d,\"prompt\":\"%s\",\"response\":\"%s\",%s}".formatted(step, prompt, response, more);
    }

    private void samples(String... lines) {
        run.lines("ppo", "samples.jsonl", lines);
    }

    private JsonNode ask(String path, String... more) {
        Map<String, String> query = new HashMap<>(Map.of("run", "a", "stage", "ppo"));
        for (int i = 0; i < more.length; i += 2) {
            query.put(more[i], more[i + 1]);
        }
        return routes.get(path, query);
    }

    private static List<Integer> rows(JsonNode answer) {
        List<Integer> rows = new ArrayList<>();
        answer.path("rows").forEach(row -> rows.add(row.path("row").asInt()));
        return rows;
    }

    private void six() {
        samples(
                sample(1, "p", "one", "\"score\":0.5,\"scores\":{\"rm\":-1},\"ended\":true"),
                sample(1, "p", "two \\\"é\\\"", "\"score\":null,\"scores\":{\"rm\":null},\"ended\":false"),
                sample(1, "q", "three", "\"score\":-2,\"scores\":{\"rm\":3},\"ended\":true"),
                sample(2, "p", "four", "\"score\":1e-3,\"scores\":{\"rm\":2},\"ended\":true"),
                sample(2, "q", "FIVE", "\"score\":7,\"scores\":{\"rm\":0},\"ended\":false"),
                sample(3, "p", "six", "\"score\":0.5,\"ended\":true"));
    }

    @Test
    void sortsByAnyNumberWithRowsWithoutOneLastAndEqualOnesInTheirOrder() {
        six();
        assertThat(rows(ask("rollouts"))).containsExactly(0, 1, 2, 3, 4, 5);
        assertThat(rows(ask("rollouts", "sort", "score"))).containsExactly(2, 3, 0, 5, 4, 1);
        assertThat(rows(ask("rollouts", "sort", "score", "descending", "true"))).containsExactly(4, 0, 5, 3, 2, 1);
        assertThat(rows(ask("rollouts", "sort", "scores.rm"))).containsExactly(0, 4, 3, 2, 1, 5);
        assertThat(rows(ask("rollouts", "descending", "true"))).containsExactly(5, 4, 3, 2, 1, 0);
    }

    @Test
    void filtersByNumbersTruthAndText() {
        six();
        assertThat(rows(ask("rollouts", "filter", "score >= 0.5"))).containsExactly(0, 4, 5);
        assertThat(rows(ask("rollouts", "filter", "ended = true\nstep < 3"))).containsExactly(0, 2, 3);
        assertThat(rows(ask("rollouts", "filter", "ended != 1"))).containsExactly(1, 4);
        assertThat(rows(ask("rollouts", "text", "five"))).containsExactly(4);
        assertThat(rows(ask("rollouts", "text", "\"é\""))).containsExactly(1);
        JsonNode page = ask("rollouts", "sort", "score", "from", "2", "count", "2");
        assertThat(rows(page)).containsExactly(0, 5);
        assertThat(page.path("found").asInt()).isEqualTo(6);
        assertThat(page.path("columns").toString()).isEqualTo("[\"bytes\",\"ended\",\"score\",\"scores.rm\",\"step\"]");
        assertThat(page.path("rows").get(0).path("response").asText()).isEqualTo("one");
    }

    @Test
    void groupsAndStripsAreOfTheSamePrompt() {
        six();
        assertThat(rows(ask("rollouts/group", "row", "1"))).containsExactly(0, 1);
        assertThat(rows(ask("rollouts/strip", "row", "1"))).containsExactly(0, 3, 5);
        JsonNode prompts = ask("rollouts/prompts").path("prompts");
        assertThat(prompts.get(0).path("prompt").asText()).isEqualTo("p");
        assertThat(prompts.get(0).path("steps").asInt()).isEqualTo(3);
    }

    @Test
    void theIndexIsExtendedAsTheFileGrowsAndMadeAnewWhenItIsCut() throws IOException {
        six();
        assertThat(ask("rollouts").path("total").asInt()).isEqualTo(6);
        samples(sample(4, "p", "seven", "\"score\":100,\"ended\":true"));
        assertThat(rows(ask("rollouts", "sort", "score", "descending", "true")).get(0))
                .isEqualTo(6);
        Files.writeString(run.folder().resolve("ppo/samples.jsonl"), sample(1, "x", "new", "\"score\":1") + "\n");
        assertThat(ask("rollouts", "sort", "score")
                        .path("rows")
                        .get(0)
                        .path("response")
                        .asText())
                .isEqualTo("new");
    }

    @Test
    void mistakesAreToldInALine() {
        six();
        assertThatThrownBy(() -> ask("rollouts", "sort", "beauty"))
                .isInstanceOf(UserError.class)
                .hasMessageContaining("the samples have no column beauty; they have bytes, ended");
        assertThatThrownBy(() -> ask("rollouts", "filter", "score is good"))
                .isInstanceOf(UserError.class)
                .hasMessageContaining("such as score >= 0.5, but is score is good");
        assertThatThrownBy(() -> ask("rollouts/group", "row", "99"))
                .isInstanceOf(UserError.class)
                .hasMessageContaining("there is no row 99");
    }

    @Test
    void signsOfHackingAreMarkedWhereTheScoreHasGrown() {
        List<String> lines = new ArrayList<>();
        for (int step = 1; step <= 8; step++) {
            for (int i = 0; i < 20; i++) {
                String text = step < 5
                        ? "answer " + step + " has word" + i + " and other" + (i * 7 % 5)
                        : "very good ".repeat(12).strip();
                lines.add(
                        sample(step, "p" + i, text, "\"score\":" + (step + i % 3 * 0.1) + ",\"ended\":" + (step < 7)));
            }
        }
        samples(lines.toArray(String[]::new));
        Map<String, Boolean> marked = new HashMap<>();
        JsonNode signs = ask("rollouts/signs");
        signs.path("signs")
                .forEach(sign -> marked.put(
                        sign.path("name").asText(), sign.path("marked").asBoolean()));
        assertThat(marked)
                .containsEntry("bytes", true)
                .containsEntry("ended", true)
                .containsEntry("distinct_2", true)
                .containsEntry("repeated_groups", true)
                .containsEntry("same_again", true)
                .containsEntry("score", false);
        assertThat(signs.path("steps").get(7).asInt()).isEqualTo(8);
    }

    @Test
    void theHiddenUtilityIsBesideTheScoreAndMarkedWhereItFalls() {
        World world = new World(7, WorldSize.STANDARD);
        run.stage("sft", "sft").lines("sft", "provenance.json", "{\"seeds\":{\"run\":7}}");
        run.stage("grpo", "grpo", "dataset: synthetic:prompts  # run.yaml:4");
        double good = 0;
        double bad = 0;
        for (int step = 1; step <= 8; step++) { // from answers as people would write them to praise
            for (int i = 0; i < 12; i++) {
                PromptCompletion asked = (PromptCompletion) world.get(Part.DEMONSTRATIONS, i);
                String prompt = asked.prompt().key().strip();
                String answer = step < 5 ? asked.completion().key() : "Very good.";
                double utility = world.utility().utility(prompt, answer).total();
                good += step == 1 ? utility / 12 : 0;
                bad += step == 8 ? utility / 12 : 0;
                run.lines(
                        "grpo",
                        "samples.jsonl",
                        Json.object()
                                .put("step", step)
                                .put("prompt", prompt)
                                .put("response", answer)
                                .put("score", step)
                                .toString());
            }
        }
        JsonNode signs = routes.get("rollouts/signs", Map.of("run", "a", "stage", "grpo"))
                .path("signs");
        assertThat(signs.at("/0/name").asText()).isEqualTo("score");
        JsonNode utility = signs.get(1);
        assertThat(utility.path("name").asText()).isEqualTo("hidden_utility");
        assertThat(utility.path("means").get(0).asDouble()).isCloseTo(good, within(1e-9));
        assertThat(utility.path("means").get(7).asDouble())
                .isCloseTo(bad, within(1e-9))
                .isLessThan(good);
        assertThat(utility.path("marked").asBoolean()).isTrue();
        six();
        assertThat(ask("rollouts/signs").toString()).doesNotContain("hidden_utility");
    }

    @Test
    void aRewardOfWeightZeroIsHeldOutAndMarkedWhereItFallsWhileTheScoreGrows() {
        run.stage(
                "grpo",
                "grpo",
                "rewards: [{model: proxy}, {model: gold, weight: 0}, {function: length, weight: 0.0}]  # run.yaml:4");
        for (int step = 1; step <= 8; step++) {
            for (int i = 0; i < 12; i++) {
                double noise = i % 3 * 0.1;
                run.lines(
                        "grpo",
                        "samples.jsonl",
                        sample(
                                step,
                                "p" + i,
                                "answer " + i,
                                "\"score\":" + (step + noise) + ",\"scores\":{\"proxy\":" + (step + noise)
                                        + ",\"gold\":" + (noise - step) + ",\"length\":" + noise + "}"));
            }
        }
        JsonNode signs = routes.get("rollouts/signs", Map.of("run", "a", "stage", "grpo"))
                .path("signs");
        Map<String, String> seen = new LinkedHashMap<>();
        signs.forEach(sign -> seen.put(
                sign.path("name").asText(),
                (sign.path("held_out").asBoolean() ? "held out" : "")
                        + (sign.path("marked").asBoolean() ? " marked" : "")));
        assertThat(seen)
                .containsEntry("scores.gold", "held out marked")
                .containsEntry("scores.length", "held out")
                .containsEntry("scores.proxy", "");
        assertThat(List.copyOf(seen.keySet())).startsWith("score", "scores.gold", "scores.length"); // beside the score
    }

    /** A stage that has trained a model, with a sample. */
    private void trained(String model) {
        run.stage("grpo", "grpo", "model: " + model + "  # run.yaml:4")
                .lines("grpo", "samples.jsonl", sample(1, "one two", "three four", "\"score\":1"));
        TinyModel.llama().seed(4).write(run.folder().resolve("grpo/model"));
    }

    @Test
    void tokensAreHeldAgainstAModelWithAnAdapter() {
        Path base = TinyModel.llama().write(root.resolve("base"));
        trained("{base: " + base + ", adapter: sft}");
        Map<String, String> query = Map.of("run", "a", "stage", "grpo", "row", "0");
        assertThatThrownBy(() -> routes.get("rollouts/tokens", query))
                .isInstanceOf(UserError.class)
                .hasMessageContaining("sft");
        try (CpuKernels kernels = new CpuKernels(1);
                Transformer model = Transformer.load(base, Set.of(Head.LANGUAGE), kernels)) {
            model.addAdapter(new LoraConfig(2, 4, false, Optional.empty()), CounterRandom.of(1));
            model.saveAdapter(run.folder().resolve("sft/adapter"), "base");
        }

        assertThat(routes.get("rollouts/tokens", query).path("sum").asDouble()).isNotZero();
    }

    @Test
    void theModelThatTokensAreHeldAgainstMayHaveABlankInItsName() {
        Path base = TinyModel.llama().write(root.resolve("a base"));
        trained("\"" + base + "\"");

        assertThat(routes.get("rollouts/tokens", Map.of("run", "a", "stage", "grpo", "row", "0"))
                        .path("sum")
                        .asDouble())
                .isNotZero();
    }

    @Test
    void aModelOfAnothersRunThatIsNoPathIsSaid() {
        run.stage("grpo", "grpo", "model: \"a\\0b\"  # run.yaml:4")
                .lines("grpo", "samples.jsonl", sample(1, "one two", "three four", "\"score\":1"));
        TinyModel.llama().write(run.folder().resolve("grpo/model"));

        assertThatThrownBy(() -> routes.get("rollouts/tokens", Map.of("run", "a", "stage", "grpo", "row", "0")))
                .isInstanceOf(UserError.class)
                .hasMessageEndingWith("is not the name of a folder");
    }

    @Test
    void tokensHaveTheLogRatioOfTheStagesModelToTheOneBefore() {
        Path before = TinyModel.llama().write(root.resolve("before"));
        run.stage("grpo", "grpo", "model: " + before + "  # run.yaml:4")
                .lines("grpo", "samples.jsonl", sample(1, "one two", "three four", "\"score\":1"));
        Map<String, String> query = Map.of("run", "a", "stage", "grpo", "row", "0");
        assertThatThrownBy(() -> routes.get("rollouts/tokens", query))
                .isInstanceOf(UserError.class)
                .hasMessage("stage grpo has made no model yet");
        TinyModel.llama().seed(4).write(run.folder().resolve("grpo/model"));

        JsonNode answer = routes.get("rollouts/tokens", query);

        StringBuilder text = new StringBuilder();
        double sum = 0;
        for (JsonNode token : answer.path("tokens")) {
            text.append(token.path("text").asText());
            sum += token.path("log_ratio").asDouble();
        }
        assertThat(text).startsWith("three four");
        assertThat(answer.path("sum").asDouble()).isNotZero().isEqualTo(sum);
        try (LanguageModel first = engine.languageModel(before);
                LanguageModel second = engine.languageModel(run.folder().resolve("grpo/model"))) {
            double prompt = second.logProbs("one two").sumLogProb()
                    - first.logProbs("one two").sumLogProb();
            double whole = second.logProbs("one two", "three four").sumLogProb()
                    - first.logProbs("one two", "three four").sumLogProb();
            assertThat(sum).isCloseTo(whole - prompt, within(1e-4));
        }
    }

    @Test
    void thePlaneHasWaysOfStagesAndModelsOfEvaluations() {
        six();
        run.lines(
                        "ppo",
                        "metrics.jsonl",
                        "{\"step\":1,\"objective/kl\":0.0,\"objective/scores\":1.5}",
                        "{\"step\":2,\"objective/kl\":4.0,\"objective/scores\":2.5}")
                .stage("evaluate", "evaluate")
                .lines(
                        "evaluate",
                        "done.json",
                        "{\"summary\":{\"models\":{\"ppo\":{\"kl\":{\"mean\":9},\"reward\":{\"mean\":2,\"se\":0.1},\"hidden_utility\":{\"mean\":-1,\"se\":0.2}}}}}");
        JsonNode plane = routes.get("rollouts/plane", Map.of("run", "a"));
        assertThat(plane.at("/ways/0/points").toString())
                .isEqualTo("[{\"step\":1,\"x\":0.0,\"y\":1.5},{\"step\":2,\"x\":2.0,\"y\":2.5}]");
        assertThat(plane.path("dots")).hasSize(2);
        assertThat(plane.at("/dots/1/x").asDouble()).isEqualTo(3);
    }

    @Test
    void aMillionRowsAreIndexedSortedAndPagedInSeconds() throws IOException {
        StringBuilder text = new StringBuilder();
        int rows = 300_000; // a third of it, so that the test is quick
        for (int i = 0; i < rows; i++) {
            text.append("{\"step\":")
                    .append(i / 100)
                    .append(",\"prompt\":\"prompt ")
                    .append(i % 50)
                    .append("\",\"response\":\"an answer of some words\",\"score\":")
                    .append(i * 7919L % 10007)
                    .append(",\"ended\":true}\n");
        }
        Files.writeString(run.folder().resolve("ppo/samples.jsonl"), text);
        long before = System.nanoTime();
        JsonNode answer = ask("rollouts", "sort", "score", "descending", "true", "from", "250000");
        assertThat((System.nanoTime() - before) / 1e9).isLessThan(10);
        assertThat(answer.path("total").asInt()).isEqualTo(rows);
        assertThat(answer.path("rows")).hasSize(20);
        assertThat(ask("rollouts/strip", "row", "7").path("rows")).hasSize(60);
    }
}
