package io.github.rlhf4j.core.tokenizer;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.MissingNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.rlhf4j.core.UserError;
import io.github.rlhf4j.core.files.ChatTemplateFiles;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/** The JSON files about a tokenizer in a model directory, as they are. */
record TokenizerFiles(
        Path directory,
        ObjectNode tokenizer,
        JsonNode tokenizerConfig,
        JsonNode specialTokensMap,
        JsonNode generationConfig,
        JsonNode config) {
    private static final ObjectMapper MAPPER =
            new ObjectMapper().enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS);

    static TokenizerFiles read(Path directory) {
        Path file = directory.resolve("tokenizer.json");
        if (!Files.isRegularFile(file)) {
            throw new UserError(missing(directory, file));
        }
        if (!(readJson(file) instanceof ObjectNode tokenizer)
                || !tokenizer.path("model").isObject()) {
            throw new UserError(file + " is not a tokenizer: it must be a JSON object with a \"model\"");
        }
        requireAddedTokens(file, tokenizer.path("added_tokens"));
        return new TokenizerFiles(
                directory,
                tokenizer,
                readIfThere(directory.resolve("tokenizer_config.json")),
                readIfThere(directory.resolve("special_tokens_map.json")),
                readIfThere(directory.resolve("generation_config.json")),
                readIfThere(directory.resolve("config.json")));
    }

    private static void requireAddedTokens(Path file, JsonNode tokens) {
        if (!tokens.isMissingNode() && !tokens.isArray()) {
            throw new UserError(file + " is not a tokenizer: \"added_tokens\" must be a list");
        }
        for (JsonNode token : tokens) {
            if (!token.isObject()) {
                throw new UserError(file + " is not a tokenizer: \"added_tokens\" must hold objects, but holds one "
                        + token.getNodeType().toString().toLowerCase(Locale.ROOT));
            }
        }
    }

    private static String missing(Path directory, Path file) {
        if (!Files.isDirectory(directory)) {
            return directory + " is not a directory: give the folder of a model or tokenizer";
        }
        boolean other = Files.exists(directory.resolve("tokenizer.model"))
                || Files.exists(directory.resolve("vocab.json"))
                || Files.exists(directory.resolve("vocab.txt"));
        return file + " is missing"
                + (other
                        ? ": only tokenizer.json is read; write one with transformers: AutoTokenizer.from_pretrained(dir).save_pretrained(dir)"
                        : ": give the folder of a model with its tokenizer");
    }

    private static JsonNode readIfThere(Path file) {
        return Files.isRegularFile(file) ? readJson(file) : MissingNode.getInstance();
    }

    private static JsonNode readJson(Path file) {
        try {
            return MAPPER.readTree(Files.readString(file, StandardCharsets.UTF_8));
        } catch (JsonProcessingException e) {
            throw new UserError(file + " is not valid JSON: " + e.getOriginalMessage(), e);
        } catch (IOException e) {
            throw new UserError(file + " cannot be read: " + e.getMessage(), e);
        }
    }

    /** Text of a named special token: {@code "</s>"} or {@code {"content": "</s>", ...}}. */
    Optional<String> specialToken(String key) {
        for (JsonNode source : List.of(tokenizerConfig, specialTokensMap)) {
            JsonNode value = source.path(key);
            JsonNode content = value.isObject() ? value.path("content") : value;
            if (content.isTextual()) {
                return Optional.of(content.textValue());
            }
        }
        return Optional.empty();
    }

    /** Texts listed as additional_special_tokens or extra_special_tokens. */
    List<String> additionalSpecialTokens() {
        List<String> result = new ArrayList<>();
        for (JsonNode source : List.of(tokenizerConfig, specialTokensMap)) {
            for (String key : List.of("additional_special_tokens", "extra_special_tokens")) {
                for (JsonNode value : source.path(key)) {
                    JsonNode content = value.isObject() ? value.path("content") : value;
                    if (content.isTextual()) {
                        result.add(content.textValue());
                    }
                }
            }
        }
        return result;
    }

    /** Ids under a key such as eos_token_id, which is a number or a list of numbers, from the first file that has it. */
    List<Integer> configuredIds(String key) {
        for (JsonNode source : List.of(generationConfig, config)) {
            JsonNode value = source.path(key);
            List<Integer> ids = new ArrayList<>();
            if (value.isInt()) {
                ids.add(value.intValue());
            }
            if (value.isArray()) {
                value.forEach(id -> ids.add(id.asInt(-1)));
            }
            if (!ids.isEmpty()) {
                return ids;
            }
        }
        return List.of();
    }

    /**
     * Chat templates by name: those of chat_template.jinja, as {@code default}, and of additional_chat_templates/NAME.jinja; else chat_template of tokenizer_config.json, a text or a list of
     * names and templates.
     */
    Map<String, String> chatTemplates() {
        Map<String, String> templates = new LinkedHashMap<>();
        Path file = directory.resolve("chat_template.jinja");
        if (Files.isRegularFile(file)) {
            templates.put("default", readText(file));
        }
        for (Path additional : ChatTemplateFiles.additional(directory)) {
            String name = additional.getFileName().toString();
            templates.put(name.substring(0, name.length() - ChatTemplateFiles.ENDING.length()), readText(additional));
        }
        JsonNode value = tokenizerConfig.path("chat_template");
        if (templates.isEmpty() && value.isTextual()) {
            templates.put("default", value.textValue());
        } else if (templates.isEmpty()) {
            value.forEach(named -> templates.put(
                    named.path("name").asText(), named.path("template").asText()));
        }
        return templates;
    }

    private static String readText(Path file) {
        try {
            return Files.readString(file, StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UserError(file + " cannot be read: " + e.getMessage(), e);
        }
    }

    ArrayNode addedTokens() {
        return tokenizer.withArray("added_tokens");
    }

    /** tokenizer.json for the native library: nothing is cut or padded, and equal texts have equal ids. */
    String json() {
        return write(plain());
    }

    /** The same for texts with marks. */
    String json(SpecialTokenMarks marks) {
        ObjectNode copy = plain();
        marks.putInto(copy);
        return write(copy);
    }

    private ObjectNode plain() {
        ObjectNode copy = tokenizer.deepCopy();
        copy.putNull("truncation").putNull("padding");
        if (copy.path("model").path("dropout").asDouble(0) > 0) {
            ((ObjectNode) copy.path("model")).putNull("dropout"); // a random tokenisation at each call
        }
        return copy;
    }

    private static String write(JsonNode node) {
        try {
            return MAPPER.writeValueAsString(node);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException(e);
        }
    }
}
