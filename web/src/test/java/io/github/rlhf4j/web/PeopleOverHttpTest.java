package io.github.rlhf4j.web;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.rlhf4j.Rlhf4j;
import io.github.rlhf4j.Run;
import io.github.rlhf4j.core.math.RunningStatistics;
import io.github.rlhf4j.testing.TinyModel;
import io.github.rlhf4j.web.commands.ProgramCommand;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The pages Rank and Chat, asked as a browser asks. */
class PeopleOverHttpTest {
    private static final String HOSTILE = "<script>alert(1)</script><img src=x onerror=alert(2)>\u202E\u001b[2J";

    @TempDir
    Path root;

    private Rlhf4j engine = Rlhf4j.builder().threads(1).build();
    private Ui ui = Ui.start(0, List.of()); // replaced when the folder is there
    private final OverHttp http = new OverHttp(() -> ui.address());
    private String model = "";

    private Ui start() {
        return Ui.start(
                new Ui.Setting(root, 0, arguments -> new ProgramCommand.Outcome(0, "", ""), List.of("echo")), engine);
    }

    @BeforeEach
    void open() {
        ui.close();
        ui = start();
        model = TinyModel.llama().write(root.resolve("model")).toString();
    }

    @AfterEach
    void close() {
        ui.close();
        engine.close();
    }

    private String said(String id, String text) throws IOException, InterruptedException {
        return http.post("chat/message", Json.object().put("id", id).put("content", text))
                .path("id")
                .asText();
    }

    /** An answer's events as they come over the wire. */
    private String answered(String id, String parent) throws IOException, InterruptedException {
        ObjectNode body = Json.object().put("id", id).put("parent", parent);
        body.withArray("models").addObject().put("model", model);
        body.putObject("settings").put("max_new_tokens", 4);
        String turn = http.post("chat/answer", body).path("turn").asText();
        return http.send(http.request("/api/chat/events?turn=" + turn).build()).body();
    }

    @Test
    void anAnswerComesAsEventsThatEnd() throws IOException, InterruptedException {
        String id = http.post("chat/new", Json.object()).path("id").asText();
        String events = answered(id, said(id, "Once"));
        assertThat(events).contains("event: piece").contains("event: done").contains("event: end");
    }

    @Test
    void hostileTextsLeaveAsJsonThatNoBrowserRuns() throws IOException, InterruptedException {
        String id = http.post("chat/new", Json.object()).path("id").asText();
        answered(id, said(id, HOSTILE));
        HttpResponse<String> tree =
                http.send(http.request("/api/chat/tree?id=" + id).build());
        assertThat(tree.headers().firstValue("Content-Type").orElse("")).startsWith("application/json");
        assertThat(tree.headers().firstValue("X-Content-Type-Options")).hasValue("nosniff");
        assertThat(Json.MAPPER
                        .readTree(tree.body())
                        .path("messages")
                        .get(0)
                        .path("content")
                        .asText())
                .isEqualTo(HOSTILE);
    }

    @Test
    void attentionIsAPageInASandbox() throws IOException, InterruptedException {
        String id = http.post("chat/new", Json.object()).path("id").asText();
        answered(id, said(id, HOSTILE));
        HttpResponse<String> page = http.send(
                http.request("/api/chat/attention?id=" + id + "&message=2").build());
        assertThat(page.statusCode()).isEqualTo(200);
        assertThat(page.headers().firstValue("Content-Security-Policy").orElse(""))
                .startsWith("sandbox allow-scripts;")
                .contains("default-src 'none'");
        assertThat(page.body()).doesNotContain("<script>alert").doesNotContain("<img");
    }

    @Test
    void answersAreRankedAndWhoeverRanksIsToldNothing() throws IOException, InterruptedException {
        ObjectNode body =
                Json.object().put("name", "r").put("text", "One\nTwo\nThree").put("num_samples", 3);
        body.withArray("models").addObject().put("model", model);
        body.putObject("settings").put("max_new_tokens", 5);
        http.post("rank/new", body);
        for (int i = 0;
                i < 200
                        && http.get("rank/project?name=r")
                                .path("sampling")
                                .path("running")
                                .asBoolean();
                i++) {
            Thread.sleep(50);
        }
        http.post("rank/join", Json.object().put("name", "r").put("person", "Ann"));
        JsonNode next = http.get("rank/next?name=r&person=Ann");
        assertThat(next.path("showing").path("responses")).hasSize(3);
        assertThat(next.toString()).doesNotContain(model);
        ObjectNode answer = Json.object().put("name", "r").put("person", "Ann").put("number", 0);
        answer.putArray("ranks").add(2).add(1).add(1);
        assertThat(http.post("rank/answer", answer).path("done").asInt()).isEqualTo(1);
        ui.close();
        ui = start();
        assertThat(http.get("rank/next?name=r&person=Ann").path("done").asInt()).isEqualTo(1);
        assertThat(http.get("rank/report?name=r").path("ranked").asInt()).isEqualTo(1);
    }

    /** What the person of the next test likes, who never says it: letters, of a model that has learnt nothing. */
    private static double taste(String text) {
        return text.chars()
                .filter(c -> c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z')
                .count();
    }

    /** Ranks what is shown by taste until nothing is left; gives how many answers it took. */
    private int rankByTaste(String project, String person) throws IOException, InterruptedException {
        http.post("rank/join", Json.object().put("name", project).put("person", person));
        JsonNode next = http.get("rank/next?name=" + project + "&person=" + person);
        int answers = 0;
        for (; !next.path("showing").isNull(); answers++) {
            List<Double> tastes = new ArrayList<>();
            next.path("showing").path("responses").forEach(text -> tastes.add(taste(text.asText())));
            ObjectNode answer = Json.object()
                    .put("name", project)
                    .put("person", person)
                    .put("number", next.path("showing").path("number").asInt());
            tastes.forEach(own -> answer.withArray("ranks")
                    .add(1 + tastes.stream().filter(other -> other > own).count()));
            next = http.post("rank/answer", answer);
        }
        return answers;
    }

    @Test
    void aTasteThatNobodyTellsRisesFromFortyRankingsToBestOfN() throws IOException, InterruptedException {
        String prompts = IntStream.range(0, 42).mapToObj(i -> "Prompt " + i).collect(Collectors.joining("\n"));
        ObjectNode body = Json.object()
                .put("name", "taste")
                .put("text", prompts)
                .put("num_samples", 6)
                .put("repeats", 0);
        body.withArray("models").addObject().put("model", model);
        body.putObject("settings").put("max_new_tokens", 8).put("seed", 5).put("top_k", 0);
        http.post("rank/new", body);
        while (http.get("rank/project?name=taste").at("/sampling/running").asBoolean()) {
            Thread.sleep(20);
        }
        assertThat(rankByTaste("taste", "Ann"))
                .isGreaterThanOrEqualTo(40); // answers that are all the same are not shown
        ObjectNode wish =
                Json.object().put("name", "taste").put("recipe", "reward").put("model", model);
        String runFile = http.post("rank/training-file", wish).path("run_file").asText();

        Run run = engine.run(
                Files.writeString(root.resolve("run.yaml"), runFile),
                "reward.num_train_epochs=12",
                "reward.learning_rate=3e-3",
                "best.max_new_tokens=8");

        RunningStatistics all = RunningStatistics.EMPTY;
        for (String line : Files.readAllLines(run.stage("best").folder().resolve("samples.jsonl"))) {
            all = all.plus(taste(Json.MAPPER.readTree(line).path("response").asText()));
        }
        RunningStatistics best = RunningStatistics.EMPTY;
        for (String line : Files.readAllLines(run.stage("best").folder().resolve("data/rows.jsonl"))) {
            best = best.plus(taste(Json.MAPPER.readTree(line).path("completion").asText()));
        }
        assertThat(best.count()).isGreaterThanOrEqualTo(40);
        double error = Math.hypot(best.standardError(), all.standardError());
        assertThat(best.mean()).as("taste of the best, of all %s", all.mean()).isGreaterThan(all.mean() + 3 * error);
    }

    @Test
    void nobodyIsAnsweredWithoutTheTokenOrFromElsewhere() throws IOException, InterruptedException {
        URI address = URI.create(ui.address());
        for (String path : List.of("/api/rank/projects", "/api/chat/list", "/api/chat/attention?id=1&message=1")) {
            assertThat(http.send(HttpRequest.newBuilder(address.resolve(path)).build())
                            .statusCode())
                    .as(path)
                    .isIn(401, 403);
        }
        for (String path : List.of("/api/rank/train", "/api/chat/answer", "/api/rank/answer")) {
            assertThat(http.send(http.request(path)
                                    .header("Origin", "http://evil.example")
                                    .POST(HttpRequest.BodyPublishers.ofString("{}"))
                                    .build())
                            .statusCode())
                    .as(path)
                    .isEqualTo(403);
        }
    }

    @Test
    void foldersOutsideAreNotReached() throws IOException, InterruptedException {
        for (String name : List.of("../../etc", "..", "a/b", ".hidden", "a%2Fb")) {
            ObjectNode body = Json.object().put("name", name).put("text", "p").put("mode", "demonstrate");
            assertThat(http.posted("rank/new", body).statusCode()).as(name).isEqualTo(400);
        }
        assertThat(http.send(http.request("/api/chat/tree?id=..%2F..%2Fx").build())
                        .statusCode())
                .isEqualTo(400);
        try (Stream<Path> made = Files.list(root)) {
            assertThat(made.map(path -> path.getFileName().toString())).containsOnly("model");
        }
    }
}
