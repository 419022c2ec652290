package io.github.rlhf4j.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.github.rlhf4j.cli.verify.FolderChecks;
import io.github.rlhf4j.cli.verify.Verification;
import io.github.rlhf4j.core.UserError;
import io.github.rlhf4j.core.files.ModelDirectory;
import io.github.rlhf4j.core.kernels.Kernels;
import io.github.rlhf4j.core.kernels.reference.ReferenceKernels;
import io.github.rlhf4j.core.model.ModelConfig;
import io.github.rlhf4j.core.tensor.DataType;
import io.github.rlhf4j.pipeline.model.GivenModel;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Every command but run, as it is typed: what it prints, what it writes, and one line with exit code 2 for a mistake. */
class CommandsTest {
    @TempDir
    static Path folder;

    private static String model = "";
    private static String rewardModel = "";

    private String out = "";
    private String err = "";

    @BeforeAll
    static void writeModels() throws IOException {
        Path directory = PretrainedModel.write(folder);
        model = directory.toString();
        Files.writeString(
                folder.resolve("reward.yaml"),
                "stages: {r: {type: reward, model: $model, dataset: {path: 'synthetic:rankings', limit: 8}, batch_size: 4, max_steps: 1}}");
        CommandsTest run = new CommandsTest();
        assertThat(run.execute(
                        "run", folder.resolve("reward.yaml").toString(), "output_dir=" + folder, "model=" + model))
                .as(run.err)
                .isZero();
        rewardModel = folder.resolve("reward/r/model").toString();
    }

    @Test
    void generatePrintsTheContinuationsAloneWithAnEmptyLineBetween() {
        ok("generate", "--model", model, "--prompt", "The", "--max-new-tokens", "4", "--num-samples", "2", "--greedy");
        String[] samples = out.split("\n\n", -1);
        assertThat(samples).hasSize(2);
        assertThat(samples[0] + "\n").isEqualTo(samples[1]);
        assertThat(err).isEmpty();
    }

    @Test
    void tokenizeReadsLinesAsTheyAreAndCompressed() throws IOException {
        Path plain = write("lines.jsonl", "{\"text\": \"The cat\"}\n\n{\"text\": \"A\"}\n");
        Path compressed = folder.resolve("lines.jsonl.gz");
        try (OutputStream gzip = new GZIPOutputStream(Files.newOutputStream(compressed))) {
            Files.copy(plain, gzip);
        }
        Path first = folder.resolve("ids.jsonl");
        Path second = folder.resolve("ids-gz.jsonl");
        ok("tokenize", "--model", model, "--data", plain.toString(), "--out", first.toString());
        ok("tokenize", "--model", model, "--data", compressed.toString(), "--out", second.toString());
        assertThat(lines(first)).hasSize(2);
        assertThat(lines(first).get(0).path("ids").size()).isGreaterThan(1);
        assertThat(second).hasSameBinaryContentAs(first);
    }

    @Test
    void generateWritesAnObjectForEachSample() throws IOException {
        Path file = folder.resolve("generated.jsonl");
        Path prompts = write("prompts.jsonl", "{\"prompt\": \"The\"}\n{\"prompt\": \"A\"}\n{\"prompt\": \"It\"}\n");
        List<String> command = List.of(
                "generate",
                "--model",
                model,
                "--data",
                prompts.toString(),
                "--limit",
                "2",
                "--max-new-tokens",
                "3",
                "--num-samples",
                "2",
                "--seed",
                "5",
                "--out",
                file.toString());
        ok(command.toArray(String[]::new));
        List<JsonNode> lines = lines(file);
        assertThat(lines).extracting(line -> line.path("prompt").asText()).containsExactly("The", "The", "A", "A");
        for (JsonNode line : lines) {
            assertThat(line.properties().stream().map(Map.Entry::getKey))
                    .containsExactly("prompt", "text", "ids", "log_probs", "finish_reason");
            assertThat(line.path("log_probs")).hasSameSizeAs(line.path("ids"));
        }
        String first = Files.readString(file);
        ok(command.toArray(String[]::new));
        assertThat(file).hasContent(first);
    }

    @Test
    void newAndTrainedModelsSayWhereATextEnds() throws IOException {
        for (String directory : List.of(model, rewardModel)) {
            for (String file : List.of("config.json", "generation_config.json")) {
                JsonNode tree =
                        new ObjectMapper().readTree(Path.of(directory, file).toFile());
                assertThat(tree.path("bos_token_id").asInt(-1)).as(file).isZero();
                assertThat(tree.path("eos_token_id").asInt(-1)).as(file).isEqualTo(1);
            }
        }
    }

    @Test
    void noOutputReplacesAFolder() throws IOException {
        Path keep = Files.createDirectories(folder.resolve("keep"));
        Files.writeString(keep.resolve("mine"), "precious");
        Path data = write("one.jsonl", "{\"text\": \"The\"}\n");
        String out = keep.toString();
        refused("is a folder", score(model, data, keep));
        refused("is a folder", "tokenize", "--model", model, "--data", data.toString(), "--out", out);
        refused("is a folder", generate("--out", out));
        refused("is a folder", "export", data.toString(), "--out", out);
        refused("already exists", "export", model, "--out", out);
        refused("cannot be written", generate("--out", "/proc/x.jsonl"));
        assertThat(keep.resolve("mine")).hasContent("precious");
    }

    @Test
    void generateRefusesWhatCannotBe() {
        refused("give either --prompt TEXT or --data FILE", "generate", "--model", model);
        refused("--num-samples must be >= 1, but is 0", generate("--num-samples", "0"));
        refused("--limit, --format and --columns belong to --data", generate("--limit", "3"));
        refused("temperature must be", generate("--temperature", "-1"));
        refused("has no chat template", generate("--chat"));
        refused("--kernels must be one of cpu, nd4j", generate("--kernels", "gpu"));
        refused("--threads must be >= 1", generate("--threads", "-1"));
        refused("is a reward model", "generate", "--model", rewardModel, "--prompt", "The");
        refused("does not exist", "generate", "--model", folder + "/none", "--prompt", "The");
        refused("does not exist", "generate", "--model", model, "--data", folder + "/none.jsonl");
        refused("Missing required option: '--model=DIR'", "generate", "--prompt", "The");
    }

    @Test
    void scoreWritesLogProbsOfEveryFormOfLine() throws IOException {
        Path data = write(
                "forms.jsonl",
                "{\"ids\": [3, 4, 5]}\n{\"text\": \"The cat\"}\n\n{\"prompt\": \"The\", \"completion\": \" cat\"}\n");
        Path file = folder.resolve("log-probs.jsonl");
        ok(score(model, data, file));
        List<JsonNode> lines = lines(file);
        assertThat(lines).hasSize(3);
        for (JsonNode line : lines) {
            assertThat(line.path("log_probs").size()).isEqualTo(line.path("ids").size() - 1);
            line.path("log_probs").forEach(value -> assertThat(value.asDouble()).isNegative());
        }
        assertThat(lines.get(0).path("ids").toString()).isEqualTo("[3,4,5]");
        assertThat(lines.get(2).path("ids").size())
                .isEqualTo(lines.get(1).path("ids").size() + 1); // the end token
    }

    @Test
    void scoreOfARewardModelIsRawUnlessNormalized() throws IOException {
        Path data = write("texts.jsonl", "{\"text\": \"The cat\"}\n{\"text\": \"A dog\"}\n");
        Path raw = folder.resolve("raw.jsonl");
        Path normalized = folder.resolve("normalized.jsonl");
        ok(score(rewardModel, data, raw));
        ok(score(rewardModel, data, normalized, "--normalized"));
        JsonNode stored = new ObjectMapper()
                .readTree(Path.of(rewardModel, "config.json").toFile())
                .path("rlhf4j");
        for (int i = 0; i < 2; i++) {
            double expected = (lines(raw).get(i).path("score").asDouble()
                            - stored.path("score_mean").asDouble())
                    / stored.path("score_std").asDouble();
            assertThat(lines(normalized).get(i).path("score").asDouble()).isCloseTo(expected, within(1e-12));
        }
        refused("--normalized is for reward models", score(model, data, raw, "--normalized"));
    }

    @Test
    void scoreNamesTheLineThatIsWrongAndWritesNothing() throws IOException {
        Path file = folder.resolve("unwritten.jsonl");
        Path bad = write("bad.jsonl", "{\"text\": \"The\"}\n{\"test\": \"The\"}\n");
        refused("bad.jsonl line 2", score(model, bad, file));
        Path longLine = write("long.jsonl", "{\"text\": \"" + "x ".repeat(400) + "\"}\n");
        refused("long.jsonl line 1: the sequence has", score(model, longLine, file));
        refused("has no line", score(model, write("blank.jsonl", "\n"), file));
        refused("does not exist", score(model, folder.resolve("none.jsonl"), file));
        refused(
                "has no chat template",
                score(model, write("chat.jsonl", "{\"messages\": [{\"role\": \"user\", \"content\": \"Hi\"}]}"), file));
        assertThat(file).doesNotExist();
    }

    @Test
    void chatAnswersEachLineUntilTheInputEnds() {
        InputStream before = System.in;
        System.setIn(new ByteArrayInputStream("The\nA\n".getBytes(StandardCharsets.UTF_8)));
        try {
            ok("chat", "--model", model, "--max-new-tokens", "3", "--greedy");
        } finally {
            System.setIn(before);
        }
        assertThat(out).endsWith("\n");
        assertThat(err).contains("no chat template");
        refused("is a reward model", "chat", "--model", rewardModel);
    }

    private void chat(String input, String... more) {
        InputStream before = System.in;
        System.setIn(new ByteArrayInputStream(input.getBytes(StandardCharsets.UTF_8)));
        try {
            ok(joined(List.of("chat", "--model", chatModel(), "--seed", "3", "--max-new-tokens", "20"), more));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } finally {
            System.setIn(before);
        }
    }

    /** The model with a template. */
    private static String chatModel() throws IOException {
        Path copy = Files.createDirectories(folder.resolve("with-template"));
        for (String file : List.of(
                "config.json",
                "model.safetensors",
                "tokenizer.json",
                "tokenizer_config.json",
                "generation_config.json")) {
            Files.copy(Path.of(model, file), copy.resolve(file), StandardCopyOption.REPLACE_EXISTING);
        }
        Files.writeString(
                copy.resolve("chat_template.jinja"),
                "{% for m in messages %}{{ m.role }}: {{ m.content }}\n{% endfor %}");
        return copy.toString();
    }

    @Test
    void chatRemembersUntilItIsResetAndSavesTheConversation() throws IOException {
        Path saved = folder.resolve("saved.jsonl");
        chat("/system Be brief.\nThe\n\nA\n/save " + saved + "\n/exit\nnever\n");
        JsonNode messages = lines(saved).get(0).path("messages");
        assertThat(messages)
                .extracting(message -> message.path("role").asText())
                .containsExactly("system", "user", "assistant", "user", "assistant");
        assertThat(messages.get(3).path("content").asText()).isEqualTo("A");
        String first = messages.get(2).path("content").asText();
        String second = messages.get(4).path("content").asText();
        assertThat(out).isEqualTo(first + "\n" + second + "\n");
        chat("The\n/reset\nA\n/save " + saved + "\n");
        assertThat(lines(saved).get(0).path("messages")).hasSize(2);
        ok("inspect", saved.toString());
        assertThat(out).contains("messages");
    }

    @Test
    void chatSaysWhatIsWrongAndGoesOn() {
        chat("/frobnicate\n/save\n/help\n//odd\n" + "x ".repeat(300) + "\nThe\n");
        assertThat(err).contains("/frobnicate is no command", "/save needs", "/reset ", "fills the model's context");
        assertThat(out.lines()).hasSizeGreaterThanOrEqualTo(2);
    }

    @Test
    void chatLeavesOutTheStopStringThatEndsAnAnswer() {
        chat("The\n");
        String whole = out.substring(0, out.length() - 1);
        String stop = whole.substring(2, 3);
        chat("The\n", "--stop", stop);
        assertThat(out).isEqualTo(whole.substring(0, whole.indexOf(stop)) + "\n");
        ok("generate", "--model", model, "--prompt", "The", "--max-new-tokens", "9", "--greedy");
        String text = out;
        String end = text.substring(3, 5);
        ok("generate", "--model", model, "--prompt", "The", "--max-new-tokens", "9", "--greedy", "--stop", end);
        assertThat(text).startsWith(out.stripTrailing());
        assertThat("The" + out).contains(end); // it may begin in the prompt
        refused("a stop string must have", generate("--stop", ""));
    }

    @Test
    void scoreReadsWhatDatasetsReadAndSumsUp() throws IOException {
        Path jsonl = write(
                "same.jsonl",
                "{\"prompt\": \"The\", \"completion\": \" cat\"}\n{\"prompt\": \"A\", \"completion\": \" dog\"}\n");
        Path csv = write("same.csv", "frage,completion\nThe, cat\nA, dog\n");
        Path array = write(
                "same.json",
                "[{\"prompt\": \"The\", \"completion\": \" cat\"}, {\"prompt\": \"A\", \"completion\": \" dog\"}]");
        Path first = folder.resolve("same-1");
        ok(score(model, jsonl, first));
        assertThat(err).contains("2 lines, ", " tokens: mean log-prob -", "perplexity ", " bits per byte");
        for (String[] command : List.of(
                score(model, csv, folder.resolve("same-2"), "--columns", "prompt=frage"),
                score(model, array, folder.resolve("same-2")))) {
            ok(command);
            assertThat(folder.resolve("same-2")).hasSameBinaryContentAs(first);
        }
        refused("names the column \"fragen\"", score(model, csv, first, "--columns", "prompt=fragen"));
        ok(score(rewardModel, jsonl, first));
        assertThat(err).contains("2 lines: mean score ", "standard deviation");
        Path latin = folder.resolve("latin.jsonl");
        Files.write(latin, "{\"text\": \"caf\u00e9\"}".getBytes(StandardCharsets.ISO_8859_1));
        refused("not valid UTF-8", score(model, latin, first));
        refused("not valid UTF-8", "tokenize", "--model", model, "--data", latin.toString(), "--out", first.toString());
    }

    @Test
    void aRunsStageServesAsItsModelAndARunNamesItsStages() throws IOException {
        Path stage = Path.of(model).resolve("..").normalize();
        ok("generate", "--model", stage.toString(), "--prompt", "The", "--max-new-tokens", "2");
        ok("inspect", stage.toString());
        assertThat(out).contains("LlamaForCausalLM");
        Path run = stage.resolve("..").normalize();
        refused("is a run, not a model: name one of its stages: " + stage, "chat", "--model", run.toString());
        ok("inspect", run.toString());
        assertThat(out).contains("1 stage", "pretrain, done", stage + "/model");
        refused("hf download HuggingFaceTB/SmolLM2-135M", "chat", "--model", "HuggingFaceTB/SmolLM2-135M");
        refused("GGUF", "chat", "--model", write("x.gguf", "").toString());
        refused("is a file", "chat", "--model", write("x.txt", "").toString());
    }

    @Test
    void generateSaysThatTheContextEndedIt() {
        ok("generate", "--model", model, "--prompt", "The", "--max-new-tokens", "1000", "--greedy");
        assertThat(err).contains("1 of 1 samples ended because the model's context of 192 tokens was full");
        refused("the model's context is 192; shorten it", "generate", "--model", model, "--prompt", "x ".repeat(400));
    }

    @Test
    void controlCharactersOfDataDoNotReachTheTerminal() throws IOException {
        Path data = write("hostile.jsonl", "{\"text\": \"a\\u001b[2Jb\\u009b31m\", \"k\\u001b]0;x\\u0007\": 1}\n");
        ok("inspect", data.toString());
        ok("inspect", data.toString(), "--model", model);
        assertThat(out + err).doesNotContain("\u001b", "\u009b", "\u0007").contains("a\\u001b[2Jb\\u009b31m");
        Path bad = write("hostile-key.jsonl", "{\"k\\u001b[2J\": 1}\n");
        assertThat(execute("inspect", bad.toString())).isEqualTo(2);
        assertThat(err).contains("k\\u001b[2J").doesNotContain("\u001b");
    }

    @Test
    void aPathWithANulIsAMistakeOfTheUsers() {
        refused("is not a valid path", "inspect", "a\0b");
    }

    @Test
    void mistypedCommandsAndOptionsHaveSuggestions() {
        refused("did you mean run?", "rnu");
        refused("did you mean --max-new-tokens?", generate("--max-new-token", "3"));
        ok("completion");
        assertThat(out).contains("complete -F", "--repetition-penalty");
    }

    @Test
    void aClassPathEntryThatDoesNotExistIsNamed() {
        ClassPathEntries.check("");
        ClassPathEntries.check(folder + "" + File.pathSeparator + folder + File.separator + "*");
        assertThatThrownBy(() -> ClassPathEntries.check(folder + File.pathSeparator + folder + "/none.jar"))
                .isInstanceOf(UserError.class)
                .hasMessageContaining("/none.jar, which does not exist");
    }

    @Test
    void weightsThatAreNotFiniteAreNamed() throws IOException {
        Path broken = Path.of(chatModel());
        Path weights = broken.resolve("model.safetensors");
        byte[] bytes = Files.readAllBytes(weights);
        for (int i = 1; i <= 4; i++) {
            bytes[bytes.length - i] = (byte) 0xFF; // the last number: NaN
        }
        Files.write(weights, bytes);
        refused("model.norm.weight", "generate", "--model", broken.toString(), "--prompt", "The");
        refused(
                "model.norm.weight",
                score(broken.toString(), write("nan.jsonl", "{\"text\": \"The\"}"), folder.resolve("nan-out")));
        assertThat(folder.resolve("nan-out")).doesNotExist();
    }

    @Test
    void inspectComparesTheWeightsWithTheConfig() throws IOException {
        Path other = Path.of(chatModel());
        Path config = other.resolve("config.json");
        Files.writeString(
                config,
                Files.readString(config).replaceFirst("\"intermediate_size\": 32", "\"intermediate_size\": 48"));
        ok("inspect", other.toString());
        assertThat(err).contains("has the shape", "but config.json makes it");
    }

    @Test
    void inspectShowsModelsAndData() throws IOException {
        ok("inspect", model);
        assertThat(out).contains("LlamaForCausalLM", "vocabulary", "192 tokens");
        ok("inspect", rewardModel);
        assertThat(out).contains("LlamaForSequenceClassification", "scores", "std");
        Path pairs = write("pairs.jsonl", "{\"prompt\": \"Who?\", \"chosen\": \" I.\", \"rejected\": \" No.\"}\n");
        ok("inspect", pairs.toString());
        assertThat(out)
                .contains("preference (prompt, chosen, rejected)", "length bias", "scripts        Latin 100.0 %")
                .contains("first row      {\"prompt\"");
        ok("inspect", pairs.toString(), "--model", model, "--columns", "rejected=rejected");
        assertThat(out).contains("tokens         mean ", "Who?>> I.", "Who?>> No.");
        Files.createDirectories(folder.resolve("csv"));
        write("csv/a.csv", "question,answer\nWho?,I.\nWho?,I.\n");
        ok("inspect", folder + "/csv");
        assertThat(out).contains("prompt_completion", "duplicates     1 rows equal to one before, 1 prompts");
        refused("none does not exist", "inspect", folder + "/none");
        Files.createDirectories(folder.resolve("empty"));
        refused("is a folder without a data file", "inspect", folder + "/empty");
    }

    @Test
    void inspectShowsWhichTurnsAreTrained() throws IOException {
        Path chats = write(
                "chats.jsonl",
                "{\"messages\": [{\"role\": \"user\", \"content\": \"Hi\"}, {\"role\": \"assistant\", \"content\": \"Ho\"}]}\n");

        ok("inspect", chats.toString(), "--model", chatModel());
        assertThat(out)
                .contains("assistant: Ho\n<<", "assistant_only_loss: false, the default: all turns")
                .doesNotContain(">>assistant");
        ok("inspect", chats.toString(), "--model", chatModel(), "--assistant-only-loss");
        assertThat(out).contains("user: Hi\n>>assistant: Ho\n<<", "assistant_only_loss: true");
    }

    @Test
    void inspectTakesRawText() throws IOException {
        write("book.txt", "One.\n\nTwo.\n");
        ok("inspect", folder + "/book.txt");
        assertThat(out).contains("type           text (text)", "rows           1");
        ok("inspect", folder + "/book.txt", "--separator", "\\n\\n");
        assertThat(out).contains("rows           2");
        write("long.txt", "begin " + "x".repeat(50_000) + " end");
        ok("inspect", folder + "/long.txt");
        assertThat(out)
                .contains("begin xx", " ... (46,", " characters) ... ", "x end")
                .hasSizeLessThan(6_000);
    }

    @Test
    void exportWritesADatasetAsLines() throws IOException {
        Path file = folder.resolve("exported.jsonl");
        ok("export", "synthetic:demonstrations", "--limit", "5", "--out", file.toString());
        assertThat(lines(file)).hasSize(5).allMatch(line -> line.has("prompt") && line.has("completion"));
        refused("is unknown", "export", "synthetic:demonstration", "--out", folder + "/no.jsonl");
        refused("does not exist", "export", folder + "/none.jsonl", "--out", folder + "/no.jsonl");
        assertThat(folder.resolve("no.jsonl")).doesNotExist();
    }

    @Test
    void exportWritesAModelWithOtherWeightsInShards() throws IOException {
        Path half = folder.resolve("half");
        ok("export", model, "--out", half.toString(), "--save-dtype", "bfloat16", "--max-shard-size", "4KB");
        assertThat(half.resolve("model.safetensors.index.json")).exists();
        assertThat(half.resolve("config.json")).content().contains("\"bfloat16\"");
        assertThat(half.resolve("tokenizer.json")).exists();
        Path data = write("exported-text.jsonl", "{\"text\": \"The cat\"}\n");
        Path whole = folder.resolve("whole.jsonl");
        Path rounded = folder.resolve("rounded.jsonl");
        ok(score(model, data, whole));
        ok(score(half.toString(), data, rounded));
        double expected = lines(whole).get(0).path("log_probs").path(0).asDouble();
        assertThat(lines(rounded).get(0).path("log_probs").path(0).asDouble())
                .isCloseTo(expected, within(0.01))
                .isNotEqualTo(expected);
        refused("already exists", "export", model, "--out", half.toString());
        refused("max_shard_size must be a size", "export", model, "--out", folder + "/x", "--max-shard-size", "5");
        refused("--save-dtype", "export", model, "--out", folder + "/x", "--save-dtype", "float16");
        refused("are for datasets", "export", model, "--out", folder + "/x", "--limit", "1");
        refused("are for models", "export", "synthetic:prompts", "--out", folder + "/x", "--save-dtype", "bfloat16");
    }

    @Test
    void aStageWritesTheTypeThatSaveDtypeNames() throws IOException {
        Path file = write(
                "stored.yaml",
                "stages: {s: {type: sft, model: $model, dataset: $dataset, max_steps: 1, save_dtype: bfloat16, max_shard_size: 4KB}}");
        Path data = write("demonstrations.jsonl", "{\"prompt\": \"Who?\", \"completion\": \" I.\"}\n");
        ok("run", file.toString(), "output_dir=" + folder, "model=" + model, "dataset=" + data);
        Path result = folder.resolve("stored/s/model");
        assertThat(result.resolve("config.json")).content().contains("\"bfloat16\"");
        assertThat(result.resolve("model.safetensors.index.json")).exists();
        ok("generate", "--model", result.toString(), "--prompt", "The", "--max-new-tokens", "2");
    }

    @Test
    void tokenizeGivesIdsAndTextsAndConversations() throws IOException {
        String template =
                "{% for m in messages %}{{ m.role }}: {% generation %}{{ m.content }}{% endgeneration %};{% endfor %}";
        Path data = write(
                "tokenize.jsonl",
                "{\"text\": \"The cat\"}\n{\"ids\": [40, 41]}\n{\"messages\": [{\"role\": \"user\", \"content\": \"Hi\"}], \"chat_template\": \""
                        + template + "\"}\n");
        Path file = folder.resolve("tokenized.jsonl");
        ok("tokenize", "--model", model, "--data", data.toString(), "--out", file.toString());
        List<JsonNode> lines = lines(file);
        assertThat(lines.get(0).path("ids")).isNotEmpty();
        assertThat(lines.get(1).path("pieces")).hasSize(3);
        assertThat(lines.get(2).path("text").asText()).isEqualTo("user: Hi;");
        assertThat(lines.get(2).path("assistant_masks"))
                .hasSameSizeAs(lines.get(2).path("ids"));
        Path bad = write("untokenizable.jsonl", "{\"text\": \"a\"}\n{\"ids\": [-1]}\n");
        refused(
                "line 2: ids must be in",
                "tokenize",
                "--model",
                model,
                "--data",
                bad.toString(),
                "--out",
                folder + "/no");
        ok("tokenize", "--model", model, "--data", bad.toString(), "--out", file.toString(), "--keep-going");
        assertThat(lines(file).get(1).path("error").asText()).contains("ids must be in");
    }

    @Test
    void verifyChecksTheMachineAndAModel() {
        ok("verify", "--model", model, "--threads", "2");
        assertThat(out.lines().filter(line -> line.startsWith("ok  "))).hasSizeGreaterThanOrEqualTo(14);
        assertThat(out).endsWith("checks hold\n");
        refused("does not exist", "verify", "--model", folder + "/none");
    }

    @Test
    void verifySeesAModelWhoseWeightsAreNotFinite() throws IOException {
        Path broken = Path.of(chatModel());
        Path weights = broken.resolve("model.safetensors");
        byte[] bytes = Files.readAllBytes(weights);
        for (int i = 1; i <= 4; i++) {
            bytes[bytes.length - i] = (byte) 0xFF;
        }
        Files.write(weights, bytes);
        Kernels kernels = new ReferenceKernels(DataType.FLOAT);
        List<String> checked = new ArrayList<>();
        Verification verification = new Verification(checked::add);
        new FolderChecks(GivenModel.of(broken, Optional.empty()), kernels, threads -> kernels, folder.resolve("verify"))
                .run(verification);
        assertThat(checked)
                .filteredOn(line -> line.startsWith("FAIL"))
                .anyMatch(line -> line.contains("model.norm.weight"));
    }

    @Test
    void benchPrintsRates() {
        ok("bench", "--model", model);
        assertThat(out).contains("GFLOP/s", "generation, batch 16");
        refused("does not exist", "bench", "--model", folder + "/none");
        assertThat(out).isEmpty();
    }

    @Test
    void benchOfSamplesThatShareTheirPrompts() {
        ok("bench", "generate", "--model", model, "--batch", "4", "--samples", "2", "--new", "3", "--seconds", "0.05");
        assertThat(out).contains("generation, batch 4, prompts of 64 tokens with 2 samples each, 3 new");
        refused(
                "--samples must be at least 1 and divide --batch = 16, but is 3",
                "bench",
                "generate",
                "--model",
                model,
                "--samples",
                "3");
    }

    @Test
    void benchKernelsRunsEachKernelAtTheModelsShapes() throws IOException {
        ok("bench", "kernels", "--model", model, "--seconds", "0.05", "--json");
        JsonNode calls = new ObjectMapper().readTree(out).get("calls");
        ModelConfig config =
                ModelConfig.from(ModelDirectory.open(Path.of(model)).config());
        assertThat(calls.get("down").get("call").asText())
                .isEqualTo("product a b^T 1024x" + config.intermediateSize() + "x" + config.hiddenSize());
        assertThat(calls.get("attention's gradient").get("call").asText()).isEqualTo("attentionBackward");
        assertThat(calls).allMatch(call -> call.get("seconds").asDouble() > 0);
    }

    private static String[] generate(String... more) {
        return joined(List.of("generate", "--model", model, "--prompt", "The", "--max-new-tokens", "2"), more);
    }

    private static String[] score(String model, Path data, Path out, String... more) {
        return joined(List.of("score", "--model", model, "--data", data.toString(), "--out", out.toString()), more);
    }

    private static String[] joined(List<String> command, String... more) {
        List<String> all = new ArrayList<>(command);
        all.addAll(List.of(more));
        return all.toArray(String[]::new);
    }

    private static Path write(String name, String text) throws IOException {
        return Files.writeString(folder.resolve(name), text);
    }

    private static List<JsonNode> lines(Path file) throws IOException {
        List<JsonNode> lines = new ArrayList<>();
        for (String line : Files.readAllLines(file)) {
            lines.add(new ObjectMapper().readTree(line));
        }
        return lines;
    }

    private void ok(String... arguments) {
        assertThat(execute(arguments)).as(err).isZero();
    }

    private void refused(String message, String... arguments) {
        assertThat(execute(arguments)).as(err).isEqualTo(2);
        assertThat(err.lines().filter(line -> line.startsWith("rlhf4j: ")))
                .singleElement()
                .asString()
                .contains(message);
        assertThat(err).doesNotContain("\tat ");
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
