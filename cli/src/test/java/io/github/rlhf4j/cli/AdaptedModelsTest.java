package io.github.rlhf4j.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.rlhf4j.cli.verify.FolderChecks;
import io.github.rlhf4j.cli.verify.Verification;
import io.github.rlhf4j.core.files.HuggingFaceConfig;
import io.github.rlhf4j.core.kernels.Kernels;
import io.github.rlhf4j.core.kernels.reference.ReferenceKernels;
import io.github.rlhf4j.core.tensor.DataType;
import io.github.rlhf4j.pipeline.model.GivenModel;
import io.github.rlhf4j.testing.TinyModel;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Models of run files that are a base with an adapter. */
class AdaptedModelsTest {
    private static final String STAGES = """
            name: run
            stages:
              sft: {type: sft, model: %1$s, adapter: {r: 2, alpha: 4}, dataset: {path: 'synthetic:demonstrations', limit: 40}, max_length: 128, batch_size: 2, max_steps: 2, learning_rate: 0.01}
              on: {type: sft, model: {base: %1$s, adapter: sft}, dataset: {path: 'synthetic:demonstrations', limit: 40}, max_length: 128, batch_size: 2, max_steps: 2}
              dpo: {type: dpo, model: {base: %1$s, adapter: on}, ref_model: {base: %1$s, adapter: sft}, dataset: {path: 'synthetic:preferences', limit: 40}, batch_size: 2, max_steps: 1}
              merged: {type: kto, model: {base: %1$s, adapter: dpo}, merge_adapter: true, dataset: {path: 'synthetic:preferences', limit: 40}, batch_size: 2, max_steps: 1}
              reward: {type: reward, model: %1$s, adapter: {r: 2}, dataset: {path: 'synthetic:rankings', limit: 8}, batch_size: 4, max_steps: 1}
              evaluate: {type: evaluate, reward_model: {base: %1$s, adapter: reward}, models: {on: on, adapted: {base: %1$s, adapter: on}, dpo: {base: %1$s, adapter: dpo}}, baseline: on, dataset: {path: 'synthetic:prompts', limit: 4}, max_new_tokens: 4, limit: 2}
            """;

    private static final String TIED = """
            name: run
            stages:
              sft: {type: sft, model: %s, adapter: {r: 2, target_modules: [q_proj, lm_head]}, dataset: {path: 'synthetic:demonstrations', limit: 8}, max_length: 32, batch_size: 2, max_steps: 1}
            """;

    @TempDir
    Path folder;

    private Path model;
    private String said = "";

    @BeforeEach
    void aModel() throws IOException {
        model = PretrainedModel.write(Files.createDirectories(folder.resolve("base")));
    }

    private int run(String yaml, String... values) throws IOException {
        Path file = folder.resolve("run.yaml");
        Files.writeString(file, yaml);
        List<String> arguments = new ArrayList<>(List.of("run", file.toString(), "output_dir=" + folder));
        arguments.addAll(List.of(values));
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        PrintStream messages = new PrintStream(bytes, true, StandardCharsets.UTF_8);
        int code = Main.run(arguments.toArray(String[]::new), messages, messages);
        said = bytes.toString(StandardCharsets.UTF_8);
        return code;
    }

    @Test
    void aStagesAdapterOnItsBaseIsThatStagesModel() throws IOException {
        assertThat(run(STAGES.formatted(model))).as(said).isZero();

        assertThat(said)
                .contains("[on] the adapter sft is trained")
                .contains("[dpo] the adapter on is trained")
                .doesNotContain("[merged] the adapter");
        Path adapted = folder.resolve("run/dpo/adapter");
        assertThat(adapted.resolve("adapter_config.json")).content().contains("\"r\": 2", model.toString());
        assertThat(folder.resolve("run/merged/adapter")).doesNotExist();
        assertThat(folder.resolve("run/dpo/inputs.json"))
                .content()
                .contains("\"model.adapter\"", "\"ref_model.adapter\"", "\"given\"");
        String samples = Files.readString(folder.resolve("run/evaluate/samples.jsonl"));
        assertThat(samples).contains("adapted", "dpo");
        assertThat(run(STAGES.formatted(model), "--resume")).isZero();
        commandsTakeAnAdapter();

        Path weights = adapted.resolve("adapter_model.safetensors");
        byte[] bytes = Files.readAllBytes(weights);
        bytes[bytes.length - 1] ^= 1;
        Files.write(weights, bytes);
        assertThat(run(STAGES.formatted(model), "--from", "evaluate")).isEqualTo(2);
        assertThat(said).contains("adapter/adapter_model.safetensors");
    }

    @Test
    void aMergedHeadIsNoLongerTiedToTheEmbedding() throws IOException {
        Path tied = TinyModel.llama().with("tie_word_embeddings", true).write(folder.resolve("tied"));
        assertThat(run(TIED.formatted(tied))).as(said).isZero();
        Path exported = folder.resolve("exported");

        assertThat(execute(
                        "export",
                        tied.toString(),
                        "--adapter",
                        folder.resolve("run/sft").toString(),
                        "--merge",
                        "--out",
                        exported.toString()))
                .as(said)
                .isZero();

        assertThat(said).contains("; read back, its log-probs differ by 0.000000 nats at most over ");
        assertThat(exported.resolve("README.md"))
                .content()
                .contains("is **0.000000 nats** over the ", "in the folder: ");
        Path made = folder.resolve("run/sft/model");
        assertThat(HuggingFaceConfig.read(exported).getBoolean("tie_word_embeddings", true))
                .isFalse();
        assertThat(Files.mismatch(exported.resolve("model.safetensors"), made.resolve("model.safetensors")))
                .isEqualTo(-1);
    }

    private void verifyChecksAnAdapter(String base, String stage) throws IOException {
        Kernels kernels = new ReferenceKernels(DataType.FLOAT);
        List<String> checked = new ArrayList<>();
        GivenModel given = GivenModel.of(Path.of(base), Optional.of(Path.of(stage)));
        Path temporary = Files.createTempDirectory(folder, "verify");
        new FolderChecks(given, kernels, threads -> kernels, temporary).run(new Verification(checked::add));
        assertThat(checked)
                .allMatch(line -> line.startsWith("ok"))
                .anyMatch(line -> line.contains("adapter: beside the weights and in them"))
                .anyMatch(line -> line.contains("adapter: what it changes") && !line.contains("up to 0.0000"));
        assertThat(execute("verify", "--adapter", stage)).isEqualTo(2);
        assertThat(said).contains("--adapter needs --model");
    }

    private void commandsTakeAnAdapter() throws IOException {
        String base = model.toString();
        String stage = folder.resolve("run/dpo").toString();
        Path exported = folder.resolve("exported");
        assertThat(execute("export", base, "--adapter", stage, "--merge", "--out", exported.toString()))
                .as(said)
                .isZero();
        assertThat(Files.mismatch(
                        exported.resolve("model.safetensors"), folder.resolve("run/dpo/model/model.safetensors")))
                .isEqualTo(-1);
        Path again = folder.resolve("again");
        assertThat(execute("export", stage + "/adapter", "--merge", "--out", again.toString()))
                .as(said)
                .isZero();
        assertThat(Files.mismatch(again.resolve("model.safetensors"), exported.resolve("model.safetensors")))
                .isEqualTo(-1);
        String[] generate = {"generate", "--prompt", "The", "--greedy", "--max-new-tokens", "5", "--model"};
        assertThat(execute(generate, stage)).isZero();
        String merged = said;
        assertThat(execute(generate, base, "--adapter", stage + "/adapter"))
                .as(said)
                .isZero();
        assertThat(said).isEqualTo(merged);
        Path data = Files.writeString(folder.resolve("texts.jsonl"), "{\"text\": \"The end.\"}\n");
        Path one = folder.resolve("one.jsonl");
        Path two = folder.resolve("two.jsonl");
        String reward = folder.resolve("run/reward").toString();
        String[] score = {"score", "--normalized", "--data", data.toString(), "--out"};
        assertThat(execute(score, one.toString(), "--model", reward)).as(said).isZero();
        assertThat(execute(score, two.toString(), "--model", base, "--adapter", reward))
                .as(said)
                .isZero();
        assertThat(two).hasSameTextualContentAs(one);
        assertThat(execute("inspect", base, "--adapter", stage)).as(said).isZero();
        assertThat(said).contains("r 2, alpha 4, 256 weights, on 4 layers: q_proj, v_proj");
        verifyChecksAnAdapter(base, stage);
        verifyChecksAnAdapter(base, reward);
        assertThat(execute("chat", "--model", stage, "--adapter", stage)).isEqualTo(2);
        assertThat(said).contains("in its weights already");
        assertThat(execute(generate, base, "--adapter", base)).isEqualTo(2);
        assertThat(said).contains("has no adapter_config.json: give the folder of an adapter");
        assertThat(execute(generate, stage + "/adapter")).isEqualTo(2);
        assertThat(said).contains("is an adapter, not a model");
        assertThat(execute(generate, base, "--adapter", reward)).isEqualTo(2);
        assertThat(said).contains("is a reward model, which writes no text");
        assertThat(execute("export", base, "--merge", "--out", folder + "/x")).isEqualTo(2);
        assertThat(said).contains("--merge needs --adapter DIR");
        assertThat(execute("export", base, "--adapter", stage, "--out", folder + "/x"))
                .isEqualTo(2);
        assertThat(said).contains("--adapter needs --merge");
    }

    private int execute(String[] first, String... rest) {
        return execute(Stream.concat(Stream.of(first), Stream.of(rest)).toArray(String[]::new));
    }

    private int execute(String... arguments) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        PrintStream messages = new PrintStream(bytes, true, StandardCharsets.UTF_8);
        int code = Main.run(arguments, messages, messages);
        said = bytes.toString(StandardCharsets.UTF_8);
        return code;
    }

    @Test
    void whatIsNoBaseWithAnAdapterIsOneLine() throws IOException {
        Path other = PretrainedModel.write(
                Files.createDirectories(folder.resolve("wider")),
                PretrainedModel.PRETRAINING.stream()
                        .map(value -> value.replace("hidden_size: 16", "hidden_size: 32"))
                        .toList());
        assertThat(run(STAGES.formatted(model), "--only", "sft")).as(said).isZero();
        Path adapter = folder.resolve("run/sft/adapter");
        refused(
                "{base: nowhere, adapter: " + adapter + "}",
                "b.model.base: nowhere is no folder nor an earlier stage (a)");
        refused(
                "{base: " + model + ", adapter: nowhere}",
                "b.model.adapter: nowhere is no folder nor an earlier stage (a)");
        refused("{base: " + model + ", adapter: " + model + "}", "has no adapter_config.json");
        refused("{base: " + model + "}", "b.model.adapter is missing; a model is a folder");
        refused(
                "{base: " + model + ", adapter: [a]}",
                "b.model.adapter must be a folder or a stage's name, but is [a]");
        refused("{base: " + model + ", adaptor: a}", "b.model.adaptor is not a known key; did you mean adapter?");
        refused("{base: a, adapter: a}", "b.model.adapter: a's model has this adapter in its weights already");
        refused(
                "{base: " + other + ", adapter: " + adapter + "}",
                "has the shape [2, 16], but r of adapter_config.json and the model make it [2, 32]");
        assertThat(run("""
                stages:
                  a: {type: sft, model: %1$s, dataset: {path: 'synthetic:demonstrations', limit: 40}}
                  b: {type: sft, model: {base: %1$s, adapter: a}, dataset: {path: 'synthetic:demonstrations', limit: 40}}
                """.formatted(model))).isEqualTo(2);
        assertThat(said)
                .contains("b.model.adapter: a is a stage that trains no adapter; give it one by its key adapter");
    }

    private void refused(String given, String message) throws IOException {
        int code = run("""
                stages:
                  a: {type: sft, model: %s, adapter: {r: 2}, dataset: {path: 'synthetic:demonstrations', limit: 40}}
                  b: {type: sft, model: %s, dataset: {path: 'synthetic:demonstrations', limit: 40}}
                """.formatted(model, given));
        assertThat(code).as(said).isEqualTo(2);
        assertThat(said.lines().filter(line -> line.contains(message))).as(said).hasSize(1);
    }
}
