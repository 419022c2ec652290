package io.github.rlhf4j.tracking;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.rlhf4j.core.stage.GivenKeys;
import io.github.rlhf4j.core.stage.StageListener;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FileTrackersTest {
    @TempDir
    private Path folder;

    private final Watching console = new Watching();
    private StageFiles files;

    @BeforeEach
    void begin() throws IOException {
        files = new StageFiles(folder, "sft");
    }

    private Trackers trackers(String name, TrackerFactory factory) {
        return new Trackers(files.run(console), List.of(new Trackers.Chosen(name, factory, GivenKeys.NONE)));
    }

    private String csv() throws IOException {
        return Files.readString(folder.resolve("trackers/csv/sft.csv"));
    }

    @Test
    void csvHasARowAStepAndAColumnAMetricAlsoOneThatComesLater() throws IOException {
        Trackers trackers = trackers("csv", new CsvTracker.Factory());
        StageListener stage = trackers.begin(files.stage);
        files.metrics(stage, 1);
        files.metrics(stage, 2, "eval, loss");
        files.metrics(stage, 4);
        trackers.done(files.stage, Map.of());
        trackers.end(Tracker.Outcome.FINISHED);

        assertThat(csv()).isEqualTo("step,loss,\"eval, loss\"\n1,1,\n2,0.5,2\n4,0.25,\n");
        assertThat(console.warnings).isEmpty();
    }

    @Test
    void csvOfAStageThatWasKilledAndWentOnIsThatOfAnUnbrokenOne() throws IOException {
        Trackers killed = trackers("csv", new CsvTracker.Factory());
        StageListener before = killed.begin(files.stage);
        for (long step = 1; step <= 5; step++) {
            files.metrics(before, step, step == 5 ? "eval_loss" : "rate");
        }
        files.cut("metrics.jsonl", 3); // to the checkpoint, which the loop does after the stage has begun

        Trackers resumed = trackers("csv", new CsvTracker.Factory());
        StageListener after = resumed.begin(files.stage);
        files.metrics(after, 4, "rate");
        files.metrics(after, 5, "eval_loss");
        resumed.end(Tracker.Outcome.FINISHED);

        assertThat(csv())
                .isEqualTo("step,loss,rate,eval_loss\n1,1,2,\n2,0.5,2,\n3,%s,2,\n4,0.25,2,\n5,0.2,,2\n"
                        .formatted(1.0 / 3));
    }

    /** It will be cut off: the checkpoint is before it. */
    @Test
    void aLineThatIsNoTextDoesNotEndTheRun() throws IOException {
        Path metrics = folder.resolve("sft/metrics.jsonl");
        Files.write(metrics, new byte[] {(byte) 0xff, '\n', (byte) 0xfe});
        trackers("csv", new CsvTracker.Factory()).begin(files.stage);

        assertThat(KeptRecords.lines(folder.resolve("sft"), StageRecord.Kind.METRICS))
                .isEqualTo(2);
    }

    @Test
    void tensorBoardHasScalarsTextsAndHistogramsAndForgetsWhatWasCutOff() throws IOException {
        Trackers killed = trackers("tensorboard", new TensorBoardTracker.Factory());
        StageListener before = killed.begin(files.stage);
        files.sample(before, 1, "It is red.", 0.5);
        files.sample(before, 1, "Who knows?", -1);
        files.metrics(before, 1);
        files.metrics(before, 2, "lost_metric");
        files.cut("metrics.jsonl", 1);

        Trackers resumed = trackers("tensorboard", new TensorBoardTracker.Factory());
        StageListener after = resumed.begin(files.stage);
        files.metrics(after, 2);
        resumed.done(files.stage, Map.of("loss", 0.5));
        resumed.end(Tracker.Outcome.FINISHED);

        String events = Files.readString(
                folder.resolve("trackers/tensorboard/sft/events.out.tfevents.rlhf4j"), StandardCharsets.ISO_8859_1);
        assertThat(events)
                .contains(
                        "loss", "samples/score", "samples/response_characters", "samples/0", "samples/1", "It is red.")
                .contains("learning_rate: 1e-3", "results/loss")
                .doesNotContain("lost_metric");
    }

    @Test
    void aTrackerThatFailsIsLeftOutAndTheRunGoesOn() throws IOException {
        Files.writeString(folder.resolve("trackers"), "in the way");
        Trackers trackers = trackers("csv", new CsvTracker.Factory());

        StageListener stage = trackers.begin(files.stage);
        files.metrics(stage, 1);
        files.metrics(stage, 2);
        trackers.end(Tracker.Outcome.FINISHED);

        assertThat(console.warnings)
                .singleElement()
                .asString()
                .startsWith("[csv] no longer told what the run does, which goes on: cannot write");
    }
}
