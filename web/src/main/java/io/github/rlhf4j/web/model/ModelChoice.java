package io.github.rlhf4j.web.model;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.rlhf4j.core.UserError;
import io.github.rlhf4j.web.Json;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * A model that a person chose.
 *
 * @param model its folder, or that of a run's stage
 * @param adapter on it; absent: none
 */
public record ModelChoice(Path model, Optional<Path> adapter) {
    /**
     * Reads {@code {"model": DIR, "adapter": DIR}}, or the text {@code DIR}.
     *
     * @throws UserError where no model is named
     */
    public static ModelChoice of(JsonNode node) {
        String model = node.isTextual() ? node.textValue() : node.path("model").asText();
        String adapter = node.path("adapter").asText();
        if (model.isBlank()) {
            throw new UserError("choose a model: the folder of a Hugging Face model, or of a run's stage");
        }
        return new ModelChoice(path(model), adapter.isBlank() ? Optional.empty() : Optional.of(path(adapter)));
    }

    /** Those of a list, at least one. */
    public static List<ModelChoice> all(JsonNode list) {
        List<ModelChoice> choices = new ArrayList<>();
        list.forEach(node -> choices.add(of(node)));
        if (choices.isEmpty()) {
            throw new UserError("choose a model: the folder of a Hugging Face model, or of a run's stage");
        }
        return choices;
    }

    private static Path path(String text) {
        try {
            return Path.of(text.strip());
        } catch (InvalidPathException e) {
            throw new UserError(text + " is not the name of a folder", e);
        }
    }

    /** As people read it. */
    public String label() {
        return adapter.map(folder -> model + " + " + folder).orElse(model.toString());
    }

    /** As {@link #of} reads it. */
    public ObjectNode json() {
        ObjectNode node = Json.object().put("model", model.toString());
        adapter.ifPresent(folder -> node.put("adapter", folder.toString()));
        return node;
    }
}
