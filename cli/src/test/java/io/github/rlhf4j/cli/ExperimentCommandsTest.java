package io.github.rlhf4j.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** run and experiment of a run file with a section experiment, and compare. */
class ExperimentCommandsTest {
    private static final String STAGES = """
            stages:
              base:
                type: pretrain
                seed: 3
                dataset: %s
                architecture: {hidden_size: 16, intermediate_size: 32, num_hidden_layers: 1, num_attention_heads: 2, max_position_embeddings: 64}
                tokenizer: {vocab_size: 280}
                max_length: 32
                batch_size: 2
                max_steps: 8
                logging_steps: 1
                save_steps: 1
              evaluate:
                type: evaluate
                models: [base]
                dataset: %s
                max_new_tokens: 3
            """;

    @TempDir
    Path folder;

    private String said = "";

    private Path file(String section) throws IOException {
        Path texts = folder.resolve("texts.jsonl");
        Files.writeString(texts, "{\"text\": \"It is so. It is now. Who is it? It is he.\"}\n".repeat(12));
        Path prompts = folder.resolve("prompts.jsonl");
        Files.writeString(prompts, "{\"prompt\": \"Who is\"}\n{\"prompt\": \"It is\"}\n{\"prompt\": \"It\"}\n");
        Path file = folder.resolve("tiny.yaml");
        Files.writeString(
                file, "output_dir: " + folder.resolve("runs") + "\n" + STAGES.formatted(texts, prompts) + section);
        return file;
    }

    private int execute(String... arguments) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        PrintStream out = new PrintStream(bytes, true, StandardCharsets.UTF_8);
        int code = Main.run(arguments, out, out);
        said = bytes.toString(StandardCharsets.UTF_8);
        return code;
    }

    private static final String LEARNING_RATES = """
            experiment:
              grid: {base.learning_rate: [1e-3, 1e-2], base.seed: [1, 2]}
              metrics: [base.loss, evaluate.base.length]
            """;

    @Test
    void aKilledExperimentGoesOnToTheBytesOfTheUnbrokenOne() throws IOException, InterruptedException {
        Path file = file(LEARNING_RATES);
        assertThat(execute("run", file.toString(), "name=whole", "--jobs", "2"))
                .as(said)
                .isZero();

        Process process = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "--add-modules",
                        "jdk.incubator.vector",
                        "-XX:TieredStopAtLevel=1",
                        "-cp",
                        System.getProperty("java.class.path"),
                        Main.class.getName(),
                        "run",
                        file.toString(),
                        "name=parts")
                .redirectErrorStream(true)
                .redirectOutput(folder.resolve("killed.log").toFile())
                .start();
        Path second = folder.resolve("runs/parts/base.learning_rate-0.001_base.seed-2/base/checkpoints");
        for (int i = 0; i < 12_000 && !Files.exists(second) && process.isAlive(); i++) {
            Thread.sleep(5);
        }
        process.destroyForcibly();
        assertThat(process.waitFor(20, TimeUnit.SECONDS)).isTrue();
        assertThat(process.exitValue()).as("killed before its end").isNotZero();

        assertThat(execute("run", file.toString(), "name=parts")).isEqualTo(2);
        assertThat(said).contains("already exists; continue it with --resume");
        assertThat(execute("run", file.toString(), "name=parts", "--resume"))
                .as(said)
                .isZero();
        assertThat(said).contains("complete, reused");
        for (String result : List.of("experiment.json", "experiment.csv")) {
            assertThat(folder.resolve("runs/parts").resolve(result))
                    .hasSameBinaryContentAs(folder.resolve("runs/whole").resolve(result));
        }
        String model = "base.learning_rate-0.001_base.seed-2/base/model/model.safetensors";
        assertThat(folder.resolve("runs/parts").resolve(model))
                .hasSameBinaryContentAs(folder.resolve("runs/whole").resolve(model));

        assertThat(execute("run", file.toString(), "name=parts", "--dry-run")).isZero();
        assertThat(said).contains("4 runs in ", "nothing is left to make");
        comparesRuns();
    }

    private void comparesRuns() throws IOException {
        String runs = folder.resolve("runs/whole") + "/base.learning_rate-";
        Path out = folder.resolve("compared");
        assertThat(execute(
                        "compare",
                        runs + "0.001_base.seed-1",
                        runs + "0.001_base.seed-2",
                        runs + "0.01_base.seed-1",
                        "--out",
                        out.toString()))
                .as(said)
                .isZero();
        assertThat(said)
                .contains("configuration, where it differs:")
                .containsPattern("base.learning_rate +1e-3 +1e-2")
                .containsPattern("base.loss +[0-9.]+ ± [0-9.]+ +[0-9.]+\n")
                .contains("answers to the same prompts", "> Who is");
        assertThat(out.resolve("report.html"))
                .content()
                .contains("<h2>Configuration</h2>", "<h2>Answers</h2>", "base.loss over steps")
                .doesNotContain("http:", "https:");
        assertThat(Files.readAllLines(out.resolve("comparison.csv"))).hasSize(4);

        assertThat(execute("compare", runs + "0.001_base.seed-1")).isEqualTo(2);
        assertThat(execute("compare", runs + "0.001_base.seed-1", folder.toString()))
                .isEqualTo(2);
        assertThat(said).contains("is not the folder of a run with results");
    }

    @ParameterizedTest
    @ValueSource(strings = {"../two", "a\\u0000b", "/etc"})
    void aRunOfOthersNamesNothingOutsideOfIt(String stage) throws IOException {
        for (String run : List.of("one", "two")) {
            Files.createDirectories(folder.resolve(run));
            Files.writeString(folder.resolve(run + "/summary.json"), "{\"stages\": {\"" + stage + "\": {}}}");
        }
        assertThat(execute(
                        "compare",
                        folder.resolve("one").toString(),
                        folder.resolve("two").toString()))
                .isEqualTo(2);
        assertThat(said).contains("summary.json names ", ", which must be something in ");
    }

    @Test
    void whatIsNoExperimentIsRefusedInALine() throws IOException {
        Path file = file("");
        assertThat(execute("experiment", file.toString())).isEqualTo(2);
        assertThat(said).contains("has no section experiment");
        assertThat(execute("run", file.toString(), "--jobs", "2")).isEqualTo(2);
        assertThat(said).contains("--jobs is for run files with a section experiment");

        Path many = file(LEARNING_RATES);
        assertThat(execute("run", many.toString(), "--from", "base")).isEqualTo(2);
        assertThat(said).contains("--from and --only are for one run");
        assertThat(execute("run", many.toString(), "--jobs", "0")).isEqualTo(2);
        assertThat(execute("run", many.toString(), "experiment.budget.hours=1e-9"))
                .isEqualTo(2);
        assertThat(said).contains("experiment.budget.hours is 1.0E-9, but the experiment takes about");
        assertThat(execute("run", many.toString(), "experiment.metrics=[evaluate.base.lenth]"))
                .isEqualTo(2);
        assertThat(said).contains("no evaluation gives a metric lenth", "did you mean length?");
        assertThat(folder.resolve("runs")).doesNotExist();
    }
}
