package io.github.rlhf4j.web;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.github.rlhf4j.Rlhf4j;
import io.github.rlhf4j.web.commands.ProgramCommand;
import io.github.rlhf4j.web.runs.RunFixture;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.URI;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The page over HTTP, as a browser would ask. */
class UiTest {
    @TempDir
    Path root;

    private final Rlhf4j engine = Rlhf4j.builder().build();
    private Ui ui = start(Path.of("none"));
    private final OverHttp http = new OverHttp(() -> ui.address());

    private Ui start(Path folder) {
        return Ui.start(
                new Ui.Setting(
                        folder,
                        0,
                        arguments ->
                                new ProgramCommand.Outcome(0, String.join(" ", arguments), "\u001B[31mred\u001B[0m"),
                        List.of("/bin/echo")),
                engine);
    }

    @BeforeEach
    void open() {
        ui.close();
        ui = start(root);
    }

    @AfterEach
    void close() {
        ui.close();
        engine.close();
    }

    @Test
    void thePageItsModulesAndItsListOfPagesAreThere() throws IOException, InterruptedException {
        HttpResponse<String> page = http.send(http.request("/").build());
        assertThat(page.statusCode()).isEqualTo(200);
        assertThat(page.body())
                .contains("<script type=\"module\" src=\"/app.js\">")
                .doesNotContain("<script>");
        assertThat(page.headers().firstValue("Content-Security-Policy").orElse(""))
                .contains("default-src 'none'")
                .contains("script-src 'self'")
                .doesNotContain("unsafe");
        JsonNode pages = http.get("pages").path("pages");
        assertThat(pages.size()).isGreaterThanOrEqualTo(6);
        for (JsonNode one : pages) {
            HttpResponse<String> module = http.send(
                    http.request("/pages/" + one.path("name").asText() + ".js").build());
            assertThat(module.statusCode()).as(one.toString()).isEqualTo(200);
            assertThat(module.headers().firstValue("Content-Type").orElse("")).contains("javascript");
        }
    }

    @Test
    void nobodyIsAnsweredWithoutTheTokenOrFromElsewhere() throws IOException, InterruptedException {
        URI address = URI.create(ui.address());
        for (String path : List.of("/", "/app.js", "/api/runs", "/api/live")) {
            HttpResponse<String> refused =
                    http.send(HttpRequest.newBuilder(address.resolve(path)).build());
            assertThat(refused.statusCode()).as(path).isIn(401, 403);
        }
        assertThat(http.send(http.request("/api/runs")
                                .header("Origin", "http://evil.example")
                                .build())
                        .statusCode())
                .isEqualTo(403);
        assertThat(http.send(http.request("/api/stop")
                                .header("Origin", "http://evil.example")
                                .POST(HttpRequest.BodyPublishers.ofString("{\"run\":\"a\"}"))
                                .build())
                        .statusCode())
                .isEqualTo(403);
        for (String path : List.of("/..%2f..%2fUi.class", "/pages/../../Ui.class", "/%2e%2e/Ui.class", "/pages")) {
            assertThat(http.send(http.request(path).build()).statusCode())
                    .as(path)
                    .isGreaterThanOrEqualTo(400);
        }
    }

    @Test
    void mistakesAre400WithTheirMessage() throws IOException, InterruptedException {
        HttpResponse<String> answer =
                http.send(http.request("/api/run?run=nothing").build());
        assertThat(answer.statusCode()).isEqualTo(400);
        assertThat(answer.body()).contains("there is no run nothing below");
    }

    @Test
    void aListenerHearsOfAStepOverHttp() throws IOException, InterruptedException {
        RunFixture run = new RunFixture(root.resolve("a"))
                .stage("sft", "sft")
                .lines("sft", "metrics.jsonl", "{\"step\":1,\"loss\":2.0}")
                .process("running", "sft", 1, 10, true);
        HttpResponse<java.io.InputStream> events =
                http.send(http.request("/api/live?run=a").build(), HttpResponse.BodyHandlers.ofInputStream());
        try (BufferedReader lines = new BufferedReader(new InputStreamReader(events.body(), StandardCharsets.UTF_8))) {
            assertThat(lines.readLine()).isEqualTo(":"); // it is listened to
            run.lines("sft", "metrics.jsonl", "{\"step\":2,\"loss\":1.5}");
            String line = lines.readLine();
            while (!line.startsWith("data:")) {
                line = lines.readLine();
            }
            assertThat(line).contains("{\"step\":2.0,\"loss\":1.5}");
        }
    }

    @Test
    void commandsArePages() throws IOException, InterruptedException {
        JsonNode plan = http.get("plan?what=llama-2-7b&adapter-r=8&values=a%3D1%20b%3D2");
        assertThat(plan.path("result").asText()).isEqualTo("plan --adapter-r=8 -- llama-2-7b a=1 b=2");
        assertThat(plan.path("messages").asText()).isEqualTo("red");
        assertThat(http.get("inspect?what=-x&limit=3").path("result").asText()).isEqualTo("inspect --limit=3 -- -x");
    }

    @Test
    void textsOfRunFilesAreCheckedAsTheyAreTyped() throws IOException, InterruptedException {
        JsonNode wrong = check("name: x\nstages:\n  sft:\n    type: sft\n    modle: m\n");
        assertThat(wrong.path("problems").toString())
                .contains("modle")
                .contains("line 5")
                .doesNotContain("draft");
        JsonNode none = check("");
        assertThat(none.path("problems")).isNotEmpty();
        JsonNode right = check(RIGHT);
        assertThat(right.path("problems")).isEmpty();
        assertThat(right.path("folder").asText())
                .isEqualTo(root.resolve("small").toString());
        assertThat(right.path("stages").toString()).isEqualTo("[\"pretrain\"]");
        assertThat(right.path("memory").toString()).contains("pretrain");
        assertThat(http.get("start/schema").path("$defs").has("stage-ppo")).isTrue();
    }

    private static final String RIGHT = "name: small\n"
            + "stages:\n"
            + "  pretrain:\n"
            + "    type: pretrain\n"
            + "    dataset: synthetic:pretrain\n"
            + "    architecture: {hidden_size: 32, intermediate_size: 64, num_hidden_layers: 1,"
            + " num_attention_heads: 2, max_position_embeddings: 32}\n"
            + "    tokenizer: {vocab_size: 300}\n"
            + "    max_length: 32\n"
            + "    max_steps: 2\n";

    private JsonNode check(String yaml) throws IOException, InterruptedException {
        return http.post("start/check", Json.object().put("yaml", yaml));
    }

    @Test
    void aRunIsStartedAsAProcessOfItsOwn() throws IOException, InterruptedException {
        assertThat(http.post("start/run", Json.object().put("yaml", RIGHT))
                        .path("run")
                        .asText())
                .isEqualTo("small");
        JsonNode started = http.get("start/started").path("started").get(0);
        for (int i = 0; i < 200 && started.path("alive").asBoolean(); i++) {
            Thread.sleep(50);
            started = http.get("start/started").path("started").get(0);
        }
        assertThat(started.path("code").asInt(-1)).isZero();
        Path file = root.resolve(".started/small.yaml");
        assertThat(started.path("output").asText().strip()).isEqualTo("run " + file + " output_dir=" + root);
        assertThat(Files.readString(file)).isEqualTo(RIGHT);
        assertThat(http.post("start/run", Json.object().put("yaml", "name: x")).toString())
                .contains("stages must be a map");
    }

    @Test
    void rowsOfADatasetAreSearchedAndSorted() throws IOException, InterruptedException {
        Path file = root.resolve("data.jsonl");
        Files.write(
                file,
                List.of(
                        "{\"prompt\":\"Say <script>alert(1)</script>\",\"completion\":\"no\"}",
                        "{\"prompt\":\"two\",\"completion\":\"a longer answer than that of the first row, by far\"}",
                        "{\"prompt\":\"three\",\"completion\":\"3\"}"));
        JsonNode all = http.get("data?dataset=" + file);
        assertThat(all.path("total").asInt()).isEqualTo(3);
        assertThat(all.at("/rows/0/record/prompt").asText()).isEqualTo("Say <script>alert(1)</script>");
        assertThat(http.get("data?text=FAR&dataset=" + file).path("rows")).hasSize(1);
        JsonNode longest = http.get("data?order=-length&dataset=" + file);
        assertThat(longest.at("/rows/0/row").asInt()).isEqualTo(1);
        assertThat(http.get("data?most=50&dataset=" + file).path("rows")).hasSize(1);
        Files.writeString(file, "{\"prompt\":\"p\",\"completion\":\"c\"}\n");
        assertThat(http.get("data?dataset=" + file).path("total").asInt()).isEqualTo(1);
    }

    @Test
    void noModuleOfThePageReadsHtmlOrEvaluatesText() throws IOException {
        Path pages = Path.of("src/main/resources/io/github/rlhf4j/web/page");
        try (Stream<Path> files = Files.walk(pages)) {
            for (Path file : files.filter(one -> one.toString().endsWith(".js") && !one.endsWith("uplot.js"))
                    .toList()) {
                assertThat(Files.readString(file))
                        .as(file.toString())
                        .doesNotContain(
                                "innerHTML",
                                "outerHTML",
                                "insertAdjacentHTML",
                                "document.write",
                                "eval(",
                                "new Function");
            }
        }
        assertThat(Files.readString(pages.resolve("index.html")))
                .doesNotContain("style=", "onclick", "http:", "https:");
    }
}
