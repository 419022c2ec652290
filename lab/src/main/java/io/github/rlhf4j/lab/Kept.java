package io.github.rlhf4j.lab;

import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.rlhf4j.core.files.AtomicFiles;
import io.github.rlhf4j.core.files.Sha256;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/** What was measured of a run, in a file with its digest. */
final class Kept {
    private static final ObjectMapper MAPPER = new ObjectMapper();
    private static final String OBSERVATIONS = "observations";
    private static final String DIGEST = "sha256"; // of the observations as they stand in the file

    private Kept() {}

    static void write(Path file, List<Observation> observations) {
        JsonNode tree;
        try {
            tree = MAPPER.readTree(MAPPER.writeValueAsBytes(observations)); // as it is read
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        ObjectNode kept = MAPPER.createObjectNode();
        kept.put(DIGEST, digest(tree));
        kept.set(OBSERVATIONS, tree);
        AtomicFiles.writeString(file, kept.toString());
    }

    /** Empty where the file is damaged. */
    static Optional<List<Observation>> read(Path file) {
        try {
            JsonNode kept = MAPPER.readTree(Files.readAllBytes(file));
            JsonNode observations = kept.isArray()
                    ? kept
                    : kept.path(OBSERVATIONS); // a list alone, without a digest, in older versions
            if (!observations.isArray()
                    || kept.isObject() && !kept.path(DIGEST).asText().equals(digest(observations))) {
                return Optional.empty();
            }
            return Optional.of(MAPPER.convertValue(observations, new TypeReference<>() {}));
        } catch (IOException | IllegalArgumentException e) {
            return Optional.empty();
        }
    }

    private static String digest(JsonNode observations) {
        return new Sha256().add(observations.toString()).hex();
    }
}
