package io.github.rlhf4j.pipeline.run;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamWriteFeature;
import com.fasterxml.jackson.core.util.DefaultIndenter;
import com.fasterxml.jackson.core.util.DefaultPrettyPrinter;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.github.rlhf4j.core.files.AtomicFiles;
import io.github.rlhf4j.pipeline.config.EffectiveConfig;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/**
 * runs/&lt;name&gt;/&lt;stage&gt;/: what the pipeline itself keeps there. {@code config.yaml} is written before the stage starts, {@code done.json} last of all: the
 * stage's entry in summary.json, the digest of its model and those of its inputs.
 */
final class StageFolder {
    private static final ObjectMapper MAPPER = JsonMapper.builder(JsonFactory.builder()
                    .enable(StreamWriteFeature.USE_FAST_DOUBLE_WRITER)
                    .build())
            .build();
    private static final DefaultPrettyPrinter PRINTER =
            new DefaultPrettyPrinter().withObjectIndenter(new DefaultIndenter("  ", "\n"));

    private final Path directory;

    StageFolder(Path directory) {
        this.directory = directory;
    }

    Path directory() {
        return directory;
    }

    boolean isDone() {
        return Files.isRegularFile(directory.resolve("done.json"));
    }

    boolean hasCheckpoints() {
        return Files.isDirectory(directory.resolve("checkpoints"));
    }

    /** Removes whatever lies there. */
    void clear() {
        AtomicFiles.delete(directory);
    }

    void writeConfig(EffectiveConfig config) {
        AtomicFiles.writeString(directory.resolve("config.yaml"), config.toYaml());
    }

    /** The stored effective configuration. */
    Optional<EffectiveConfig> config() {
        Path file = directory.resolve("config.yaml");
        return Files.isRegularFile(file) ? Optional.of(EffectiveConfig.read(file)) : Optional.empty();
    }

    /** The last logged value of every metric, by its name in metrics.jsonl. */
    Map<String, Object> lastMetrics() {
        Map<String, Object> metrics = new LinkedHashMap<>();
        Path file = directory.resolve("metrics.jsonl");
        if (Files.isRegularFile(file)) {
            try (BufferedReader lines = Files.newBufferedReader(file)) {
                for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                    MAPPER.readTree(line).properties().stream()
                            .filter(entry -> !entry.getKey().equals("step"))
                            .forEach(entry -> metrics.put(entry.getKey(), entry.getValue()));
                }
            } catch (IOException e) {
                throw new UncheckedIOException("cannot read " + file, e);
            }
        }
        return metrics;
    }

    /** Digest of the model it made; empty where it made none. */
    String modelDigest() {
        Path model = directory.resolve("model");
        return Files.isDirectory(model) ? AtomicFiles.sha256OfDirectory(model) : "";
    }

    /** Says that the stage is complete. */
    void writeDone(Map<String, Object> summary, String modelDigest, Map<String, String> inputDigests) {
        Map<String, Object> done = new LinkedHashMap<>();
        done.put("summary", summary);
        done.put("model_sha256", modelDigest);
        done.put("inputs", inputDigests);
        writeJson(directory.resolve("done.json"), done);
    }

    JsonNode done() {
        return readJson(directory.resolve("done.json"));
    }

    static JsonNode readJson(Path file) {
        try {
            return MAPPER.readTree(file.toFile());
        } catch (IOException e) {
            throw new UncheckedIOException("cannot read " + file, e);
        }
    }

    static void writeJson(Path file, Object tree) {
        try {
            AtomicFiles.writeString(file, MAPPER.writer(PRINTER).writeValueAsString(tree) + "\n");
        } catch (JsonProcessingException e) {
            throw new UncheckedIOException(e);
        }
    }
}
