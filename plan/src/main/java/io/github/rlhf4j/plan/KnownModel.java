package io.github.rlhf4j.plan;

import com.fasterxml.jackson.databind.JsonNode;
import io.github.rlhf4j.core.files.HuggingFaceConfig;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * A model whose sizes are published.
 *
 * @param name in the table
 * @param aliases other names
 * @param note what a reader must know of the name
 * @param source of the sizes
 * @param tokens it was trained on, as its paper says
 * @param length tokens of a training sequence
 */
record KnownModel(
        String name,
        List<String> aliases,
        Optional<String> note,
        String source,
        OptionalLong tokens,
        OptionalLong length,
        HuggingFaceConfig config) {
    static KnownModel of(JsonNode entry) {
        List<String> aliases = new ArrayList<>();
        entry.path("aliases").forEach(alias -> aliases.add(alias.asText()));
        JsonNode keys = entry.path("config");
        String name = entry.path("name").asText();
        HuggingFaceConfig config = Configs.empty(keys.path("model_type").asText(), name);
        for (var key : keys.properties()) {
            config = config.with(key.getKey(), key.getValue());
        }
        return new KnownModel(
                name,
                aliases,
                Optional.ofNullable(entry.get("note")).map(JsonNode::asText),
                entry.path("source").asText(),
                number(entry.path("tokens")),
                number(entry.path("length")),
                config);
    }

    private static OptionalLong number(JsonNode value) {
        return value.isNumber() ? OptionalLong.of(value.longValue()) : OptionalLong.empty();
    }

    boolean isCalled(String given) {
        return name.equals(given) || aliases.contains(given);
    }
}
