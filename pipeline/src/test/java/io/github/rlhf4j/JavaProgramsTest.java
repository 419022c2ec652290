package io.github.rlhf4j;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.rlhf4j.core.CounterRandom;
import io.github.rlhf4j.core.kernels.cpu.CpuKernels;
import io.github.rlhf4j.core.model.Head;
import io.github.rlhf4j.core.model.ModelConfig;
import io.github.rlhf4j.core.model.Transformer;
import io.github.rlhf4j.core.tokenizer.BpeTokenizerFiles;
import io.github.rlhf4j.core.tokenizer.BpeTrainer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The programs of docs/java.md, compiled as they stand there and each run in a process of its own, with a tiny model. */
class JavaProgramsTest {
    private static final List<String> ROWS = List.of(
            "{\"prompt\": \"Is it true?\", \"completion\": \" It is so.\"}",
            "{\"prompt\": \"Who is it?\", \"completion\": \" It is he.\"}",
            "{\"prompt\": \"Why?\", \"completion\": \" It is so.\"}",
            "{\"prompt\": \"When?\", \"completion\": \" It is now.\"}");

    @TempDir
    static Path folder;

    private static PagePrograms programs = new PagePrograms(folder);

    @BeforeAll
    static void compileTheProgramsAndMakeAModel() throws IOException {
        programs = new PagePrograms(folder.resolve("classes"));
        programs.compile(Path.of("../docs/java.md"));
        Files.write(folder.resolve("rows.jsonl"), ROWS);
        BpeTokenizerFiles tokenizer = BpeTrainer.train(ROWS.iterator(), 280, List.of());
        ModelConfig config = ModelConfig.llama(tokenizer.vocabSize(), 16, 32, 2, 2, 1, 128, true);
        try (CpuKernels kernels = new CpuKernels(1);
                Transformer fresh = Transformer.create(config, Set.of(Head.LANGUAGE), kernels, CounterRandom.of(3))) {
            fresh.save(folder.resolve("model"), Optional.empty());
        }
        tokenizer.writeTo(folder.resolve("model"), Optional.empty());
    }

    private static String place(String name) {
        return folder.resolve(name).toString();
    }

    @Test
    void aLoopOfOnesOwnLearns() throws IOException {
        List<String> lines = programs.run("OwnLoop", place("model"), place("rows.jsonl"), place("own"));

        assertThat(lines).hasSizeGreaterThanOrEqualTo(21);
        assertThat(lines.get(0)).startsWith("step 1: loss ");
        assertThat(loss(lines.get(19))).isLessThan(loss(lines.get(0)) - 0.1);
        assertThat(folder.resolve("own/model/model.safetensors")).exists();
        assertThat(folder.resolve("own/model/tokenizer.json")).exists();
    }

    private static double loss(String line) {
        return Double.parseDouble(line.substring(line.lastIndexOf(' ') + 1));
    }
}
