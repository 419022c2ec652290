package io.github.rlhf4j.core.files;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.rlhf4j.core.UserError;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * A model as a Hugging Face directory: config.json, safetensors, tokenizer and generation_config.json.
 *
 * <p>{@link #write} writes all of it beside the place where it shall be and then renames it, so that it is never half
 * there.
 */
public final class ModelDirectory {
    /** Files that belong to the tokenizer, copied byte for byte from model to model. */
    private static final List<String> TOKENIZER_FILES = List.of(
            "tokenizer.json",
            "tokenizer_config.json",
            "special_tokens_map.json",
            "added_tokens.json",
            "chat_template.jinja",
            "vocab.json",
            "merges.txt",
            "vocab.txt",
            "tokenizer.model");

    private final Path path;
    private final HuggingFaceConfig config;

    private ModelDirectory(Path path, HuggingFaceConfig config) {
        this.path = path;
        this.config = config;
    }

    /**
     * Opens a directory: reads config.json and leaves the rest for when it is asked for.
     *
     * @throws UserError if it is not a directory or has no valid config.json
     */
    public static ModelDirectory open(Path path) {
        if (!Files.isDirectory(path)) {
            throw new UserError(path
                    + (Files.exists(path) ? " is not a directory" : " does not exist")
                    + ": give the directory of a Hugging Face model, or the name of an earlier stage");
        }
        return new ModelDirectory(path, HuggingFaceConfig.read(path));
    }

    /** Where it is. */
    public Path path() {
        return path;
    }

    /** Its config.json. */
    public HuggingFaceConfig config() {
        return config;
    }

    /** Opens its weights, safetensors or {@link GgufWeights#FILE}, to be closed by the caller. */
    public TensorReader openWeights() {
        return GgufWeights.areIn(path) ? GgufWeights.open(path) : SafetensorsReader.open(path);
    }

    /** Whether it has a tokenizer.json. */
    public boolean hasTokenizer() {
        return Files.isRegularFile(path.resolve("tokenizer.json"));
    }

    /** Its generation_config.json, if it has one. */
    public Optional<ObjectNode> generationConfig() {
        Path file = path.resolve("generation_config.json");
        return Files.isRegularFile(file) ? Optional.of(JsonFiles.readObject(file)) : Optional.empty();
    }

    /**
     * What a directory shall hold.
     *
     * @param weights written in this order as {@code format} says
     * @param tokenizerFrom directory whose tokenizer files are copied; empty for none
     * @param generationConfig empty to write one with the token ids of config.json
     */
    public record Contents(
            HuggingFaceConfig config,
            List<TensorEntry> weights,
            WeightFormat format,
            Optional<Path> tokenizerFrom,
            Optional<ObjectNode> generationConfig) {
        public Contents {
            weights = List.copyOf(weights);
        }

        /** Float32 weights with a tokenizer, everything else by default. */
        public static Contents of(HuggingFaceConfig config, List<TensorEntry> weights, Path tokenizerFrom) {
            return new Contents(config, weights, WeightFormat.DEFAULT, Optional.of(tokenizerFrom), Optional.empty());
        }
    }

    /** Writes a directory, replacing the one that is there. */
    public static void write(Path directory, Contents contents) {
        AtomicFiles.writeDirectory(directory, temporary -> writeInto(temporary, contents));
    }

    /** Writes the files into a directory that exists, for callers that make a larger directory atomic themselves. */
    public static void writeInto(Path directory, Contents contents) throws IOException {
        HuggingFaceConfig config = contents.config().withDtype(contents.format().type());
        config.write(directory.resolve("config.json"));
        new SafetensorsWriter(contents.format().type())
                .writeModel(directory, contents.weights(), contents.format().maxShardBytes());
        ObjectNode generation = contents.generationConfig().orElseGet(() -> generationConfig(config));
        AtomicFiles.writeString(directory.resolve("generation_config.json"), JsonFiles.toText(generation));
        if (contents.tokenizerFrom().isPresent()) {
            copyTokenizer(contents.tokenizerFrom().get(), directory);
        }
    }

    /** A generation_config.json with the token ids of a config.json. */
    public static ObjectNode generationConfig(HuggingFaceConfig config) {
        ObjectNode generation = JsonFiles.newObject();
        ObjectNode tree = config.tree();
        for (String key : List.of("bos_token_id", "eos_token_id", "pad_token_id")) {
            if (config.has(key)) {
                generation.set(key, tree.get(key));
            }
        }
        return generation;
    }

    /** Copies the tokenizer's files, byte for byte, those that exist. */
    public static void copyTokenizer(Path from, Path to) throws IOException {
        for (String name : TOKENIZER_FILES) {
            if (Files.isRegularFile(from.resolve(name))) {
                Files.copy(from.resolve(name), to.resolve(name));
            }
        }
        ChatTemplateFiles.copyAdditional(from, to);
    }
}
