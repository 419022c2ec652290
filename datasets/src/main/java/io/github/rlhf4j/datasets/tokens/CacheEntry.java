package io.github.rlhf4j.datasets.tokens;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.rlhf4j.core.files.AtomicFiles;
import io.github.rlhf4j.core.files.Sha256;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Optional;
import java.util.UUID;

/**
 * One entry of the token cache: {@code KEY.tokens} (int32, little-endian: for each example its row, the number of its parts, their lengths, their values), {@code
 * KEY.index} (int64: where each example begins), {@code KEY.prompts} (int64: a hash of the prompt of each row that became tokens) and {@code KEY.json} (digests and report), which is written last, so an entry without
 * it does not exist.
 */
record CacheEntry(Path folder, String key) {
    private static final ObjectMapper MAPPER = new ObjectMapper();

    Path tokens() {
        return folder.resolve(key + ".tokens");
    }

    Path index() {
        return folder.resolve(key + ".index");
    }

    Path prompts() {
        return folder.resolve(key + ".prompts");
    }

    /** Whether it was finished once. */
    boolean exists() {
        return Files.isRegularFile(description());
    }

    private Path description() {
        return folder.resolve(key + ".json");
    }

    /** A name beside {@code file} that no other process uses. */
    static Path unfinished(Path file) {
        return file.resolveSibling(file.getFileName() + "." + UUID.randomUUID() + ".tmp");
    }

    /** Moves a finished file to its name, also where something else than a file has that name. */
    static void putInPlace(Path unfinished, Path file) throws IOException {
        if (Files.isDirectory(file, LinkOption.NOFOLLOW_LINKS)) {
            AtomicFiles.delete(file);
        }
        Files.move(unfinished, file, StandardCopyOption.REPLACE_EXISTING, StandardCopyOption.ATOMIC_MOVE);
    }

    /** The entry's examples, when it is there and its bytes are those that were written. */
    <T> Optional<CachedExamples<T>> open(ExampleFormat<T> format) {
        if (!exists()) {
            return Optional.empty();
        }
        try {
            if (!(MAPPER.readTree(description().toFile()) instanceof ObjectNode node)) {
                return Optional.empty();
            }
            String own = node.path("sha256").asText();
            node.remove("sha256");
            boolean isSound = own.equals(digest(node))
                    && node.path("tokens_sha256").asText().equals(digest(tokens()))
                    && node.path("index_sha256").asText().equals(digest(index()))
                    && node.path("prompts_sha256").asText().equals(digest(prompts()));
            return isSound
                    ? Optional.of(new CachedExamples<>(
                            format,
                            new MappedFile(tokens()),
                            new MappedFile(index()),
                            new MappedFile(prompts()),
                            report(node.path("report"))))
                    : Optional.empty();
        } catch (IOException | UncheckedIOException e) {
            return Optional.empty(); // not readable: made anew
        }
    }

    private static String digest(Path file) {
        return new Sha256().add(file).hex();
    }

    private static String digest(ObjectNode node) {
        return new Sha256().add(node.toString()).hex();
    }

    /** SHA-256 of the three files. */
    record Digests(String tokens, String index, String prompts) {}

    /** Makes the entry known; its other files are in place. */
    void publish(TokenizationReport report, Digests digests) {
        try {
            ObjectNode node = MAPPER.createObjectNode();
            node.put("tokens_sha256", digests.tokens());
            node.put("index_sha256", digests.index());
            node.put("prompts_sha256", digests.prompts());
            node.putObject("report")
                    .put("rows", report.rows())
                    .put("tokens", report.tokens())
                    .put("targets", report.targets())
                    .put("boundary_mismatches", report.boundaryMismatches())
                    .put("prompts_cut", report.promptsCut())
                    .put("responses_cut", report.responsesCut())
                    .put("dropped", report.dropped())
                    .put("special_tokens_in_text", report.specialTokensInText())
                    .put("sequences", report.sequences())
                    .put("ended", report.ended())
                    .put("untrained", report.untrained());
            node.put("sha256", digest(node));
            Path unfinished = unfinished(description());
            Files.write(unfinished, MAPPER.writeValueAsBytes(node));
            putInPlace(unfinished, description());
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
                node.path("special_tokens_in_text").asLong(),
                node.path("sequences").asLong(),
                node.path("ended").asLong(),
                node.path("untrained").asLong());
    }
}
