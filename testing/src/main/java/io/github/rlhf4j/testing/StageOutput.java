package io.github.rlhf4j.testing;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * What a stage left.
 *
 * @param directory its folder
 * @param summary its entry in summary.json; empty where it did not end
 */
public record StageOutput(Path directory, JsonNode summary) {
    private static final ObjectMapper MAPPER = new ObjectMapper();

    /** The lines of metrics.jsonl as they are. */
    public List<String> lines() {
        return lines("metrics.jsonl");
    }

    /** The lines of metrics.jsonl. */
    public List<JsonNode> metrics() {
        return lines().stream().map(StageOutput::parsed).toList();
    }

    /** A metric, of each line of metrics.jsonl that has it. */
    public List<Double> metric(String name) {
        return metrics().stream()
                .filter(line -> line.has(name))
                .map(line -> line.get(name).asDouble())
                .toList();
    }

    /** The lines of samples.jsonl. */
    public List<JsonNode> samples() {
        return lines("samples.jsonl").stream().map(StageOutput::parsed).toList();
    }

    /** The folder of the model that it made. */
    public Path model() {
        return directory.resolve("model");
    }

    /** The bytes of that model's weights. */
    public byte[] weights() {
        return weights("model");
    }

    /** The bytes of the weights in a folder of the stage's, such as {@code value_model}. */
    public byte[] weights(String folder) {
        try {
            return Files.readAllBytes(directory.resolve(folder).resolve("model.safetensors"));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** A file of the model's as text, such as {@code chat_template.jinja}. */
    public String modelText(String file) {
        try {
            return Files.readString(model().resolve(file));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** A file of the model's as JSON, such as {@code config.json}. */
    public JsonNode modelJson(String file) {
        return parsed(modelText(file));
    }

    private List<String> lines(String file) {
        try {
            return Files.readAllLines(directory.resolve(file));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static JsonNode parsed(String json) {
        try {
            return MAPPER.readTree(json);
        } catch (JsonProcessingException e) {
            throw new UncheckedIOException(e);
        }
    }
}
