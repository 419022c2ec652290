package io.github.rlhf4j.datasets.io;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.rlhf4j.core.UserError;
import java.nio.file.Path;
import java.util.Locale;

/** How JSON is read: nothing is guessed, nothing passes unseen. */
final class StrictJson {
    static final ObjectMapper MAPPER = mapper();

    private StrictJson() {}

    static ObjectNode object(Path path, long line, JsonNode node) {
        if (node instanceof ObjectNode object) {
            return object;
        }
        String found =
                node.isMissingNode() ? "nothing" : node.getNodeType().toString().toLowerCase(Locale.ROOT);
        throw new UserError("%s line %d: a row must be a JSON object such as {\"prompt\": \"...\"}, but is %s"
                .formatted(path, line, found));
    }

    static UserError invalid(Path path, long line, JsonProcessingException cause) {
        String place = cause.getLocation() == null
                ? ""
                : " at column " + cause.getLocation().getColumnNr();
        return new UserError(
                "%s line %d: not valid JSON%s (%s); each row must be one JSON object%s"
                        .formatted(
                                path,
                                line,
                                place,
                                cause.getOriginalMessage().lines().findFirst().orElse(""),
                                line == 1 ? " (raw text must be named .txt, or be read with separator:)" : ""),
                cause);
    }

    private static ObjectMapper mapper() {
        ObjectMapper mapper = JsonMapper.builder()
                .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
                .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
                .build();
        mapper.getFactory()
                .setStreamReadConstraints(StreamReadConstraints.builder()
                        .maxStringLength(RowLimit.USUAL.bytes())
                        .build());
        return mapper;
    }
}
