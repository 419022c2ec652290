package io.github.rlhf4j.lab;

import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.github.rlhf4j.core.files.AtomicFiles;
import io.github.rlhf4j.experiment.DigestedJson;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/** What was measured of a run, in a file with its digest. */
final class Kept {
    private static final ObjectMapper MAPPER = new ObjectMapper();
    private static final String OBSERVATIONS = "observations";

    private Kept() {}

    /** Gives them as {@link #read} will. */
    static List<Observation> write(Path file, List<Observation> observations) {
        JsonNode tree;
        try {
            tree = MAPPER.readTree(MAPPER.writeValueAsBytes(observations)); // as it is read
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        AtomicFiles.writeString(file, DigestedJson.of(OBSERVATIONS, tree).toString());
        return observations(tree);
    }

    /** Empty where the file is damaged. */
    static Optional<List<Observation>> read(Path file) {
        try {
            return DigestedJson.read(file, OBSERVATIONS)
                    .filter(JsonNode::isArray)
                    .map(Kept::observations);
        } catch (IllegalArgumentException e) {
            return Optional.empty();
        }
    }

    private static List<Observation> observations(JsonNode tree) {
        return MAPPER.convertValue(tree, new TypeReference<>() {});
    }
}
