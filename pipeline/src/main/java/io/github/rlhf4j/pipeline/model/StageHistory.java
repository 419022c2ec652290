package io.github.rlhf4j.pipeline.model;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.MissingNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** The stages of a run that led to a model, the last one first: what their provenance.json and the run's summary.json say. Empty for a model that no run here made. */
record StageHistory(List<Made> stages) {
    private static final ObjectMapper MAPPER = new ObjectMapper();

    /**
     * One stage.
     *
     * @param provenance its provenance.json
     * @param summary what summary.json has of it
     */
    record Made(String name, JsonNode provenance, JsonNode summary) {
        String type() {
            return provenance.path("type").asText();
        }

        /** What a key of its configuration was; empty where it had none. */
        Optional<String> config(String key) {
            String value = provenance.path("config").path(key).path("value").asText("");
            return value.isEmpty() || value.equals("null") ? Optional.empty() : Optional.of(value);
        }
    }

    StageHistory {
        stages = List.copyOf(stages);
    }

    /** Of a model's folder, {@code RUN/STAGE/model}. */
    static StageHistory of(Path model) {
        Path stage = model.toAbsolutePath().normalize().getParent();
        List<Made> found = new ArrayList<>();
        Set<Path> seen = new HashSet<>();
        while (stage != null && Files.isRegularFile(stage.resolve("provenance.json")) && seen.add(stage)) {
            String name = String.valueOf(stage.getFileName());
            JsonNode summary = read(stage.resolveSibling("summary.json"));
            Made made = new Made(
                    name,
                    read(stage.resolve("provenance.json")),
                    summary.path("stages").path(name));
            found.add(made);
            Path before = stage;
            stage = made.config("model")
                    .filter(given -> made.provenance().path("parents").has(given))
                    .map(before::resolveSibling)
                    .orElse(null);
        }
        return new StageHistory(found);
    }

    private static JsonNode read(Path file) {
        try {
            return Files.isRegularFile(file) ? MAPPER.readTree(file.toFile()) : MissingNode.getInstance();
        } catch (IOException e) {
            return MissingNode.getInstance(); // what is damaged says nothing
        }
    }

    /** The model that the first of them began with, where that is no stage. */
    Optional<String> base() {
        return stages.isEmpty()
                ? Optional.empty()
                : stages.get(stages.size() - 1).config("model");
    }
}
