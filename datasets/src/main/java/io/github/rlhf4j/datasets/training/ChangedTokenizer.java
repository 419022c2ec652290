package io.github.rlhf4j.datasets.training;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.rlhf4j.core.UserError;
import io.github.rlhf4j.core.files.AtomicFiles;
import io.github.rlhf4j.core.files.ModelDirectory;
import io.github.rlhf4j.core.tokenizer.HuggingFaceTokenizer;
import io.github.rlhf4j.datasets.chat.ChatTemplate;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * A model's tokenizer with another chat template, another end token or both, as TRL 1.16 makes it of {@code chat_template_path} and {@code eos_token}.
 *
 * <p>Deviates from TRL's clone_chat_template: tokens that the model lacks are not added; a template that needs one is an error.
 */
final class ChangedTokenizer {
    private static final ObjectMapper MAPPER = new ObjectMapper();
    private static final String END = "eos_token";
    private static final String END_ID = "eos_token_id";

    private final Path model;
    private final Optional<Path> path;
    private final Optional<String> template;
    private final Optional<String> endToken;
    private final int endId;

    private ChangedTokenizer(
            Path model, Optional<Path> path, Optional<String> template, Optional<String> endToken, int endId) {
        this.model = model;
        this.path = path;
        this.template = template;
        this.endToken = endToken;
        this.endId = endId;
    }

    /**
     * Works out a change of a model's tokenizer.
     *
     * @throws UserError when the template cannot be used, or a token is not in the model's tokenizer
     */
    static ChangedTokenizer of(TokenizerChanges changes, Path model) {
        Optional<Path> path = changes.chatTemplatePath().map(Path::of);
        try (HuggingFaceTokenizer tokenizer = HuggingFaceTokenizer.open(model)) {
            Optional<Path> folder = path.filter(Files::isDirectory);
            Optional<String> template = template(changes);
            Optional<String> endToken = folder.isPresent() ? cloned(folder.get(), tokenizer) : changes.eosToken();
            int endId = -1;
            if (endToken.isPresent()) {
                endId = tokenizer
                        .id(endToken.get())
                        .orElseThrow(() -> new UserError("eos_token must be a token of the model's tokenizer, but is "
                                + endToken.get() + ", which " + model.resolve("tokenizer.json") + " does not have"));
            }
            return new ChangedTokenizer(model, path, template, endToken, endId);
        }
    }

    /** Checks what does not depend on the model. */
    static void checkTemplate(TokenizerChanges changes) {
        template(changes).ifPresent(source -> ChatTemplate.parse(source, Map.of(), Clock.systemUTC()));
        changes.chatTemplatePath().map(Path::of).filter(Files::isDirectory).ifPresent(folder -> {
            if (changes.eosToken().isPresent()) {
                throw new UserError("eos_token does nothing beside a chat_template_path that is a folder (" + folder
                        + "), whose end token is taken, so it must not be given");
            }
        });
    }

    private static Optional<String> template(TokenizerChanges changes) {
        if (changes.chatTemplatePath().isEmpty()) {
            return Optional.empty();
        }
        Path path = Path.of(changes.chatTemplatePath().get());
        if (Files.isDirectory(path)) {
            try (HuggingFaceTokenizer source = HuggingFaceTokenizer.open(path)) {
                return Optional.of(source.chatTemplate()
                        .orElseThrow(() ->
                                new UserError("chat_template_path must have a chat template, but the tokenizer in "
                                        + path + " has none")));
            }
        }
        if (!Files.isRegularFile(path)) {
            throw new UserError("chat_template_path must be a Jinja file or a folder with a tokenizer, but " + path
                    + " does not exist");
        }
        try {
            return Optional.of(Files.readString(path, StandardCharsets.UTF_8));
        } catch (IOException e) {
            throw new UserError("chat_template_path cannot be read: " + e, e);
        }
    }

    /** The end token of the folder whose template is taken; what the template writes must be tokens of the model's. */
    private static Optional<String> cloned(Path folder, HuggingFaceTokenizer target) {
        try (HuggingFaceTokenizer source = HuggingFaceTokenizer.open(folder)) {
            String template = source.chatTemplate().orElse("");
            List<String> missing = new ArrayList<>();
            for (int id = 0; id < source.vocabSize(); id++) {
                String token = source.token(id);
                if (source.isSpecial(id)
                        && template.contains(token)
                        && target.id(token).isEmpty()) {
                    missing.add(token);
                }
            }
            if (!missing.isEmpty()) {
                throw new UserError(
                        "chat_template_path: the template of " + folder + " writes " + missing
                                + ", which the model's tokenizer does not have; tokens are not added to a model: take a template of tokens that it has");
            }
            return source.eosId().isPresent()
                    ? Optional.of(source.token(source.eosId().getAsInt()))
                    : Optional.empty();
        }
    }

    /** What provenance.json shall hold. */
    Map<String, Object> facts() {
        Map<String, Object> facts = new LinkedHashMap<>();
        path.ifPresent(given -> {
            Map<String, Object> fact = new LinkedHashMap<>();
            fact.put("path", given.toString());
            fact.put(
                    "sha256",
                    Files.isDirectory(given) ? AtomicFiles.sha256OfDirectory(given) : AtomicFiles.sha256(given));
            facts.put("chat_template", fact);
        });
        endToken.ifPresent(token -> facts.put(END, token));
        return facts;
    }

    /** For the person who watches. */
    List<String> lines() {
        List<String> lines = new ArrayList<>();
        path.ifPresent(given -> lines.add("the chat template is that of " + given));
        endToken.ifPresent(token -> lines.add("the end token is " + token + " (id " + endId + ")"));
        return lines;
    }

    /** Writes tokenizer, config.json and generation_config.json. */
    void write(Path folder) {
        AtomicFiles.writeDirectory(folder, temporary -> {
            ModelDirectory.copyTokenizer(model, temporary);
            for (String name : List.of("config.json", "generation_config.json")) {
                if (Files.isRegularFile(model.resolve(name))) {
                    Files.copy(model.resolve(name), temporary.resolve(name));
                }
            }
            if (template.isPresent()) {
                putTemplate(temporary, template.get());
            }
            if (endToken.isPresent()) {
                putEndToken(temporary, endToken.get());
            }
        });
    }

    /** The only template: others of the model, under names or in tokenizer_config.json, go. */
    private static void putTemplate(Path folder, String source) throws IOException {
        Path additional = folder.resolve("additional_chat_templates");
        AtomicFiles.delete(additional);
        Files.writeString(folder.resolve("chat_template.jinja"), source, StandardCharsets.UTF_8);
        ObjectNode config = read(folder.resolve("tokenizer_config.json"));
        if (config.remove("chat_template") != null) {
            write(folder.resolve("tokenizer_config.json"), config);
        }
    }

    private void putEndToken(Path folder, String token) throws IOException {
        write(
                folder.resolve("tokenizer_config.json"),
                read(folder.resolve("tokenizer_config.json")).put(END, token));
        ObjectNode map = read(folder.resolve("special_tokens_map.json"));
        if (map.has(END)) {
            write(folder.resolve("special_tokens_map.json"), map.put(END, token));
        }
        ObjectNode config = read(folder.resolve("config.json"));
        ObjectNode generation = read(folder.resolve("generation_config.json"));
        JsonNode before = generation.has(END_ID) ? generation.get(END_ID) : config.path(END_ID);
        generation.set(END_ID, endIds(before));
        write(folder.resolve("generation_config.json"), generation);
        write(folder.resolve("config.json"), config.put(END_ID, endId));
    }

    /** As TRL: a token that is named is added in front of those that were there, a clone's takes their place. */
    private ArrayNode endIds(JsonNode before) {
        ArrayNode ids = MAPPER.createArrayNode().add(endId);
        boolean isClone = path.isPresent() && Files.isDirectory(path.get());
        if (before.isInt() && before.intValue() != endId && !isClone) {
            ids.add(before.intValue());
        }
        if (before.isArray() && !isClone) {
            before.forEach(id -> {
                if (id.asInt() != endId) {
                    ids.add(id.asInt());
                }
            });
        }
        return ids;
    }

    private static ObjectNode read(Path file) throws IOException {
        return Files.isRegularFile(file) && MAPPER.readTree(file.toFile()) instanceof ObjectNode object
                ? object
                : MAPPER.createObjectNode();
    }

    private static void write(Path file, ObjectNode node) throws IOException {
        Files.writeString(file, MAPPER.writerWithDefaultPrettyPrinter().writeValueAsString(node) + "\n");
    }
}
