package io.github.rlhf4j.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** A model of a few thousand parameters with its tokenizer, made by the real command line; context 192. */
final class PretrainedModel {
    /** Values over a pre-training stage's that make such a model. */
    static final List<String> PRETRAINING = List.of(
            "architecture={hidden_size: 16, intermediate_size: 32, num_hidden_layers: 2, num_attention_heads: 2,"
                    + " max_position_embeddings: 192}",
            "tokenizer={vocab_size: 300}",
            "max_length=64",
            "batch_size=4",
            "max_steps=2");

    private PretrainedModel() {}

    /** Makes the model somewhere below {@code folder}. */
    static Path write(Path folder) throws IOException {
        return write(folder, PRETRAINING);
    }

    /** Makes a model with other values somewhere below {@code folder}. */
    static Path write(Path folder, List<String> values) throws IOException {
        Path file = folder.resolve("tiny.yaml");
        Files.writeString(file, "stages: {tiny: {type: pretrain, dataset: {path: 'synthetic:pretrain', limit: 100}}}");
        List<String> arguments = new ArrayList<>(List.of("run", file.toString(), "output_dir=" + folder));
        values.forEach(value -> arguments.add("tiny." + value));
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        PrintStream messages = new PrintStream(bytes, true, StandardCharsets.UTF_8);
        int code = Main.run(arguments.toArray(String[]::new), messages, messages);
        assertThat(code).as(bytes.toString(StandardCharsets.UTF_8)).isZero();
        return folder.resolve("tiny/tiny/model");
    }
}
