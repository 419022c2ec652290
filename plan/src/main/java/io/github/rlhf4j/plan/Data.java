package io.github.rlhf4j.plan;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.Objects;

/** The tables beside the classes. */
final class Data {
    private Data() {}

    static JsonNode read(String name) {
        try (InputStream file = Objects.requireNonNull(Data.class.getResourceAsStream(name), name)) {
            return new ObjectMapper().readTree(file);
        } catch (IOException e) {
            throw new UncheckedIOException(name, e);
        }
    }
}
