package io.github.rlhf4j.web.runs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import io.github.rlhf4j.core.UserError;
import io.github.rlhf4j.web.Asked;
import io.github.rlhf4j.web.Json;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RunsPageTest {
    @TempDir
    Path root;

    private RunsPage page = new RunsPage(new RunFolders(Path.of("none")));
    private Asked routes = new Asked(page);

    @BeforeEach
    void open() {
        page = new RunsPage(new RunFolders(root));
        routes = new Asked(page);
    }

    @AfterEach
    void close() {
        page.close();
    }

    private RunFixture run(String name) {
        return new RunFixture(root.resolve(name));
    }

    private static String metrics(int step) {
        return "{\"step\":%d,\"loss\":%s,\"num_tokens\":%d}".formatted(step, 2.0 / step, 100 * step);
    }

    private static String timing(int step) {
        return "{\"step\":%d,\"elapsed_s\":%s,\"tokens_per_second\":9,\"rss_mb\":1}".formatted(step, 0.5 * step);
    }

    @Test
    void tellsStateProgressTimeLeftAndLastMetrics() {
        run("a").stage("sft", "sft")
                .lines("sft", "metrics.jsonl", metrics(1), metrics(2))
                .lines("sft", "timing.jsonl", timing(1), timing(2))
                .process("running", "sft", 3, 10, true);
        run("deep/er/b")
                .stage("sft", "sft")
                .lines("sft", "done.json", "{}")
                .file("summary.json", "{\"stages\":{\"sft\":{}}}");
        run("c").stage("sft", "sft").process("running", "sft", 3, 10, false);
        JsonNode runs = routes.get("runs").path("runs");
        assertThat(runs).hasSize(3);
        JsonNode a = runs.get(0);
        assertThat(a.path("run").asText()).isEqualTo("a");
        assertThat(a.path("state").asText()).isEqualTo("running");
        assertThat(a.path("seconds_left").asDouble()).isEqualTo(3.5); // 7 steps of .5 seconds
        assertThat(a.at("/metrics/loss").asDouble()).isEqualTo(1.0);
        assertThat(a.at("/stages/0/step").asInt()).isEqualTo(3);
        assertThat(a.at("/stages/1/state").asText()).isEqualTo("waiting");
        assertThat(runs.get(1).path("run").asText()).isEqualTo("c");
        assertThat(runs.get(1).path("state").asText()).isEqualTo("killed");
        assertThat(runs.get(2).path("run").asText()).isEqualTo("deep/er/b");
        assertThat(runs.get(2).path("state").asText()).isEqualTo("done");
    }

    @Test
    void curvesOfSeveralRunsAreOverStepsTokensOrTime() {
        for (String name : List.of("a", "b")) {
            run(name)
                    .stage("sft", "sft")
                    .lines("sft", "metrics.jsonl", metrics(1), metrics(2), "{\"step\":2,\"eval_loss\":0.5}", metrics(4))
                    .lines("sft", "timing.jsonl", timing(1), timing(2), timing(4));
        }
        JsonNode curves = routes.get(
                        "curves", Map.of("stage", "a:sft\nb:sft", "metric", "loss\neval_loss", "x", "tokens"))
                .path("curves");
        assertThat(curves).hasSize(4);
        assertThat(curves.get(0).path("x").toString()).isEqualTo("[100,200,400]");
        assertThat(curves.get(0).path("y").toString()).isEqualTo("[2.0,1.0,0.5]");
        assertThat(curves.get(1).path("x").toString()).isEqualTo("[200]");
        JsonNode time = routes.get(
                        "curves", Map.of("stage", "b:sft", "metric", "loss", "x", "time", "smoothing", "0.5"))
                .path("curves");
        assertThat(time.get(0).path("x").toString()).isEqualTo("[0.5,1,2]");
        assertThat(time.get(0).path("sy").get(0).asDouble()).isEqualTo(2);
    }

    @Test
    void mistakesAreToldInALine() {
        run("a").stage("sft", "sft");
        assertThatThrownBy(() -> routes.get("curves", Map.of("stage", "a:sft", "x", "miles")))
                .isInstanceOf(UserError.class)
                .hasMessage("x must be steps, tokens or time, but is miles");
        assertThatThrownBy(() -> routes.get("run", Map.of("run", "b")))
                .isInstanceOf(UserError.class)
                .hasMessageContaining("there is no run b");
        for (String outside : List.of("..", "../x", "/etc", "a/../..", "a\0b", "a/sft")) {
            assertThatThrownBy(() -> routes.get("run", Map.of("run", outside)))
                    .as(outside)
                    .isInstanceOf(UserError.class);
        }
        assertThatThrownBy(() -> routes.get("curves", Map.of("stage", "a:..")))
                .isInstanceOf(UserError.class)
                .hasMessage("run a has no stage ..");
    }

    @Test
    void aStageThatIsNoFolderOfTheRunIsPassedOver() {
        run("a").stage("sft", "sft")
                .lines("sft", "timing.jsonl", timing(1), timing(2))
                .file(
                        "summary.json",
                        "{\"stages\":{\"sft\":{},\"a\\u0000b\":{},\"../../x\":{},\"..\":{},\"\":{},\"/etc\":{}}}")
                .process("running", "s\\u0000", 3, 10, true);
        JsonNode runs = routes.get("runs").path("runs");
        assertThat(runs).hasSize(1);
        assertThat(runs.at("/0/stages").findValuesAsText("name")).containsExactly("sft", "ppo"); // those of .process
        assertThat(routes.get("run", Map.of("run", "a")).path("stages")).hasSize(2);
    }

    @Test
    void aLinkOutOfTheFolderIsNoRun() throws IOException {
        Path outside = Files.createTempDirectory("outside");
        new RunFixture(outside.resolve("secret")).stage("sft", "sft");
        Files.createSymbolicLink(root.resolve("link"), outside.resolve("secret"));
        assertThat(routes.get("runs").path("runs")).isEmpty();
        assertThatThrownBy(() -> routes.get("run", Map.of("run", "link"))).isInstanceOf(UserError.class);
    }

    @Test
    void differencesOfConfigurations() {
        run("a").stage("sft", "sft", "learning_rate: 1e-3  # a.yaml:5", "batch_size: 8  # default");
        run("b").stage(
                        "sft",
                        "sft",
                        "learning_rate: 1e-4  # b.yaml:5",
                        "batch_size: 8  # default",
                        "beta: \"a # b\"  # b.yaml:6");
        JsonNode rows = routes.get("differences", Map.of("run", "a\nb")).path("rows");
        assertThat(rows.toString())
                .isEqualTo("[{\"key\":\"sft.beta\",\"values\":[\"\",\"\\\"a #"
                        + " b\\\"\"]},{\"key\":\"sft.learning_rate\",\"values\":[\"1e-3\",\"1e-4\"]}]");
    }

    @Test
    void wishesAreFilesThatARunAtWorkLooksFor() {
        RunFixture run = run("a").stage("sft", "sft").process("running", "sft", 3, 10, true);
        routes.post("stop", Json.object().put("run", "a"));
        routes.post("stop", Json.object().put("run", "a"));
        routes.post("checkpoint", Json.object().put("run", "a"));
        assertThat(run.folder().resolve(".stop")).exists();
        assertThat(run.folder().resolve(".checkpoint")).exists();
        run("b").stage("sft", "sft").process("stopped", "sft", 3, 10, true);
        assertThatThrownBy(() -> routes.post("stop", Json.object().put("run", "b")))
                .isInstanceOf(UserError.class)
                .hasMessageContaining("no process is at work in");
    }

    @Test
    void experimentsAreListedWithTheirProgressAndCanBeStopped() throws Exception {
        run("grid/lr-1").stage("sft", "sft");
        RunFixture experiment = new RunFixture(root.resolve("grid"))
                .file(".rlhf4j-experiment", "The folder of an experiment of RLHF4J.\n")
                .process("running", "lr = 1", 1, 4, true);
        Files.delete(root.resolve("grid/.rlhf4j")); // the mark of a run
        JsonNode list = routes.get("runs").path("experiments");
        assertThat(list).hasSize(1);
        assertThat(list.at("/0/experiment").asText()).isEqualTo("grid");
        assertThat(list.at("/0/state").asText()).isEqualTo("running");
        assertThat(list.at("/0/complete").asInt()).isEqualTo(1);
        assertThat(list.at("/0/runs").asInt()).isEqualTo(4);
        assertThat(list.at("/0/latest").asText()).isEqualTo("lr = 1");
        routes.post("experiment/stop", Json.object().put("experiment", "grid"));
        assertThat(root.resolve("grid/.stop")).exists();
        try (Asked.Listener listener = routes.listen("live", Map.of())) {
            experiment.process("stopped", "lr = 2", 2, 4, true);
            assertThat(listener.await("experiments").at("/0/complete").asInt()).isEqualTo(2);
        }
        for (String none : List.of("grid/lr-1", "..", "/", "nothing")) {
            assertThatThrownBy(
                            () -> routes.post("experiment/stop", Json.object().put("experiment", none)))
                    .isInstanceOf(UserError.class)
                    .hasMessageContaining("there is no experiment");
        }
    }

    @Test
    void aStepIsToldWithinASecondAndACutFileReloads() throws Exception {
        RunFixture run = run("a").stage("sft", "sft")
                .lines("sft", "metrics.jsonl", metrics(1), metrics(2))
                .process("running", "sft", 2, 10, true);
        try (Asked.Listener listener = routes.listen("live", Map.of("run", "a"))) {
            run.lines("sft", "metrics.jsonl", metrics(3));
            long before = System.nanoTime();
            JsonNode event = listener.await("metrics");
            assertThat((System.nanoTime() - before) / 1e9).isLessThan(1);
            assertThat(event.path("lines").toString())
                    .isEqualTo("[{\"step\":3.0,\"loss\":0.6666666865348816,\"num_tokens\":300.0}]");
            run.process("running", "sft", 3, 10, true);
            assertThat(listener.await("run").at("/stages/0/step").asInt()).isEqualTo(3);
            run.file("run.log", "2026-01-01 00:00:00  a line\n");
            assertThat(listener.await("log").path("lines").get(0).asText()).endsWith("a line");
            Files.writeString(run.folder().resolve("sft/metrics.jsonl"), metrics(1) + "\n");
            assertThat(listener.await("metrics").path("reload").asBoolean()).isTrue();
            run("new").stage("sft", "sft");
            assertThat(listener.await("runs").toString()).isEqualTo("[\"a\",\"new\"]");
        }
    }

    @Test
    void tenRunsOfAHundredThousandStepsAreThereAtOnceAndWholeSoonAfter() throws Exception {
        StringBuilder text = new StringBuilder();
        for (int step = 1; step <= 100_000; step++) {
            text.append("{\"step\":")
                    .append(step)
                    .append(",\"loss\":1.2345678901234567,\"grad_norm\":")
                    .append(step == 77_777 ? "99" : "0.12345678901234567")
                    .append("}\n");
        }
        StringBuilder stages = new StringBuilder();
        for (int i = 0; i < 10; i++) {
            RunFixture run = run("run" + i).stage("sft", "sft");
            Files.writeString(run.folder().resolve("sft/metrics.jsonl"), text);
            stages.append(i == 0 ? "" : "\n").append("run").append(i).append(":sft");
        }
        Map<String, String> question = Map.of("stage", stages.toString(), "metric", "grad_norm");
        JsonNode first = routes.get("curves", question);
        assertThat(first.path("draft").asBoolean()).isTrue();
        JsonNode curve = first.path("curves").get(9);
        assertThat(first.path("curves")).hasSize(10);
        assertThat(curve.path("points").asInt()).isEqualTo(1000);
        assertThat(curve.path("x").get(0).asInt()).isEqualTo(1);
        assertThat(curve.path("x").get(999).asInt()).isEqualTo(100_000);

        JsonNode whole = first;
        for (int i = 0; i < 600 && whole.path("draft").asBoolean(); i++) {
            Thread.sleep(50);
            whole = routes.get("curves", question);
        }
        assertThat(whole.path("curves").get(9).path("points").asInt()).isEqualTo(100_000);
        assertThat(whole.path("curves").get(9).path("x").size()).isLessThanOrEqualTo(1200);
        assertThat(whole.path("curves").get(9).path("y").toString()).contains("99.0");
    }

    @Test
    void aListenerHearsWhenALongFileHasBeenRead() throws Exception {
        StringBuilder text = new StringBuilder();
        for (int step = 1; step <= 100_000; step++) {
            text.append(metrics(step)).append('\n');
        }
        RunFixture run = run("a").stage("sft", "sft").process("running", "sft", 2, 10, true);
        Files.writeString(run.folder().resolve("sft/metrics.jsonl"), text);
        try (Asked.Listener listener = routes.listen("live", Map.of("run", "a"))) {
            assertThat(listener.await("metrics").path("reload").asBoolean()).isTrue();
            run.lines("sft", "metrics.jsonl", metrics(100_001));
            assertThat(listener.await("metrics").path("lines")).hasSize(1);
        }
    }
}
