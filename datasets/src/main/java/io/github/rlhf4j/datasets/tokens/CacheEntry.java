package io.github.rlhf4j.datasets.tokens;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Optional;
import java.util.UUID;

/**
 * One entry of the token cache: {@code KEY.tokens} (int32, little-endian: for each example its row, the number of its parts, their lengths, their values), {@code
 * KEY.index} (int64: where each example begins) and {@code KEY.json} (sizes and report), which is written last, so an entry without it does not exist.
 */
record CacheEntry(Path folder, String key) {
    private static final ObjectMapper MAPPER = new ObjectMapper();

    Path tokens() {
        return folder.resolve(key + ".tokens");
    }

    Path index() {
        return folder.resolve(key + ".index");
    }

    private Path description() {
        return folder.resolve(key + ".json");
    }

    /** A name beside {@code file} that no other process uses. */
    static Path unfinished(Path file) {
        return file.resolveSibling(file.getFileName() + "." + UUID.randomUUID() + ".tmp");
    }

    /** The entry's examples, when it is there and whole. */
    <T> Optional<CachedExamples<T>> open(ExampleFormat<T> format) {
        if (!Files.isRegularFile(description())) {
            return Optional.empty();
        }
        try {
            JsonNode node = MAPPER.readTree(description().toFile());
            MappedFile tokens = new MappedFile(tokens());
            MappedFile index = new MappedFile(index());
            boolean isWhole = node.path("tokens_bytes").asLong(-1) == tokens.size()
                    && node.path("index_bytes").asLong(-1) == index.size();
            return isWhole
                    ? Optional.of(new CachedExamples<>(format, tokens, index, report(node.path("report"))))
                    : Optional.empty();
        } catch (IOException e) {
            return Optional.empty(); // not readable: made anew
        }
    }

    /** Makes the entry known; its two other files are in place. */
    void publish(TokenizationReport report) {
        try {
            ObjectNode node = MAPPER.createObjectNode();
            node.put("tokens_bytes", Files.size(tokens()));
            node.put("index_bytes", Files.size(index()));
            node.putObject("report")
                    .put("rows", report.rows())
                    .put("tokens", report.tokens())
                    .put("targets", report.targets())
                    .put("boundary_mismatches", report.boundaryMismatches())
                    .put("prompts_cut", report.promptsCut())
                    .put("responses_cut", report.responsesCut())
                    .put("dropped", report.dropped())
                    .put("special_tokens_in_text", report.specialTokensInText());
            Path unfinished = unfinished(description());
            MAPPER.writeValue(unfinished.toFile(), node);
            Files.move(unfinished, description(), StandardCopyOption.REPLACE_EXISTING, StandardCopyOption.ATOMIC_MOVE);
        } catch (IOException e) {
            throw new UncheckedIOException("cannot write the token cache " + description(), e);
        }
    }

    private static TokenizationReport report(JsonNode node) {
        return new TokenizationReport(
                node.path("rows").asLong(),
                node.path("tokens").asLong(),
                node.path("targets").asLong(),
                node.path("boundary_mismatches").asLong(),
                node.path("prompts_cut").asLong(),
                node.path("responses_cut").asLong(),
                node.path("dropped").asLong(),
                node.path("special_tokens_in_text").asLong());
    }
}
