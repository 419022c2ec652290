package io.github.rlhf4j.lab;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonMappingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.github.rlhf4j.core.Suggestion;
import io.github.rlhf4j.core.UserError;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.yaml.snakeyaml.LoaderOptions;
import org.yaml.snakeyaml.Yaml;
import org.yaml.snakeyaml.constructor.SafeConstructor;
import org.yaml.snakeyaml.error.MarkedYAMLException;
import org.yaml.snakeyaml.error.YAMLException;

/**
 * Where a page is from: the program's own resources, or a folder of the user's.
 *
 * @param name its name; of a folder the folder's
 * @param place what messages call it
 */
record PageSource(String name, String place, boolean isFolder) {
    private static final String PAGES = "pages";
    private static final String FILE = "page.yaml";

    /** The names of the program's own pages, in the order of the course. */
    static List<String> names() {
        return resource(PAGES + "/index.txt")
                .lines()
                .filter(line -> !line.isBlank())
                .toList();
    }

    /**
     * The page called so.
     *
     * @param given a name of {@link #names()}, or a folder with a page.yaml
     * @throws UserError where it is neither
     */
    static PageSource of(String given) {
        List<String> names = names();
        if (names.contains(given)) {
            return new PageSource(given, PAGES + "/" + given, false);
        }
        Path folder = Path.of(given);
        if (Files.isRegularFile(folder.resolve(FILE))) {
            return new PageSource(
                    folder.toAbsolutePath().normalize().getFileName().toString(), given, true);
        }
        throw new UserError("\"" + given + "\" is neither a page of the lab nor a folder with a " + FILE
                + "; the pages are " + String.join(", ", names) + Suggestion.phrase(given, names));
    }

    /** The text of one of its files. */
    String text(String file) {
        if (!isFolder) {
            return resource(place + "/" + file);
        }
        try {
            return Files.readString(Path.of(place).resolve(file));
        } catch (CharacterCodingException e) {
            throw new UserError(place + "/" + file + " must be text in UTF-8, but is not", e);
        } catch (IOException e) {
            throw new UserError(place + "/" + file + " cannot be read: " + e.getMessage(), e);
        }
    }

    /**
     * What page.yaml says.
     *
     * @throws UserError where it is not as it must be
     */
    Page page() {
        try {
            LoaderOptions options = new LoaderOptions();
            options.setAllowDuplicateKeys(false);
            Object tree = new Yaml(new SafeConstructor(options)).load(text(FILE));
            return new ObjectMapper()
                    .enable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
                    .disable(DeserializationFeature.FAIL_ON_NULL_CREATOR_PROPERTIES)
                    .convertValue(tree, Page.class);
        } catch (YAMLException | IllegalArgumentException e) {
            throw new UserError(place + "/" + FILE + " is not a page: " + firstLine(e), e);
        } catch (StackOverflowError e) {
            throw new UserError(place + "/" + FILE + " is not a page: a value has itself in it, or is too deep", e);
        }
    }

    private static String firstLine(Exception failure) {
        if (failure instanceof MarkedYAMLException marked && marked.getProblemMark() != null) {
            return marked.getProblem() + " (line " + (marked.getProblemMark().getLine() + 1) + ")";
        }
        String message = failure.getCause() instanceof JsonMappingException mapping
                ? mapping.getOriginalMessage() + at(mapping)
                : failure.getCause() instanceof JsonProcessingException json
                        ? json.getOriginalMessage()
                        : String.valueOf(failure.getMessage());
        return message.lines().findFirst().orElse("");
    }

    private static String at(JsonMappingException failure) {
        StringBuilder path = new StringBuilder();
        for (JsonMappingException.Reference step : failure.getPath()) {
            path.append(step.getFieldName() == null ? "[" + step.getIndex() + "]" : "." + step.getFieldName());
        }
        return path.isEmpty() ? "" : " (at " + path.toString().replaceFirst("^\\.", "") + ")";
    }

    private static String resource(String name) {
        try (InputStream in = PageSource.class.getResourceAsStream(name)) {
            if (in == null) {
                throw new UserError("the page has no file " + name);
            }
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
