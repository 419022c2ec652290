package io.github.rlhf4j.cli;

import io.github.rlhf4j.GenerationOptions;
import io.github.rlhf4j.core.UserError;
import io.github.rlhf4j.core.grammar.StructuredOutputs;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import picocli.CommandLine.Option;

/** What texts are held to, on the command line. */
final class StructuredFlags {
    @Option(
            names = {"--choices", "--choice"},
            paramLabel = "A,B",
            split = ",",
            description = "The text is one of these; may be given several times.")
    private List<String> choices = new ArrayList<>();

    @Option(names = "--regex", paramLabel = "EXPRESSION", description = "The whole text matches it.")
    private Optional<String> regex = Optional.empty();

    @Option(
            names = "--json-schema",
            paramLabel = "FILE",
            description = "The text is JSON that is valid under the schema of a file.")
    private Optional<Path> jsonSchema = Optional.empty();

    @Option(names = "--json-object", description = "The text is an object of JSON.")
    private boolean jsonObject;

    /** The options with what is asked for here. */
    GenerationOptions held(GenerationOptions options) {
        long given = Stream.of(!choices.isEmpty(), regex.isPresent(), jsonSchema.isPresent(), jsonObject)
                .filter(is -> is)
                .count();
        if (given > 1) {
            throw new UserError("give one of --choices, --regex, --json-schema and --json-object");
        }
        if (given == 0) {
            return options;
        }
        if (!options.stop().isEmpty()) {
            throw new UserError("--stop cannot be given with a text that must be whole");
        }
        return options.toBuilder().structuredOutputs(outputs()).build();
    }

    private StructuredOutputs outputs() {
        if (!choices.isEmpty()) {
            return StructuredOutputs.choice(choices);
        }
        if (regex.isPresent()) {
            return StructuredOutputs.regex(regex.get());
        }
        return jsonObject ? StructuredOutputs.jsonObject() : StructuredOutputs.json(schema(), "--json-schema");
    }

    private String schema() {
        Path file = jsonSchema.orElseThrow();
        try {
            return Files.readString(file, StandardCharsets.UTF_8);
        } catch (NoSuchFileException e) {
            throw new UserError("--json-schema " + file + " does not exist", e);
        } catch (IOException e) {
            throw new UserError("--json-schema " + file + " cannot be read: is it a file in UTF-8?", e);
        }
    }
}
