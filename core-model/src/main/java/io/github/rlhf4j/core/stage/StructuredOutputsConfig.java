package io.github.rlhf4j.core.stage;

import static io.github.rlhf4j.core.stage.ConfigException.checkConfig;

import io.github.rlhf4j.core.UserError;
import io.github.rlhf4j.core.generation.TokenConstraint;
import io.github.rlhf4j.core.grammar.StructuredOutputs;
import io.github.rlhf4j.core.tokenizer.Tokenizer;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * What sampled texts are held to, by the names of vLLM's StructuredOutputsParams. One of them.
 *
 * @param choice the text is one of these
 * @param regex the whole text matches it
 * @param json the text is valid under this JSON Schema: a file, or the schema itself as a text
 * @param jsonObject the text is an object of JSON
 */
public record StructuredOutputsConfig(
        List<String> choice, Optional<String> regex, Optional<String> json, Optional<Boolean> jsonObject) {
    private static final String KEYS = "choice, regex, json, json_object: true";

    public StructuredOutputsConfig {
        choice = List.copyOf(choice);
        boolean isObject = jsonObject.orElse(false);
        long given = Stream.of(!choice.isEmpty(), regex.isPresent(), json.isPresent(), isObject)
                .filter(is -> is)
                .count();
        String key = regex.isPresent() ? "regex" : json.isPresent() ? "json" : "choice";
        checkConfig(given == 1, key, given == 0 ? "missing, as are the others" : "not alone", "must be one of " + KEYS);
        try {
            outputs(choice, regex, json);
        } catch (UserError e) {
            checkConfig(false, key, e.getMessage() + "", "must be what texts can be held to");
        }
    }

    /** Texts that are one of some. */
    public static StructuredOutputsConfig choice(String... texts) {
        return new StructuredOutputsConfig(List.of(texts), Optional.empty(), Optional.empty(), Optional.empty());
    }

    /** The language. */
    public StructuredOutputs outputs() {
        return outputs(choice, regex, json);
    }

    /** The file that has the schema, where {@code json} names one. */
    public Optional<String> schemaFile() {
        return json.filter(given -> !isSchema(given));
    }

    /** What holds a tokenizer's texts to it; anything where nothing is given. */
    public static TokenConstraint constraint(Optional<StructuredOutputsConfig> given, Tokenizer tokenizer) {
        return given.isPresent() ? given.get().outputs().constraint(tokenizer).atTextStart() : TokenConstraint.NONE;
    }

    private static StructuredOutputs outputs(List<String> choice, Optional<String> regex, Optional<String> json) {
        if (!choice.isEmpty()) {
            return StructuredOutputs.choice(choice);
        }
        if (regex.isPresent()) {
            return StructuredOutputs.regex(regex.get());
        }
        return json.isPresent() ? StructuredOutputs.json(schema(json.get())) : StructuredOutputs.jsonObject();
    }

    private static boolean isSchema(String given) {
        return given.stripLeading().startsWith("{");
    }

    private static String schema(String given) {
        if (isSchema(given)) {
            return given;
        }
        try {
            return Files.readString(Path.of(given), StandardCharsets.UTF_8);
        } catch (IOException | InvalidPathException e) {
            throw new UserError(
                    "the schema " + given + " cannot be read: it must be a file in UTF-8, or a text that begins with {",
                    e);
        }
    }
}
