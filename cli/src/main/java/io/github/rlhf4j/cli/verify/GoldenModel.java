package io.github.rlhf4j.cli.verify;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.github.rlhf4j.core.model.PackedBatch;
import io.github.rlhf4j.core.model.TokenSequence;
import io.github.rlhf4j.core.model.Transformer;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** A small random model that transformers made, with what transformers computes of it; tools/golden/tiny_models.py. */
record GoldenModel(String name, Path directory, JsonNode expected) {
    /** Of every family and variant. */
    static final List<String> NAMES = List.of(
            "llama",
            "llama-biases",
            "llama-llama3",
            "llama-linear",
            "llama-dynamic",
            "mistral",
            "qwen2",
            "qwen3",
            "gpt2",
            "gpt2-bare",
            "mixtral",
            "mixtral-router");

    private static final List<String> FILES = List.of("config.json", "model.safetensors", "expected.json");

    /** Copies one from the program's resources into a folder of its own below {@code folder}. */
    static GoldenModel unpack(String name, Path folder) throws IOException {
        Path directory = Files.createDirectories(folder.resolve(name));
        for (String file : FILES) {
            try (InputStream in = Transformer.class.getResourceAsStream("tiny-" + name + "/" + file)) {
                if (in == null) {
                    throw new IllegalStateException("the program lacks its resource tiny-" + name + "/" + file);
                }
                Files.copy(in, directory.resolve(file));
            }
        }
        JsonNode expected =
                new ObjectMapper().readTree(directory.resolve("expected.json").toFile());
        return new GoldenModel(name, directory, expected);
    }

    List<TokenSequence> sequences() {
        List<TokenSequence> sequences = new ArrayList<>();
        expected.path("sequences").forEach(ids -> sequences.add(TokenSequence.all(ints(ids))));
        return sequences;
    }

    PackedBatch batch() {
        return PackedBatch.ofSingles(sequences());
    }

    /** What transformers continues {@link #greedyPrompt} with. */
    int[] greedy() {
        return ints(expected.path("greedy"));
    }

    int[] greedyPrompt() {
        return java.util.Arrays.copyOf(ints(expected.path("sequences").path(0)), 8);
    }

    private static int[] ints(JsonNode array) {
        int[] values = new int[array.size()];
        java.util.Arrays.setAll(values, i -> array.get(i).asInt());
        return values;
    }
}
