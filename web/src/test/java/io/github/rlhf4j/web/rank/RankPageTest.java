package io.github.rlhf4j.web.rank;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.rlhf4j.Rlhf4j;
import io.github.rlhf4j.Run;
import io.github.rlhf4j.core.UserError;
import io.github.rlhf4j.testing.TinyModel;
import io.github.rlhf4j.web.Asked;
import io.github.rlhf4j.web.Json;
import io.github.rlhf4j.web.model.ModelShelf;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RankPageTest {
    @TempDir
    static Path models;

    private static Rlhf4j engine = Rlhf4j.builder().threads(1).build();

    @TempDir
    Path root;

    private final List<String> started = new ArrayList<>();
    private ModelShelf shelf = new ModelShelf(() -> engine);
    private RankFolders folders = new RankFolders(Path.of("."), Clock.systemUTC());
    private RankPage page = new RankPage(Path.of("."), folders, shelf, engine::datasets, text -> Json.object());
    private Asked asked = new Asked(page);

    @BeforeAll
    static void write() {
        TinyModel.llama().seed(1).write(models.resolve("m1"));
        TinyModel.llama().seed(2).write(models.resolve("m2"));
    }

    @AfterAll
    static void end() {
        engine.close();
    }

    @BeforeEach
    void open() {
        shelf = new ModelShelf(() -> engine);
        folders = new RankFolders(root, Clock.systemUTC());
        page = new RankPage(root, folders, shelf, engine::datasets, text -> {
            started.add(text);
            return Json.object().put("run", "started");
        });
        asked = new Asked(page);
    }

    @AfterEach
    void close() {
        page.close();
        folders.close();
        shelf.close();
    }

    private JsonNode sampled(String name, String mode, int prompts, int samples, String... names)
            throws InterruptedException {
        ObjectNode body = Json.object()
                .put("name", name)
                .put("mode", mode)
                .put(
                        "text",
                        IntStream.range(0, prompts).mapToObj(i -> "Prompt " + i).collect(Collectors.joining("\n")))
                .put("num_samples", samples)
                .put("repeats", 0.1);
        for (String model : names) {
            body.withArray("models")
                    .addObject()
                    .put("model", models.resolve(model).toString());
        }
        body.putObject("settings").put("max_new_tokens", 6).put("seed", 11);
        asked.post("rank/new", body.toString().replace('\'', ' '));
        return await(name);
    }

    private JsonNode await(String name) throws InterruptedException {
        JsonNode project = asked.get("rank/project", "name", name);
        for (int i = 0; i < 600 && project.path("sampling").path("running").asBoolean(); i++) {
            Thread.sleep(50);
            project = asked.get("rank/project", "name", name);
        }
        assertThat(project.path("sampling").path("error").asText()).isEmpty();
        return project;
    }

    /** Ranks all that a person is shown, the first by the alphabet best; gives how many answers it took. */
    private int rankAll(String name, String person) {
        asked.post("rank/join", "{'name': '%s', 'person': '%s'}".formatted(name, person));
        JsonNode next = asked.get("rank/next", "name", name, "person", person);
        int answers = 0;
        while (!next.path("showing").isNull()) {
            List<String> texts = new ArrayList<>();
            next.path("showing").path("responses").forEach(text -> texts.add(text.asText()));
            ObjectNode body = Json.object()
                    .put("name", name)
                    .put("person", person)
                    .put("number", next.path("showing").path("number").asInt())
                    .put("seconds", 2);
            for (String text : texts) {
                body.withArray("ranks")
                        .add((int) texts.stream()
                                        .filter(other -> other.compareTo(text) < 0)
                                        .count()
                                + 1);
            }
            next = asked.post("rank/answer", body.toString().replace('\'', ' '));
            answers++;
        }
        return answers;
    }

    @Test
    void fromFortyRankingsToARewardModelToBestOfN() throws InterruptedException, IOException {
        JsonNode project = sampled("first", "rank", 36, 4, "m1");
        assertThat(project.path("items").asInt()).isEqualTo(36);
        assertThat(rankAll("first", "Ann")).isGreaterThanOrEqualTo(39);
        JsonNode report = asked.get("rank/report", "name", "first");
        assertThat(report.path("people").get(0).path("with_self").path("value").asDouble())
                .isEqualTo(1);
        JsonNode file = asked.post(
                "rank/training-file",
                "{'name': 'first', 'recipe': 'reward', 'model': '%s'}".formatted(models.resolve("m1")));
        Path runFile = Files.writeString(
                root.resolve("run.yaml"), file.path("run_file").asText());
        Run run = engine.run(runFile, "reward.num_train_epochs=1", "best.num_generations=2", "best.max_new_tokens=4");
        assertThat(run.stage("reward").folder().resolve("model")).isDirectory();
        assertThat(run.stage("best").folder().resolve("data/rows.jsonl")).isNotEmptyFile();
        assertThat(asked.post(
                                "rank/train",
                                Json.object()
                                        .put("run_file", file.path("run_file").asText())
                                        .toString())
                        .path("run")
                        .asText())
                .isEqualTo("started");
        assertThat(started).hasSize(1);
    }

    @Test
    void trainsTheModelOfAStage() throws InterruptedException {
        Path stage = models.resolve("run/sft");
        TinyModel.llama().write(stage.resolve("model"));
        sampled("stage", "pair", 4, 2, "run/sft");
        rankAll("stage", "Ann");
        String file = asked.post(
                        "rank/training-file", "{'name': 'stage', 'recipe': 'dpo', 'model': '%s'}".formatted(stage))
                .path("run_file")
                .asText();
        assertThat(file).contains("model: \"" + stage.resolve("model") + "\"").contains("type: dpo");
        assertThatThrownBy(() -> asked.post(
                        "rank/training-file", "{'name': 'stage', 'recipe': 'sft', 'model': '%s'}".formatted(stage)))
                .isInstanceOf(UserError.class)
                .hasMessageContaining("no demonstrations");
    }

    @Test
    void tellsWhoeverRanksNothingButTexts() throws InterruptedException {
        sampled("blind", "pair", 8, 1, "m1", "m2");
        asked.post("rank/join", "{'name': 'blind', 'person': 'Ann'}");
        JsonNode next = asked.get("rank/next", "name", "blind", "person", "Ann");
        assertThat(next.toString()).doesNotContain("m1").doesNotContain("m2").doesNotContain("seed");
        rankAll("blind", "Ann");
        rankAll("blind", "Bob");
        JsonNode report = asked.get("rank/report", "name", "blind");
        assertThat(report.path("pairwise").path("value").asDouble()).isEqualTo(1);
        assertThat(report.path("sources").size()).isEqualTo(2);
        assertThat(asked.get("rank/rows", "name", "blind", "kind", "pairs")
                        .path("text")
                        .asText())
                .contains("\"chosen\"");
    }

    @Test
    void continuesSamplingWithTheSameAnswers() throws InterruptedException, IOException {
        sampled("whole", "rank", 20, 2, "m1");
        String whole = Files.readString(root.resolve("rankings/whole/items.jsonl"));
        Files.createDirectories(root.resolve("rankings/cut"));
        Files.copy(root.resolve("rankings/whole/uploaded.txt"), root.resolve("rankings/cut/uploaded.txt"));
        Files.writeString(
                root.resolve("rankings/cut/project.json"),
                Files.readString(root.resolve("rankings/whole/project.json")));
        Files.writeString(
                root.resolve("rankings/cut/items.jsonl"),
                whole.lines().limit(9).collect(Collectors.joining("\n", "", "\n")));
        assertThat(asked.get("rank/project", "name", "cut")
                        .path("sampled_earlier")
                        .asBoolean())
                .isTrue();
        asked.post("rank/sample", "{'name': 'cut'}");
        await("cut");
        assertThat(Files.readString(root.resolve("rankings/cut/items.jsonl"))).isEqualTo(whole);
    }

    @Test
    void takesAFileThatHasAnswersAndDemonstrations() {
        String rows = "{\\\"prompt\\\": \\\"p\\\", \\\"responses\\\": [\\\"a\\\", \\\"b\\\", \\\"b\\\", \\\"c\\\"]}";
        asked.post(
                "rank/new", "{'name': 'file', 'mode': 'rank', 'file_name': 'x.jsonl', 'answers_text': '" + rows + "'}");
        asked.post("rank/join", "{'name': 'file', 'person': 'Ann'}");
        assertThat(asked.get("rank/next", "name", "file", "person", "Ann")
                        .path("showing")
                        .path("responses"))
                .hasSize(3);
        asked.post("rank/new", "{'name': 'written', 'mode': 'demonstrate', 'text': 'Ask\\nTell'}");
        asked.post("rank/join", "{'name': 'written', 'person': 'Ann'}");
        JsonNode next = asked.post("rank/answer", "{'name': 'written', 'person': 'Ann', 'number': 0, 'text': 'Yes.'}");
        assertThat(next.path("left").asInt()).isEqualTo(1);
        assertThat(asked.post("rank/export", "{'name': 'written'}")
                        .path("demonstrations")
                        .path("rows")
                        .asInt())
                .isEqualTo(1);
    }

    @Test
    void undoesAndSaysWhatIsStale() throws InterruptedException {
        sampled("undo", "pair", 4, 2, "m1");
        asked.post("rank/join", "{'name': 'undo', 'person': 'Ann'}");
        String answer = "{'name': 'undo', 'person': 'Ann', 'number': 0, 'ranks': [2, 1]}";
        asked.post("rank/answer", answer);
        JsonNode undone = asked.post("rank/undo", "{'name': 'undo', 'person': 'Ann'}");
        assertThat(undone.path("showing").path("undone").path("ranks").toString())
                .isEqualTo("[2,1]");
        asked.post("rank/answer", answer);
        JsonNode stale = asked.post("rank/answer", "{'name': 'undo', 'person': 'Ann', 'number': 0, 'ranks': [1, 2]}");
        assertThat(stale.path("stale").asText()).contains("nothing was saved");
        assertThat(stale.path("showing").path("number").asInt()).isEqualTo(1);
    }

    @Test
    void namesMistakes() {
        assertThatThrownBy(() -> asked.post("rank/new", "{'name': '../x', 'text': 'p'}"))
                .isInstanceOf(UserError.class)
                .hasMessageContaining("name");
        assertThatThrownBy(() -> asked.post("rank/new", "{'name': 'x', 'text': 'p'}"))
                .isInstanceOf(UserError.class)
                .hasMessageContaining("choose a model");
        assertThatThrownBy(() -> asked.post(
                        "rank/new", "{'name': 'x', 'mode': 'pair', 'text': 'p', 'num_samples': 3, 'models': ['m']}"))
                .isInstanceOf(UserError.class)
                .hasMessageContaining("two answers");
        assertThatThrownBy(() -> asked.get("rank/project", "name", "absent")).isInstanceOf(UserError.class);
    }
}
