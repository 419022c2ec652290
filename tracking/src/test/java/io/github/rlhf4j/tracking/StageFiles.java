package io.github.rlhf4j.tracking;

import io.github.rlhf4j.core.stage.StageListener;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Plays a stage of a run: writes its files and tells of them, as a run does. */
final class StageFiles {
    private final Path run;
    final TrackedStage stage;

    StageFiles(Path run, String name) throws IOException {
        this.run = run;
        Map<String, String> config = new LinkedHashMap<>();
        config.put("type", "sft");
        config.put("learning_rate", "1e-3");
        this.stage = new TrackedStage(name, "sft", Files.createDirectories(run.resolve(name)), config);
    }

    TrackedRun run(Watching console) {
        return new TrackedRun("toy", 7, run, console);
    }

    /** Logs a step's metrics; the loss is 1 / step. */
    void metrics(StageListener listener, long step, String... more) {
        Map<String, Double> metrics = new LinkedHashMap<>();
        metrics.put("loss", 1.0 / step);
        for (String name : more) {
            metrics.put(name, 2.0);
        }
        StringBuilder line = new StringBuilder("{\"step\":" + step);
        metrics.forEach(
                (name, value) -> line.append(",\"").append(name).append("\":").append(value));
        append("metrics.jsonl", line + "}\n");
        listener.onMetrics(step, metrics);
    }

    void sample(StageListener listener, long step, String response, double score) {
        append("samples.jsonl", "{\"step\":%d,\"response\":\"%s\",\"score\":%s}\n".formatted(step, response, score));
        Map<String, Object> sample = new LinkedHashMap<>();
        sample.put("response", response);
        sample.put("score", score);
        listener.onSample(step, sample);
    }

    /** As a run that goes on from a checkpoint cuts its files. */
    void cut(String file, int lines) throws IOException {
        Path path = stage.folder().resolve(file);
        List<String> kept = Files.readAllLines(path).subList(0, lines);
        Files.writeString(path, kept.isEmpty() ? "" : String.join("\n", kept) + "\n");
    }

    private void append(String file, String line) {
        try {
            Files.writeString(stage.folder().resolve(file), line, StandardOpenOption.CREATE, StandardOpenOption.APPEND);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
