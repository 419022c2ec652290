package io.github.rlhf4j.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.rlhf4j.core.kernels.cpu.CpuKernels;
import io.github.rlhf4j.core.model.Transformer;
import io.github.rlhf4j.core.tokenizer.HuggingFaceTokenizer;
import io.github.rlhf4j.serve.ModelServer;
import io.github.rlhf4j.serve.ServeSettings;
import io.github.rlhf4j.server.WebServer;
import io.github.rlhf4j.testing.TinyModel;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Both ends are ours: a run's judge asks the server of {@code serve}. */
class ServedJudgeTest {
    @TempDir
    Path folder;

    private void run(String name, String url) {
        String yaml = """
                name: %s
                output_dir: %s
                stages:
                  judged:
                    type: judge
                    dataset: %s
                    judge:
                      both_orders: false
                      system_prompt: "{prompt} 0 {response0} 1 {response1}"
                      verdicts: ["0", "1"]
                      openai: {url: "%s/v1", model: tiny, extra_body: {structured_outputs: {choice: ["0", "1"]}}}
                """.formatted(name, folder.resolve("runs"), folder.resolve("pairs.jsonl"), url);
        Path file = folder.resolve(name + ".yaml");
        ByteArrayOutputStream err = new ByteArrayOutputStream();
        try {
            Files.writeString(file, yaml);
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
        int code = Main.run(
                new String[] {"run", file.toString(), "--threads", "1"},
                new PrintStream(new ByteArrayOutputStream(), true, StandardCharsets.UTF_8),
                new PrintStream(err, true, StandardCharsets.UTF_8));
        assertThat(code).as(err.toString(StandardCharsets.UTF_8)).isZero();
    }

    @Test
    void givesAVerdictOfEveryPairAndTheSameOnesAgain() throws IOException {
        TinyModel tiny = TinyModel.llama().context(2048);
        Path model = tiny.write(folder.resolve("tiny"));
        Files.writeString(
                model.resolve("chat_template.jinja"), "{% for m in messages %}{{ m.content }}{% endfor %}\nanswer: ");
        StringBuilder pairs = new StringBuilder();
        for (int i = 0; i < 3; i++) {
            pairs.append("{\"prompt\": \"Say %d.\", \"chosen\": \"This is %d.\", \"rejected\": \"No, not %d.\"}\n"
                    .formatted(i, i, i));
        }
        Files.writeString(folder.resolve("pairs.jsonl"), pairs);
        try (CpuKernels kernels = new CpuKernels(1);
                Transformer transformer = tiny.create(kernels);
                HuggingFaceTokenizer tokenizer = HuggingFaceTokenizer.open(model);
                ModelServer server = ModelServer.start(
                        transformer,
                        tokenizer,
                        new ServeSettings("tiny", 8, 32, 0, 64 << 20, 0),
                        WebServer.builder())) {
            run("first", server.origin());
            run("second", server.origin());
        }
        Path judged = Path.of("judged", "data", "rankings.jsonl");
        String rows = Files.readString(folder.resolve("runs/first").resolve(judged));
        assertThat(rows.lines()).hasSize(3);
        assertThat(Files.readString(folder.resolve("runs/second").resolve(judged)))
                .isEqualTo(rows);
    }
}
