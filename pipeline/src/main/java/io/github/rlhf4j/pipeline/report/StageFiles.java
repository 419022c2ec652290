package io.github.rlhf4j.pipeline.report;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.MissingNode;
import io.github.rlhf4j.core.UserError;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * What a stage's folder holds, for the report; files that are missing are empty.
 *
 * @param name the stage's
 * @param summary its entry in summary.json; missing where it is not complete
 */
record StageFiles(String name, Path directory, JsonNode summary) {
    private static final ObjectMapper MAPPER = new ObjectMapper();

    /** A stage that has begun and is not complete. */
    static StageFiles unfinished(Path directory) {
        return new StageFiles(String.valueOf(directory.getFileName()), directory, MissingNode.getInstance());
    }

    boolean isDone() {
        return !summary.isMissingNode();
    }

    String type() {
        return summary.path("type").asText(setting("type"));
    }

    boolean isEvaluation() {
        return summary.has("models") || summary.has("rankings");
    }

    /** The value of a key of the effective configuration, empty where it has none. */
    String setting(String key) {
        String prefix = key + ": ";
        return config().lines()
                .filter(line -> line.startsWith(prefix))
                .map(line -> line.substring(prefix.length())
                        .replaceFirst("  # .*", "")
                        .strip())
                .findFirst()
                .orElse("");
    }

    /** The newest step that was logged, 0 where there is none. */
    long step() {
        List<JsonNode> timing = lines("timing.jsonl");
        return timing.isEmpty() ? 0 : timing.get(timing.size() - 1).path("step").asLong();
    }

    /** What was said at a level: note, warning, check. */
    List<String> messages(String level) {
        return lines("messages.jsonl").stream()
                .filter(line -> line.path("level").asText().equals(level))
                .map(line -> line.path("message").asText())
                .distinct()
                .toList();
    }

    /** Self-checks that stopped the stage. */
    List<String> failedChecks() {
        return lines("messages.jsonl").stream()
                .filter(line -> line.path("level").asText().equals("check"))
                .filter(line -> line.has("passed") && !line.path("passed").asBoolean())
                .map(line -> "self-check failed: " + line.path("message").asText())
                .toList();
    }

    /** Metric to its values over the steps, in order of first appearance. */
    Map<String, List<LineChart.Point>> metrics() {
        Map<String, List<LineChart.Point>> metrics = new LinkedHashMap<>();
        for (JsonNode line : lines("metrics.jsonl")) {
            double step = line.path("step").asDouble();
            line.properties().forEach(entry -> {
                boolean finite = entry.getValue().isNumber()
                        && Double.isFinite(entry.getValue().doubleValue());
                if (finite && !entry.getKey().equals("step")) {
                    metrics.computeIfAbsent(entry.getKey(), key -> new ArrayList<>())
                            .add(new LineChart.Point(step, entry.getValue().doubleValue()));
                }
            });
        }
        return metrics;
    }

    /** The objects of a JSONL file; a last line that is half written is left out. */
    List<JsonNode> lines(String file) {
        Path path = directory.resolve(file);
        List<JsonNode> lines = new ArrayList<>();
        if (Files.isRegularFile(path)) {
            for (String line : read(path).split("\n")) {
                try {
                    lines.add(MAPPER.readTree(line));
                } catch (JsonProcessingException e) {
                    break;
                }
            }
        }
        lines.removeIf(line -> !line.isObject());
        return lines;
    }

    /** A JSON file, missing where there is none. */
    JsonNode json(String file) {
        return readJson(directory.resolve(file));
    }

    static JsonNode readJson(Path path) {
        if (!Files.isRegularFile(path)) {
            return MissingNode.getInstance();
        }
        try {
            return MAPPER.readTree(read(path));
        } catch (JsonProcessingException e) {
            throw new UserError(
                    path
                            + " is damaged: it is not valid JSON; go on with --resume, or begin again with --from and a stage's name",
                    e);
        }
    }

    /** config.yaml as it stands. */
    String config() {
        Path path = directory.resolve("config.yaml");
        return Files.isRegularFile(path) ? read(path) : "";
    }

    /** What is no UTF-8 is shown as such: a report does not fail for a damaged byte of a text. */
    private static String read(Path path) {
        try {
            return new String(Files.readAllBytes(path), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException("cannot read " + path, e);
        }
    }
}
