package com.example;

import io.github.rlhf4j.LanguageModel;
import io.github.rlhf4j.Rlhf4j;
import io.github.rlhf4j.Run;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** Trains a tiny model from nothing on a few made-up sentences and lets it write. Argument: a folder for the results. */
public final class FirstModel {
    public static void main(String[] arguments) throws IOException {
        Path folder = Path.of(arguments[0]);
        Path texts = Files.write(Files.createDirectories(folder).resolve("texts.jsonl"), sentences());
        try (Rlhf4j rlhf4j = Rlhf4j.create()) {
            Run run = rlhf4j.stage("pretrain")
                    .dataset(texts)
                    .set("architecture", Map.of("hidden_size", 64, "intermediate_size", 128, "num_hidden_layers", 2, "num_attention_heads", 2, "max_position_embeddings", 64))
                    .set("tokenizer", Map.of("vocab_size", 300))
                    .set("learning_rate", 3e-3)
                    .set("batch_size", 16)
                    .set("max_steps", 100)
                    .set("max_length", 32)
                    .output(folder.resolve("run"))
                    .overwrite()
                    .run();
            System.out.printf("loss %.3f%n", run.stage("pretrain").metric("loss"));
            try (LanguageModel model = run.model()) {
                System.out.println("The red" + model.generate("The red"));
            }
        }
    }

    private static List<String> sentences() {
        List<String> rows = new ArrayList<>();
        for (String colour : List.of("red", "green", "blue")) {
            for (String animal : List.of("fox", "cat", "dog", "hen")) {
                for (String place : List.of("house", "garden", "wood")) {
                    rows.add("{\"text\": \"The " + colour + " " + animal + " lives in the " + place + ".\"}");
                }
            }
        }
        return rows;
    }
}
