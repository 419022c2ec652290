package io.github.rlhf4j;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.github.rlhf4j.core.CounterRandom;
import io.github.rlhf4j.core.kernels.cpu.CpuKernels;
import io.github.rlhf4j.core.model.Head;
import io.github.rlhf4j.core.model.ModelConfig;
import io.github.rlhf4j.core.model.Transformer;
import io.github.rlhf4j.core.tokenizer.BpeTokenizerFiles;
import io.github.rlhf4j.core.tokenizer.BpeTrainer;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
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

    private static final List<String> PAIRS = List.of(
            "{\"prompt\": \"Is it true?\", \"chosen\": \" It is so.\", \"rejected\": \" No, it is not.\"}",
            "{\"prompt\": \"Who is it?\", \"chosen\": \" It is he.\", \"rejected\": \" Why?\"}",
            "{\"prompt\": \"Why?\", \"chosen\": \" It is so.\", \"rejected\": \" When is it?\"}");
    private static final List<String> SUMS = List.of(
            "{\"prompt\": \"2 + 2 = \", \"answer\": 4}",
            "{\"prompt\": \"3 + 3 = \", \"answer\": 6}",
            "{\"prompt\": \"1 + 1 = \", \"answer\": 2}",
            "{\"prompt\": \"5 + 4 = \", \"answer\": 9}");
    private static final String TEMPLATE = "{% for m in messages %}<{{ m.role }}>{{ m.content }}{% endfor %}"
            + "{% if add_generation_prompt %}<assistant>{% endif %}";

    @TempDir
    static Path folder;

    private static PagePrograms programs = new PagePrograms(folder);

    @BeforeAll
    static void compileTheProgramsAndMakeAModel() throws IOException {
        programs = new PagePrograms(folder.resolve("classes"));
        programs.compile(Path.of("../docs/java.md"));
        Files.createDirectory(folder.resolve("data"));
        Files.write(folder.resolve("data/first.jsonl"), ROWS.subList(0, 2));
        Files.write(folder.resolve("data/second.jsonl"), ROWS.subList(2, 4));
        Files.write(folder.resolve("rows.jsonl"), ROWS);
        Files.write(folder.resolve("pairs.jsonl"), PAIRS);
        Files.write(folder.resolve("sums.jsonl"), SUMS);
        BpeTokenizerFiles tokenizer = BpeTrainer.train(ROWS.iterator(), 280, List.of());
        ModelConfig config = ModelConfig.llama(tokenizer.vocabSize(), 16, 32, 2, 2, 1, 128, true);
        try (CpuKernels kernels = new CpuKernels(1);
                Transformer fresh = Transformer.create(config, Set.of(Head.LANGUAGE), kernels, CounterRandom.of(3))) {
            fresh.save(folder.resolve("model"), Optional.empty());
        }
        tokenizer.writeTo(folder.resolve("model"), Optional.of(TEMPLATE));
    }

    private static String place(String name) {
        return folder.resolve(name).toString();
    }

    @Test
    void aLoopOfOnesOwnLearns() throws IOException {
        List<String> lines = programs.run("OwnLoop", place("model"), place("rows.jsonl"), place("own"));

        assertThat(lines).hasSizeGreaterThanOrEqualTo(21);
        assertThat(lines.get(0)).startsWith("step 1: loss ");
        assertThat(number(lines.get(19))).isLessThan(number(lines.get(0)) - 0.1);
        assertThat(folder.resolve("own/model/model.safetensors")).exists();
        assertThat(folder.resolve("own/model/tokenizer.json")).exists();
    }

    @Test
    void aModelIsFineTunedOnAFolder() throws IOException {
        List<String> lines = programs.run("FineTune", place("model"), place("data"), place("tuned"));

        assertThat(lines)
                .filteredOn(line -> line.startsWith("sft, step 1: loss "))
                .hasSize(1);
        assertThat(lines).filteredOn(line -> line.startsWith("eval_loss ")).hasSize(1);
        assertThat(folder.resolve("tuned/sft/model/model.safetensors")).exists();
        assertThat(folder.resolve("tuned/report.html")).exists();
    }

    @Test
    void aLossOfOnesOwnTrains() throws IOException {
        List<String> lines = programs.run("OwnLoss", place("model"), place("pairs.jsonl"), place("loss"));

        assertThat(lines).hasSize(11);
        assertThat(number(lines.get(0)))
                .isCloseTo(4, within(1e-6)); // target_margin^2 where the policy is the reference
        assertThat(number(lines.get(9))).isLessThan(4);
        assertThat(number(lines.get(10))).isPositive();
    }

    @Test
    void aRewardSeesTheColumnsOfItsRow() throws IOException {
        List<String> lines = programs.run("RightAnswers", place("model"), place("sums.jsonl"), place("right"));

        assertThat(lines).hasSize(5);
        assertThat(lines.subList(0, 3))
                .allSatisfy(line -> assertThat(number(line)).isBetween(-0.08, 1.0));
        assertThat(lines.get(3)).contains("\"prompt\"", "\"response\"");
    }

    @Test
    void aModelAnswersInAWebService() throws IOException, InterruptedException {
        Process process = programs.start("ChatServer", place("model"), "0");
        try {
            String address = process.inputReader(StandardCharsets.UTF_8).readLine();
            assertThat(address).as(programs.errors("ChatServer")).startsWith("http://localhost:");
            HttpClient client = HttpClient.newHttpClient();
            HttpRequest question = HttpRequest.newBuilder(URI.create(address))
                    .POST(HttpRequest.BodyPublishers.ofString("Why?"))
                    .build();
            HttpResponse<String> first = client.send(question, HttpResponse.BodyHandlers.ofString());
            HttpResponse<String> second = client.send(question, HttpResponse.BodyHandlers.ofString());
            HttpResponse<String> tooLong = client.send(
                    HttpRequest.newBuilder(URI.create(address))
                            .POST(HttpRequest.BodyPublishers.ofString("Why? ".repeat(200)))
                            .build(),
                    HttpResponse.BodyHandlers.ofString());

            assertThat(first.statusCode()).isEqualTo(200);
            assertThat(first.headers().firstValue("Transfer-Encoding")).contains("chunked");
            assertThat(first.body()).isNotEmpty().isEqualTo(second.body());
            assertThat(tooLong.body()).contains("128");
        } finally {
            process.destroy();
        }
    }

    private static double number(String line) {
        return Double.parseDouble(line.substring(line.lastIndexOf(' ') + 1));
    }
}
