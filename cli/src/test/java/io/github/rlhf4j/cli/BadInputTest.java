package io.github.rlhf4j.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Data and models that are wrong, given to the real stages: one clear line, exit code 2, and nothing left behind. */
class BadInputTest {
    private static final String DEMONSTRATION = "{\"prompt\": \"Where is it?\", \"completion\": \" Here.\"}\n";

    @TempDir
    static Path folder;

    private static Path model = Path.of("");

    @BeforeAll
    static void writeModelAndRunFile() throws IOException {
        model = PretrainedModel.write(folder);
        Files.writeString(
                folder.resolve("run.yaml"),
                "name: r\nstages: {sft: {type: sft, model: $model, dataset: $dataset, max_steps: 1, batch_size: 1}}");
        write("good.jsonl", DEMONSTRATION.repeat(3));
    }

    @Test
    void malformedJsonIsNamedWithItsLine() throws IOException {
        write("malformed.jsonl", DEMONSTRATION + DEMONSTRATION + "{\"prompt\": \n");
        assertRefused("malformed.jsonl line 3: not valid JSON", "malformed.jsonl");
    }

    @Test
    void anEmptyDatasetIsRefused() throws IOException {
        write("empty.jsonl", "");
        assertRefused("empty.jsonl is empty", "empty.jsonl");
    }

    @Test
    void promptsAreNoDemonstrations() throws IOException {
        write("prompts.jsonl", "{\"prompt\": \"Where?\"}\n");
        assertRefused("has rows of format prompt (prompt), but this stage needs prompt_completion", "prompts.jsonl");
    }

    @Test
    void unknownColumnsAreListed() throws IOException {
        write("columns.jsonl", "{\"left\": \"Where?\", \"right\": \"Here\"}\n");
        assertRefused("its columns [left, right] are of no known format", "columns.jsonl");
    }

    @Test
    void aFileThatIsNoTextIsRefused() throws IOException {
        Files.write(folder.resolve("binary.jsonl"), new byte[] {(byte) 0xff, 0, 1, (byte) 0xfe, '\n'});
        assertRefused("binary.jsonl line 1: not valid UTF-8", "binary.jsonl");
    }

    @Test
    void aCompressedFileThatWasCutOffIsRefused() throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (GZIPOutputStream compressed = new GZIPOutputStream(bytes)) {
            compressed.write(DEMONSTRATION.repeat(20).getBytes(StandardCharsets.UTF_8));
        }
        Files.write(folder.resolve("cut.jsonl.gz"), Arrays.copyOf(bytes.toByteArray(), bytes.size() - 12));
        assertRefused("the file is cut off", "cut.jsonl.gz");
    }

    @Test
    void aModelWithFewerRowsThanItsTokenizerHasIdsIsRefused() throws IOException {
        Path small = copyOfTheModel("small", "{\"vocab_size\": 280}");
        assertRefused("but the model's vocab_size is 280; they do not belong together", "good.jsonl", "model=" + small);
    }

    @Test
    void aModelWhoseWeightsAreCutOffIsRefused() throws IOException {
        Path cut = Files.createDirectories(folder.resolve("cut"));
        for (String name : List.of("config.json", "tokenizer.json", "tokenizer_config.json")) {
            Files.copy(model.resolve(name), cut.resolve(name));
        }
        byte[] weights = Files.readAllBytes(model.resolve("model.safetensors"));
        Files.write(cut.resolve("model.safetensors"), Arrays.copyOf(weights, weights.length / 2));
        assertRefused("it is cut off", "good.jsonl", "model=" + cut);
    }

    @Test
    void aDatasetThatIsMissingIsRefused() {
        assertRefused("dataset file " + folder.resolve("none.jsonl") + " does not exist", "none.jsonl");
    }

    @Test
    void aSplitWithoutRowsIsRefused() {
        assertRefused("has no usable row in its part test", "good.jsonl", "sft.dataset.split=test");
    }

    @Test
    void allMistakesOfADatasetAreReportedAtOnce() {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        PrintStream messages = new PrintStream(bytes, true, StandardCharsets.UTF_8);
        String[] run = {
            "run",
            folder.resolve("run.yaml").toString(),
            "model=" + model,
            "sft.dataset={path: good.jsonl, limit: 0, splt: train, columns: []}"
        };

        assertThat(Main.run(run, messages, messages)).isEqualTo(2);
        assertThat(bytes.toString(StandardCharsets.UTF_8))
                .contains(
                        "3 mistakes in the configuration:",
                        "\n  sft.dataset.limit must be >= 1, but is 0 (command line)",
                        "\n  sft.dataset.splt is not known; the keys are [path, ",
                        "\n  sft.dataset.columns must be a map such as {prompt: question}, but is [] (command line)");
    }

    @Test
    void theDataOfEveryStageAreReadBeforeAnythingIsReplaced() throws IOException {
        Files.writeString(
                folder.resolve("two.yaml"),
                "name: two\nstages:\n"
                        + "  sft: {type: sft, model: $model, dataset: $dataset, max_steps: 1, batch_size: 1}\n"
                        + "  dpo: {type: dpo, model: sft, dataset: $dataset, max_steps: 1, batch_size: 1}\n");
        Path kept = Files.createDirectories(folder.resolve("two/sft")).resolve("kept.txt");
        Files.writeString(kept, "of the run before");
        write("late.jsonl", DEMONSTRATION.repeat(2_000) + "{\"prompt\": \n");
        List<String> run = List.of(
                "run", folder.resolve("two.yaml").toString(), "output_dir=" + folder, "model=" + model, "--overwrite");
        assertRefused("late.jsonl line 2001: not valid JSON", with(run, "dataset=" + folder.resolve("late.jsonl")));
        assertRefused(
                "stage dpo: dataset " + folder.resolve("good.jsonl") + " has rows of format prompt_completion",
                with(run, "dataset=" + folder.resolve("good.jsonl")));
        assertRefused("this stage needs preference", with(run, "dataset=" + folder.resolve("good.jsonl"), "--dry-run"));
        assertThat(kept).exists();
    }

    @Test
    void modelsOfTheWrongKindAreRefused() throws IOException {
        String reward = "{\"model_type\": \"llama\", \"architectures\": [\"LlamaForSequenceClassification\"], "
                + "\"num_labels\": 1}";
        Path scorer = copyOfTheModel("scorer", reward);
        assertRefused("sft.model must be a language model, but " + scorer, "good.jsonl", "model=" + scorer);
        Files.writeString(
                folder.resolve("e.yaml"),
                "name: e\nstages: {e: {type: evaluate, models: $model, dataset: synthetic:eval_prompts}}");
        List<String> run = List.of("run", folder.resolve("e.yaml").toString(), "output_dir=" + folder, "--dry-run");
        assertRefused(
                "e.reward_model must be a reward model, but " + model,
                with(run, "model=[" + model + "]", "e.reward_model=" + model));
        assertRefused(
                "e.models must be a language model, but " + scorer, with(run, "model=[" + model + ", " + scorer + "]"));
    }

    @Test
    void whatCannotFitIntoMemoryIsSaidBeforeTheRunStarts() throws IOException {
        Files.writeString(
                folder.resolve("huge.yaml"),
                "name: h\nstages: {new: {type: pretrain, dataset: {path: 'synthetic:pretrain', limit: 9}, max_steps: 1,"
                        + " tokenizer: {vocab_size: 300}, architecture: {hidden_size: 65536, intermediate_size: 262144,"
                        + " num_hidden_layers: 80, num_attention_heads: 64, max_position_embeddings: 64}}}");
        List<String> run = List.of("run", folder.resolve("huge.yaml").toString(), "output_dir=" + folder, "--dry-run");
        assertRefused("new: the model is too large: one of its matrices has ", run);
        assertThat(dryRun("sft.micro_batch_tokens=50000000", "sft.batch_size=1000000", "sft.max_length=64"))
                .containsPattern(
                        "sft\\.micro_batch_tokens: 50000000 rows at once make a tensor of more than 2 GiB, which .*; use at most [0-9]+");
        assertThat(dryRun("sft.micro_batch_tokens=50000000")).doesNotContain("2 GiB");
    }

    @Test
    void anAdapterOnWhatTheModelLacksIsSaidBeforeTheRunStarts() throws IOException {
        Files.writeString(
                folder.resolve("adapters.yaml"),
                "name: a\nstages:\n  sft: {type: sft, model: $model, dataset: $dataset, max_steps: 1}\n"
                        + "  lora: {type: sft, model: sft, dataset: $dataset, max_steps: 1, adapter: {target_modules: [q_proj, query]}}\n");
        assertRefused(
                "lora.adapter.target_modules: \"query\" is no linear layer of this model that an adapter can be on; "
                        + "there are q_proj, k_proj, v_proj, o_proj, gate_proj, up_proj, down_proj",
                List.of(
                        "run",
                        folder.resolve("adapters.yaml").toString(),
                        "output_dir=" + folder,
                        "model=" + model,
                        "dataset=" + folder.resolve("good.jsonl"),
                        "--dry-run"));
    }

    private static String dryRun(String... values) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        PrintStream messages = new PrintStream(bytes, true, StandardCharsets.UTF_8);
        List<String> all =
                new ArrayList<>(List.of("run", folder.resolve("run.yaml").toString(), "--dry-run"));
        all.addAll(List.of("output_dir=" + folder, "model=" + model, "dataset=" + folder.resolve("good.jsonl")));
        all.addAll(List.of(values));
        assertThat(Main.run(all.toArray(String[]::new), messages, messages)).isZero();
        return bytes.toString(StandardCharsets.UTF_8);
    }

    @Test
    void aModelWithWeightsThatAreNotFiniteIsNamed() throws IOException {
        Path diverged = copyOfTheModel("diverged", "{}");
        byte[] weights = Files.readAllBytes(diverged.resolve("model.safetensors"));
        java.util.Arrays.fill(weights, weights.length - 8, weights.length, (byte) 0xff); // NaN
        Files.write(diverged.resolve("model.safetensors"), weights);
        assertRefusedInTheRun(
                "the model in " + diverged + " cannot be used: ",
                "good.jsonl",
                "model=" + diverged,
                "name=diverged-run");
    }

    private static void assertRefusedInTheRun(String message, String data, String... values) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        PrintStream messages = new PrintStream(bytes, true, StandardCharsets.UTF_8);
        List<String> all =
                new ArrayList<>(List.of("run", folder.resolve("run.yaml").toString()));
        all.addAll(List.of("output_dir=" + folder, "dataset=" + folder.resolve(data)));
        all.addAll(List.of(values));
        assertThat(Main.run(all.toArray(String[]::new), messages, messages)).isEqualTo(2);
        assertThat(bytes.toString(StandardCharsets.UTF_8)).contains(message);
    }

    @Test
    void aModelOfAnUnknownTypeIsRefused() throws IOException {
        Path other = copyOfTheModel("other", "{\"model_type\": \"rwkv\"}");
        assertRefused("model_type is \"rwkv\", which is not supported", "good.jsonl", "model=" + other);
    }

    @Test
    void whatDoesNotFitTheModelIsFoundBeforeAnythingIsReplaced() throws IOException {
        write("pairs.jsonl", "{\"prompt\": \"Where?\", \"chosen\": \" Here.\", \"rejected\": \" No.\"}\n");
        write(
                "chat.jsonl",
                "{\"prompt\": [{\"role\": \"user\", \"content\": \"Where?\"}],"
                        + " \"chosen\": [{\"role\": \"assistant\", \"content\": \"Here.\"}],"
                        + " \"rejected\": [{\"role\": \"assistant\", \"content\": \"No.\"}]}\n");
        Files.writeString(
                folder.resolve("chain.yaml"),
                "name: chain\nstages:\n"
                        + "  new: {type: pretrain, dataset: {path: 'synthetic:pretrain', limit: 9}, max_steps: 1, batch_size: 1}\n"
                        + "  sft: {type: sft, model: new, dataset: "
                        + folder.resolve("good.jsonl") + ", max_steps: 1, batch_size: 1}\n"
                        + "  dpo: {type: dpo, model: sft, dataset: $dataset, max_steps: 1, batch_size: 1}\n");
        Path kept = Files.createDirectories(folder.resolve("chain/sft")).resolve("kept.txt");
        Files.writeString(kept, "of the run before");
        List<String> chain =
                List.of("run", folder.resolve("chain.yaml").toString(), "output_dir=" + folder, "--overwrite");
        List<List<String>> starts = List.of(
                List.of("new.model=" + model),
                PretrainedModel.PRETRAINING.subList(0, 2).stream()
                        .map("new."::concat)
                        .toList());
        for (List<String> start : starts) {
            List<String> run = with(chain, start.toArray(String[]::new));
            assertRefused(
                    "dpo.max_length must be at most the model's context of 192 tokens, but is 193",
                    with(run, "dataset=" + folder.resolve("pairs.jsonl"), "dpo.max_length=193"));
            assertRefused(
                    "chat.jsonl: the data are chat messages, but the model has no chat template",
                    with(run, "dataset=" + folder.resolve("chat.jsonl"), "--dry-run"));
            assertRefused(
                    "pairs.jsonl leaves 1 rows to train on and 0 to evaluate on",
                    with(run, "dataset=" + folder.resolve("pairs.jsonl"), "dpo.eval_fraction=0.001"));
        }
        Path small = copyOfTheModel("smaller", "{\"vocab_size\": 290}");
        assertRefused(
                "dpo.ref_model: " + small + ": the tokenizer has ids up to 299, but the model's vocab_size is 290",
                with(
                        chain,
                        "new.model=" + model,
                        "dataset=" + folder.resolve("pairs.jsonl"),
                        "dpo.ref_model=" + small));
        assertThat(kept).exists();
    }

    @Test
    void aPromptWithItsResponseMustFitTheContext() throws IOException {
        Path judge =
                copyOfTheModel("judge", "{\"architectures\": [\"LlamaForSequenceClassification\"], \"num_labels\": 1}");
        write("ask.jsonl", "{\"prompt\": \"Where?\"}\n");
        Files.writeString(
                folder.resolve("ppo.yaml"),
                "name: p\nstages: {ppo: {type: ppo, model: $model, dataset: $dataset, reward_model: " + judge + ","
                        + " max_steps: 1, batch_size: 1, num_mini_batches: 1, response_length: 190, max_prompt_length: 8}}");
        assertRefused(
                "response_length 190 and max_prompt_length 8 must fit the model's context of 192 tokens",
                List.of(
                        "run",
                        folder.resolve("ppo.yaml").toString(),
                        "output_dir=" + folder,
                        "model=" + model,
                        "dataset=" + folder.resolve("ask.jsonl"),
                        "--dry-run"));
    }

    /** The model's folder with some keys of its config.json changed. */
    private static Path copyOfTheModel(String name, String changes) throws IOException {
        Path copy = Files.createDirectories(folder.resolve(name));
        for (String file : List.of("model.safetensors", "tokenizer.json", "tokenizer_config.json")) {
            Files.copy(model.resolve(file), copy.resolve(file));
        }
        ObjectMapper mapper = new ObjectMapper();
        ObjectNode config =
                (ObjectNode) mapper.readTree(model.resolve("config.json").toFile());
        config.setAll((ObjectNode) mapper.readTree(changes));
        mapper.writeValue(copy.resolve("config.json").toFile(), config);
        return copy;
    }

    private static List<String> with(List<String> arguments, String... more) {
        List<String> all = new ArrayList<>(arguments);
        all.addAll(List.of(more));
        return all;
    }

    @Test
    void sequencesLongerThanTheContextCannotBeAskedFor() {
        assertRefused(
                "sft.max_length must be at most the model's context of 192 tokens, but is 4000",
                "good.jsonl",
                "sft.max_length=4000");
    }

    @Test
    void scoringACompressedFileThatWasCutOffWritesNothing() throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (GZIPOutputStream compressed = new GZIPOutputStream(bytes)) {
            compressed.write("{\"ids\": [1, 2]}\n".repeat(20).getBytes(StandardCharsets.UTF_8));
        }
        Path data = folder.resolve("ids.jsonl.gz");
        Path out = folder.resolve("scored.jsonl");
        List<String> score =
                List.of("score", "--model", model.toString(), "--data", data.toString(), "--out", out.toString());
        Files.write(data, Arrays.copyOf(bytes.toByteArray(), bytes.size() - 12));
        assertRefused("the compressed data ends here; the file is cut off", score);
        assertThat(out).doesNotExist();
    }

    @Test
    void whatTheStageItselfChecksIsReportedBesideAValueOutOfRange() throws IOException {
        write("pairs.jsonl", "{\"prompt\": \"a\", \"chosen\": \" b\", \"rejected\": \" c\"}\n");
        Path file = Files.writeString(
                folder.resolve("both.yaml"),
                "stages:\n  dpo: {type: dpo, model: " + model + ", dataset: " + folder.resolve("pairs.jsonl")
                        + ", beta: -1, loss_type: sigmiod}\n");
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        PrintStream messages = new PrintStream(bytes, true, StandardCharsets.UTF_8);

        int code = Main.run(new String[] {"run", file.toString(), "output_dir=" + folder}, messages, messages);

        assertThat(code).isEqualTo(2);
        assertThat(bytes.toString(StandardCharsets.UTF_8))
                .contains("2 mistakes")
                .contains("dpo.beta must be finite and > 0, but is -1.0")
                .contains("but is sigmiod");
    }

    private static void write(String name, String text) throws IOException {
        Files.writeString(folder.resolve(name), text);
    }

    private static void assertRefused(String message, String dataset, String... more) {
        List<String> arguments =
                new ArrayList<>(List.of("run", folder.resolve("run.yaml").toString(), "output_dir=" + folder));
        arguments.add("model=" + model);
        arguments.add("dataset=" + folder.resolve(dataset));
        arguments.addAll(List.of(more));
        assertRefused(message, arguments);
        assertThat(folder.resolve("r")).doesNotExist();
    }

    private static void assertRefused(String message, List<String> arguments) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        PrintStream messages = new PrintStream(bytes, true, StandardCharsets.UTF_8);
        int code = Main.run(arguments.toArray(String[]::new), messages, messages);
        String text = bytes.toString(StandardCharsets.UTF_8);
        assertThat(code).as(text).isEqualTo(2);
        assertThat(text.lines().filter(line -> line.startsWith("rlhf4j: ")))
                .singleElement()
                .asString()
                .contains(message);
        assertThat(text).doesNotContain("\tat ");
    }
}
