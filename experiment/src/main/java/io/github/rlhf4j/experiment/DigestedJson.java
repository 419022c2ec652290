package io.github.rlhf4j.experiment;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.rlhf4j.core.files.Sha256;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/** JSON beside its digest in one file, so that a change of the file is seen. */
public final class DigestedJson {
    private static final ObjectMapper MAPPER = new ObjectMapper();
    private static final String DIGEST = "sha256"; // of the JSON as one line

    private DigestedJson() {}

    /**
     * What is to be written.
     *
     * @param key of the JSON
     */
    public static ObjectNode of(String key, JsonNode json) {
        ObjectNode digested = MAPPER.createObjectNode().put(DIGEST, digest(json));
        digested.set(key, json);
        return digested;
    }

    /** The JSON of a file, all of it where it has no digest, as older versions wrote it; empty where the file is missing or damaged. */
    public static Optional<JsonNode> read(Path file, String key) {
        try {
            JsonNode tree = MAPPER.readTree(Files.readAllBytes(file));
            if (!tree.has(DIGEST)) {
                return Optional.of(tree);
            }
            JsonNode json = tree.path(key);
            return tree.path(DIGEST).asText().equals(digest(json)) ? Optional.of(json) : Optional.empty();
        } catch (IOException e) {
            return Optional.empty();
        }
    }

    private static String digest(JsonNode json) {
        return new Sha256().add(json.toString()).hex();
    }
}
