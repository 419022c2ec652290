package io.github.rlhf4j.experiment;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** A run file of two stages that take a second, over data in files: a base model, and one tuned from it. */
final class TinyRunFile {
    private static final List<String> ROWS = List.of(
            "{\"prompt\": \"Is it true?\", \"completion\": \" It is so.\"}",
            "{\"prompt\": \"Who is it?\", \"completion\": \" It is he.\"}",
            "{\"prompt\": \"Why?\", \"completion\": \" It is so.\"}",
            "{\"prompt\": \"When?\", \"completion\": \" It is now.\"}");

    private TinyRunFile() {}

    /**
     * Writes it with its data.
     *
     * @param section lines of the section {@code experiment}, indented
     */
    static Path write(Path folder, String section) throws IOException {
        Files.write(folder.resolve("rows.jsonl"), ROWS);
        Files.writeString(
                folder.resolve("texts.jsonl"),
                "{\"text\": \"It is so. It is now. Who is it? It is he.\"}\n".repeat(12));
        Path file = folder.resolve("tiny.yaml");
        String yaml = """
                output_dir: %s
                stages:
                  base:
                    type: pretrain
                    seed: 5
                    dataset: %s
                    architecture: {hidden_size: 16, intermediate_size: 32, num_hidden_layers: 1, num_attention_heads: 2, max_position_embeddings: 64}
                    tokenizer: {vocab_size: 280}
                    max_length: 32
                    batch_size: 2
                    max_steps: 2
                  sft:
                    type: sft
                    model: base
                    dataset: %s
                    eval_dataset: %s
                    batch_size: 2
                    max_steps: 4
                    logging_steps: 1
                    save_steps: 1
                    learning_rate: 1e-2
                """.formatted(
                        folder.resolve("runs"),
                        folder.resolve("texts.jsonl"),
                        folder.resolve("rows.jsonl"),
                        folder.resolve("rows.jsonl"));
        Files.write(
                file, (yaml + (section.isEmpty() ? "" : "experiment:\n" + section)).getBytes(StandardCharsets.UTF_8));
        return file;
    }
}
