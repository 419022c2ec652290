package io.github.rlhf4j.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Objects;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code export --gguf}, its model card, and GGUF files as models of commands and of run files. */
class GgufCommandsTest {
    @TempDir
    static Path folder;

    private static Path model = Path.of("");
    private static Path file = Path.of("");

    private String out = "";
    private String err = "";

    @BeforeAll
    static void writeModels() throws IOException {
        model = PretrainedModel.write(folder);
        file = Files.createDirectory(folder.resolve("files")).resolve("tiny.gguf");
        GgufCommandsTest export = new GgufCommandsTest();
        export.ok("export", model.toString(), "--gguf", "F32", "--out", file.toString());
        assertThat(export.out + export.err).contains("its log-probs differ by 0.000000 nats at most");
    }

    @Test
    void theCardSaysWhereTheModelIsFromAndWhatTheFileIs() throws IOException {
        String card = Files.readString(file.resolveSibling("README.md"));
        assertThat(card)
                .startsWith("---\nlibrary_name: gguf\npipeline_tag: text-generation\n")
                .contains("- rlhf4j\n- gguf\n- pretrain\n")
                .contains("# tiny.gguf\n")
                .contains("| architecture | LlamaForCausalLM |")
                .contains("is **0.000000 nats** over the ")
                .contains("| tiny | pretrain | new weights | synthetic:pretrain | 100 |")
                .contains("Metrics of tiny at its end")
                .contains("| `loss` | ")
                .contains("./rlhf4j export " + model + " --gguf F32 --out " + file);
    }

    @Test
    void noOtherCardIsReplaced() throws IOException {
        Path other = Files.createDirectory(folder.resolve("mine"));
        Files.writeString(other.resolve("README.md"), "my own");
        ok(
                "export",
                model.toString(),
                "--gguf",
                "Q8_0",
                "--out",
                other.resolve("a.gguf").toString());
        assertThat(other.resolve("README.md")).hasContent("my own");
        assertThat(Files.readString(other.resolve("a.md"))).contains("# a.gguf\n");
    }

    @Test
    void anExportedFolderHasACardToo() throws IOException {
        Path copy = folder.resolve("copy");
        ok("export", model.toString(), "--out", copy.toString());
        assertThat(Files.readString(copy.resolve("README.md")))
                .startsWith("---\nlibrary_name: transformers\n")
                .contains("## Training");
    }

    @Test
    void aFileWritesWhatItsModelWrites() {
        ok("generate", "--model", model.toString(), "--prompt", "The", "--max-new-tokens", "8", "--greedy");
        String expected = out;
        ok("generate", "--model", file.toString(), "--prompt", "The", "--max-new-tokens", "8", "--greedy");
        assertThat(out).isEqualTo(expected);
        ok("inspect", file.toString());
        assertThat(out).contains("LlamaForCausalLM");
        Path back = folder.resolve("back");
        ok("export", file.toString(), "--out", back.toString());
        assertThat(back.resolve("model.safetensors")).hasSameBinaryContentAs(model.resolve("model.safetensors"));
    }

    @Test
    void trainingStartsFromAFileAndSeesWhenItChanges() throws IOException {
        Path start = folder.resolve("start.gguf");
        Files.copy(file, start);
        Path yaml = Files.writeString(
                folder.resolve("sft.yaml"),
                "stages: {s: {type: sft, model: " + start
                        + ", dataset: {path: 'synthetic:demonstrations', limit: 8}, batch_size: 2, max_steps: 2}}");
        ok("run", yaml.toString(), "output_dir=" + folder, "name=of-file");
        Path trained = folder.resolve("of-file/s/model");
        ok("generate", "--model", trained.toString(), "--prompt", "The", "--max-new-tokens", "2");
        ok("run", yaml.toString(), "output_dir=" + folder, "name=of-folder", "s.model=" + model);
        assertThat(trained.resolve("model.safetensors"))
                .hasSameBinaryContentAs(folder.resolve("of-folder/s/model/model.safetensors"));
        byte[] bytes = Files.readAllBytes(start);
        bytes[bytes.length - 40] ^= 1;
        Files.write(start, bytes);
        refused("s.model", "run", yaml.toString(), "output_dir=" + folder, "name=of-file", "--resume");
    }

    @Test
    void mistakesAreSaidInOneLine() throws IOException {
        String x = folder.resolve("x.gguf").toString();
        refused("--out must end with .gguf", "export", model.toString(), "--gguf", "F32", "--out", folder + "/x.bin");
        refused("such as --gguf Q8_0", "export", model.toString(), "--out", x);
        refused("--gguf is for models", "export", "synthetic:pretrain", "--gguf", "F32", "--out", x);
        refused("--save-dtype", "export", model.toString(), "--gguf", "F32", "--save-dtype", "bfloat16", "--out", x);
        refused("Q9", "export", model.toString(), "--gguf", "Q9", "--out", x);
        refused("does not exist", "generate", "--model", x, "--prompt", "a");
        Path damaged = folder.resolve("damaged.gguf");
        Files.write(damaged, Arrays.copyOf(Files.readAllBytes(file), 5000));
        refused("cut off", "generate", "--model", damaged.toString(), "--prompt", "a");
        Path yaml = Files.writeString(
                folder.resolve("damaged.yaml"),
                "stages: {s: {type: sft, model: " + damaged
                        + ", dataset: {path: 'synthetic:demonstrations', limit: 8}, batch_size: 2, max_steps: 2}}");
        refused("cut off", "run", yaml.toString(), "output_dir=" + folder, "name=damaged");
        refused(
                "give the file itself",
                "generate",
                "--model",
                Objects.requireNonNull(file.getParent()).toString(),
                "--prompt",
                "a");
    }

    private void ok(String... arguments) {
        assertThat(execute(arguments)).as(err).isZero();
    }

    private void refused(String message, String... arguments) {
        assertThat(execute(arguments)).as(err).isEqualTo(2);
        assertThat(err).contains(message).doesNotContain("\tat ");
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
