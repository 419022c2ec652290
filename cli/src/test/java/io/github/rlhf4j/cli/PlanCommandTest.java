package io.github.rlhf4j.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code plan} as it is typed. */
class PlanCommandTest {
    private static final String CONFIG =
            "{\"model_type\": \"llama\", \"vocab_size\": 100, \"hidden_size\": 16, \"intermediate_size\": 24, \"num_hidden_layers\": 2, \"num_attention_heads\": 2, \"max_position_embeddings\": 32}";

    @TempDir
    Path folder;

    private String out = "";
    private String err = "";

    @Test
    void printsLinesOrJson() throws IOException {
        assertThat(execute("plan", "mixtral-8x7b")).as(err).isZero();
        assertThat(out).contains("46,702,792,704 (46.7B), of which a token meets 12,879,925,248 (12.9B)");
        JsonNode json = json("plan", "llama-2-7b", "--json");
        assertThat(json.at("/parameters/total").longValue()).isEqualTo(6_738_415_616L);
        assertThat(json.at("/parameters/active").longValue()).isEqualTo(6_738_415_616L);
    }

    @Test
    void theCoursesRowIsExplained() {
        assertThat(execute("plan", "Llama-3-7B")).as(err).isZero();
        assertThat(out).contains("There is no Llama 3 with 7B").contains("8,030,261,248");
    }

    @Test
    void aFolderAFileAndSizesAreModels() throws IOException {
        Files.writeString(folder.resolve("config.json"), CONFIG);
        long parameters = 2 * 100 * 16 + 2 * (4 * 16 * 16 + 3 * 16 * 24 + 2 * 16) + 16;
        assertThat(json("plan", folder.toString(), "--json")
                        .at("/parameters/total")
                        .longValue())
                .isEqualTo(parameters);
        assertThat(json("plan", folder.resolve("config.json").toString(), "--json", "tie_word_embeddings=true")
                        .at("/parameters/total")
                        .longValue())
                .isEqualTo(parameters - 1600);
        assertThat(json(
                                "plan",
                                "llama",
                                "vocab_size=100",
                                "hidden_size=16",
                                "intermediate_size=24",
                                "num_hidden_layers=2",
                                "num_attention_heads=2",
                                "--json")
                        .at("/parameters/total")
                        .longValue())
                .isEqualTo(parameters);
    }

    @Test
    void aRunFileIsPlannedByStage() throws IOException {
        Path run = folder.resolve("run.yaml");
        Files.writeString(run, """
                stages:
                  start:
                    type: pretrain
                    dataset: {path: "synthetic:pretrain", limit: 50}
                    architecture: {hidden_size: 32, intermediate_size: 64, num_hidden_layers: 2, num_attention_heads: 2, max_position_embeddings: 64}
                    tokenizer: {vocab_size: 260}
                    max_length: 48
                    batch_size: 4
                    max_steps: 10
                  sft:
                    type: sft
                    model: start
                    dataset: {path: "synthetic:demonstrations", limit: 50}
                    max_length: 40
                    batch_size: 2
                    max_steps: 5
                    adapter: {r: 4}
                  dpo:
                    type: dpo
                    model: start
                    dataset: {path: "synthetic:preferences", limit: 50}
                    precompute_ref_log_probs: false
                    max_length: 40
                    batch_size: 2
                    max_steps: 5
                """);
        JsonNode stages = json("plan", run.toString(), "--json", "--peak", "0.001", "--utilization", "1")
                .path("stages");
        assertThat(stages.at("/start/most_tokens").longValue()).isEqualTo(10 * 4 * 48);
        assertThat(stages.at("/sft/most_tokens").longValue()).isEqualTo(5 * 2 * 40);
        assertThat(stages.at("/start/seconds").asDouble())
                .isCloseTo(stages.at("/start/most_flops").asDouble() / 1e9, within(1e-9));
        assertThat(stages.at("/sft/memory/trained").longValue())
                .isLessThan(stages.at("/start/memory/trained").longValue());
        assertThat(stages.at("/dpo/most_tokens").longValue()).isEqualTo(5 * 2 * 2 * 40); // pairs
        assertThat(stages.at("/dpo/memory/total").longValue()) // with the reference
                .isGreaterThan(stages.at("/dpo/memory/model").longValue());
        assertThat(execute("plan", run.toString(), "sft.max_steps=7")).as(err).isZero();
        assertThat(out.lines().toList()).hasSize(5);
        assertThat(out).contains("560 ");
        refused("--batch-size: a run file says itself what it does", "plan", run.toString(), "--batch-size", "3");
    }

    @Test
    void mistakesAreOneLineAndExitCodeTwo() throws IOException {
        refused("did you mean llama-2-7b?", "plan", "lama-2-7b");
        refused("needs a model", "plan");
        refused("needs a model", "plan", "gpt2", "--list");
        refused("--epochs must be finite and > 0, but is -1", "plan", "gpt2", "--epochs", "-1");
        refused("--batch-size must be finite and > 0, but is 0", "plan", "gpt2", "--batch-size", "0");
        refused("--tokens must be finite and > 0, but is -5", "plan", "gpt2", "--tokens=-5");
        refused("--utilization must be in (0, 1], but is 1.5", "plan", "gpt2", "--peak", "1", "--utilization", "1.5");
        refused("do nothing without --hardware", "plan", "gpt2", "--price", "1");
        refused("--workers and --bandwidth need each other", "plan", "gpt2", "--workers", "4");
        refused("--workers must be >= 2", "plan", "gpt2", "--workers", "1", "--bandwidth", "1");
        refused("--sync-every does nothing", "plan", "gpt2", "--sync-every", "4");
        refused("--base-weights does nothing without --adapter-r", "plan", "gpt2", "--base-weights", "int8");
        refused("did you mean h100?", "plan", "gpt2", "--hardware", "h10");
        refused(
                "n_leyer is no key that counts in the sizes of a gpt2 model; did you mean n_layer?",
                "plan",
                "gpt2",
                "n_leyer=3");
        Files.writeString(folder.resolve("config.json"), "{\"model_type\": \"mamba\"}");
        refused("model_type is \"mamba\", which cannot be counted", "plan", folder.toString());
        refused("Invalid value for option '--precision'", "plan", "gpt2", "--precision", "fp4");
    }

    private void refused(String message, String... arguments) {
        assertThat(execute(arguments)).as(out).isEqualTo(2);
        assertThat(err).contains(message);
        assertThat(err.lines().toList()).as(err).hasSize(1);
    }

    private JsonNode json(String... arguments) throws IOException {
        assertThat(execute(arguments)).as(err).isZero();
        return new ObjectMapper().readTree(out);
    }

    private int execute(String... arguments) {
        ByteArrayOutputStream outBytes = new ByteArrayOutputStream();
        ByteArrayOutputStream errBytes = new ByteArrayOutputStream();
        int code = Main.run(
                arguments,
                new PrintStream(outBytes, true, StandardCharsets.UTF_8),
                new PrintStream(errBytes, true, StandardCharsets.UTF_8));
        out = outBytes.toString(StandardCharsets.UTF_8);
        err = errBytes.toString(StandardCharsets.UTF_8);
        return code;
    }
}
