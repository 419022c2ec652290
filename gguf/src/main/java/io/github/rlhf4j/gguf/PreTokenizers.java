package io.github.rlhf4j.gguf;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.github.rlhf4j.core.files.Sha256;
import io.github.rlhf4j.core.tokenizer.Tokenizer;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.Optional;

/** The ways of cutting texts that llama.cpp knows by name, of those that tokenizers of the engine's families have. */
final class PreTokenizers {
    private static final List<PreTokenizer> ALL = read();

    private PreTokenizers() {}

    private static List<PreTokenizer> read() {
        List<PreTokenizer> all = new ArrayList<>();
        try {
            for (JsonNode row : new ObjectMapper().readTree(resource("pre-tokenizers.json"))) {
                all.add(PreTokenizer.of(row));
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return List.copyOf(all);
    }

    private static String resource(String name) {
        try (InputStream in = PreTokenizers.class.getResourceAsStream(name)) {
            return new String(Objects.requireNonNull(in, name).readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** All names. */
    static List<String> names() {
        return ALL.stream().flatMap(each -> each.names().stream()).sorted().toList();
    }

    /** The one of a {@code tokenizer.ggml.pre}. */
    static Optional<PreTokenizer> named(String name) {
        return ALL.stream().filter(each -> each.names().contains(name)).findFirst();
    }

    /** llama.cpp's name for a tokenizer: by the ids that it gives a certain text, as its own script does it; else by what tokenizer.json says. */
    static Optional<String> nameOf(Tokenizer tokenizer, JsonNode json) {
        return known(tokenizer.encode(resource("known-tokenizers.txt"), true)).or(() -> alike(json));
    }

    private static Optional<String> known(int[] ids) {
        String hash = new Sha256().add(Arrays.toString(ids)).hex(); // written as Python writes a list
        return resource("known-tokenizers.tsv")
                .lines()
                .filter(line -> line.startsWith(hash + "\t"))
                .map(line -> line.substring(hash.length() + 1))
                .findFirst();
    }

    private static Optional<String> alike(JsonNode json) {
        boolean ignoresMerges = json.path("model").path("ignore_merges").asBoolean(false);
        return PreTokenizer.splits(json.path("pre_tokenizer"))
                .flatMap(splits -> ALL.stream()
                        .filter(each -> each.splits().equals(splits) && each.ignoreMerges() == ignoresMerges)
                        .map(each -> each.names().get(0))
                        .findFirst());
    }
}
