package io.github.rlhf4j.tracking;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.rlhf4j.core.stage.ConfigKey;
import io.github.rlhf4j.core.stage.GivenKeys;
import io.github.rlhf4j.core.stage.StageListener;
import io.github.rlhf4j.http.Endpoint;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class MlflowTrackerTest {
    @TempDir
    private Path folder;

    private final Watching console = new Watching();
    private Optional<FakeMlflow> server = Optional.empty();

    @BeforeEach
    void start() throws IOException {
        server = Optional.of(new FakeMlflow());
    }

    @AfterEach
    void stop() {
        server.orElseThrow().close();
    }

    private FakeMlflow server() {
        return server.orElseThrow();
    }

    private Trackers trackers(StageFiles files, double patience) {
        TrackerFactory factory = new MlflowTracker.Factory();
        Map<ConfigKey<?>, Object> given = new HashMap<>();
        for (ConfigKey<?> key : factory.keys()) {
            switch (key.name()) {
                case "url" -> given.put(key, server().url());
                case "patience" -> given.put(key, patience);
                default -> {}
            }
        }
        return new Trackers(files.run(console), List.of(new Trackers.Chosen("mlflow", factory, GivenKeys.of(given))));
    }

    private static List<String> losses(int... steps) {
        return java.util.Arrays.stream(steps)
                .mapToObj(step -> "loss " + step + " " + 1.0 / step)
                .toList();
    }

    @Test
    void aRunHasANestedOneForEachStageWithParametersMetricsAndResults() throws IOException {
        StageFiles sft = new StageFiles(folder, "sft");
        StageFiles dpo = new StageFiles(folder, "dpo");
        Trackers trackers = trackers(sft, 20);
        StageListener first = trackers.begin(sft.stage);
        sft.metrics(first, 1);
        sft.metrics(first, 2, "rewards/margins");
        trackers.done(sft.stage, Map.of("eval_loss", 0.75));
        StageListener second = trackers.begin(dpo.stage);
        dpo.metrics(second, 4);
        trackers.done(dpo.stage, Map.of());
        trackers.end(Tracker.Outcome.FINISHED);

        FakeMlflow.Run run = server().run("toy");
        FakeMlflow.Run ofSft = server().run("toy/sft");
        assertThat(server().runs).hasSize(3);
        assertThat(run.status).isEqualTo("FINISHED");
        assertThat(run.parameters).containsEntry("seed", "7");
        assertThat(ofSft.status).isEqualTo("FINISHED");
        assertThat(ofSft.tags).containsEntry("mlflow.parentRunId", "r0");
        assertThat(ofSft.parameters).containsEntry("learning_rate", "1e-3");
        assertThat(ofSft.points)
                .containsExactlyInAnyOrder(
                        "loss 1 1.0", "loss 2 0.5", "rewards/margins 2 2.0", "results/eval_loss 0 0.75");
        assertThat(server().run("toy/dpo").points).isEqualTo(losses(4));
        assertThat(console.warnings).isEmpty();
    }

    @Test
    void aServerThatIsAwayIsTriedAgainAndToldEverything() throws IOException {
        StageFiles sft = new StageFiles(folder, "sft");
        server().status = 503;
        Trackers trackers = trackers(sft, 20);
        StageListener stage = trackers.begin(sft.stage);
        sft.metrics(stage, 1);
        sft.metrics(stage, 2);
        awaitWarning();
        server().status = 200;
        sft.metrics(stage, 3);
        trackers.done(sft.stage, Map.of());
        trackers.end(Tracker.Outcome.FINISHED);

        assertThat(server().run("toy/sft").points).isEqualTo(losses(1, 2, 3));
        assertThat(console.warnings)
                .singleElement()
                .asString()
                .contains("answered with status 503", "the run goes on, and it is tried again");
    }

    private void awaitWarning() {
        long end = System.nanoTime() + 10_000_000_000L;
        while (console.warnings.isEmpty() && System.nanoTime() < end) {
            Thread.onSpinWait();
        }
    }

    @Test
    void whatIsNotToldWhenPatienceEndsIsToldByTheNextResumption() throws IOException {
        StageFiles sft = new StageFiles(folder, "sft");
        server().status = 500;
        Trackers away = trackers(sft, 0.2);
        StageListener stage = away.begin(sft.stage);
        sft.metrics(stage, 1);
        sft.metrics(stage, 2);
        away.done(sft.stage, Map.of("loss", 0.5));
        away.end(Tracker.Outcome.FINISHED);
        assertThat(server().runs).isEmpty();
        assertThat(console.warnings.toString()).contains("the next run with --resume tells it");

        server().status = 200;
        trackers(sft, 20).end(Tracker.Outcome.FINISHED); // nothing is left to be run

        assertThat(server().run("toy/sft").points).containsExactly("loss 1 1.0", "loss 2 0.5", "results/loss 0 0.5");
        assertThat(server().run("toy").status).isEqualTo("FINISHED");
    }

    @Test
    void aResumedRunGoesOnWithTheSameRunsAndTellsNothingTwice() throws IOException {
        StageFiles sft = new StageFiles(folder, "sft");
        Trackers stopped = trackers(sft, 20);
        StageListener before = stopped.begin(sft.stage);
        for (long step = 1; step <= 5; step++) {
            sft.metrics(before, step);
        }
        stopped.end(Tracker.Outcome.STOPPED);
        assertThat(server().run("toy").status).isEqualTo("KILLED");
        sft.cut("metrics.jsonl", 3);

        Trackers resumed = trackers(sft, 20);
        StageListener after = resumed.begin(sft.stage);
        for (long step = 4; step <= 7; step++) {
            sft.metrics(after, step);
        }
        resumed.done(sft.stage, Map.of());
        resumed.end(Tracker.Outcome.FINISHED);

        assertThat(server().runs).hasSize(2);
        assertThat(server().run("toy/sft").points).isEqualTo(losses(1, 2, 3, 4, 5, 6, 7));
        assertThat(server().run("toy").status).isEqualTo("FINISHED");
    }

    @Test
    void aServerThatRefusesIsSaidOnce() throws IOException {
        StageFiles sft = new StageFiles(folder, "sft");
        server().status = 401;
        Trackers trackers = trackers(sft, 20);
        StageListener stage = trackers.begin(sft.stage);
        sft.metrics(stage, 1);
        trackers.done(sft.stage, Map.of());
        trackers.end(Tracker.Outcome.FINISHED);

        assertThat(console.warnings)
                .singleElement()
                .asString()
                .contains("answered with status 401", "the run goes on without it");
    }

    @Test
    void aKeyOrAPasswordThatTheServerSaysBackIsNotShown() {
        server().status = 401;
        server().refusal = "{\"error\": \"wrong: Basic bWU6aHVudGVyMg==, hunter2\n\"}" + "x".repeat(5000);
        Endpoint endpoint = Endpoint.of("url", server().url()).with("Authorization", "Basic bWU6aHVudGVyMg==");
        MlflowClient client = new MlflowClient(endpoint, Duration.ofSeconds(20));

        assertThatThrownBy(() -> client.experiment("rates"))
                .hasMessageContaining("answered with status 401: {\"error\": \"wrong: ***, ***\\n\"}xxx")
                .message()
                .hasSizeLessThan(300);
    }
}
