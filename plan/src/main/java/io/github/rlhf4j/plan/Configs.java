package io.github.rlhf4j.plan;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.TextNode;
import io.github.rlhf4j.core.UserError;
import io.github.rlhf4j.core.files.HuggingFaceConfig;
import java.util.List;

/** config.json files that are not files: of a family's name, with values of the command line. */
final class Configs {
    private static final ObjectMapper MAPPER = new ObjectMapper();

    private Configs() {}

    /** With nothing but its family. */
    static HuggingFaceConfig empty(String family, String source) {
        return HuggingFaceConfig.create(family, source);
    }

    /** The part of a model of several media that reads and writes text. */
    static HuggingFaceConfig languageModel(HuggingFaceConfig config) {
        JsonNode text = config.tree().path("text_config");
        if (!text.path("model_type").isTextual()) {
            return config;
        }
        HuggingFaceConfig part = empty(text.path("model_type").asText(), config.source());
        for (var key : text.properties()) {
            part = part.with(key.getKey(), key.getValue());
        }
        return part;
    }

    /**
     * With values laid over it.
     *
     * @param values {@code key=value}, the value as JSON has it, or a text
     */
    static HuggingFaceConfig with(HuggingFaceConfig config, List<String> values) {
        HuggingFaceConfig changed = config;
        for (String value : values) {
            int at = value.indexOf('=');
            if (at < 1) {
                throw new UserError("\"" + value + "\" must be KEY=VALUE, such as num_hidden_layers=16");
            }
            changed = changed.with(value.substring(0, at), json(value.substring(at + 1)));
        }
        return changed;
    }

    /** The keys of such values. */
    static List<String> keys(List<String> values) {
        return values.stream().map(value -> value.split("=", 2)[0]).toList();
    }

    private static JsonNode json(String text) {
        try {
            JsonNode value = MAPPER.readTree(text);
            return value == null || value.isMissingNode() ? TextNode.valueOf(text) : value;
        } catch (JsonProcessingException e) {
            return TextNode.valueOf(text);
        }
    }
}
