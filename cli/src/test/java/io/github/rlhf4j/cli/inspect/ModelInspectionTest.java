package io.github.rlhf4j.cli.inspect;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** {@code inspect} of committed models as they are, and with one thing wrong. */
class ModelInspectionTest {
    private static final Path MODELS = Path.of("src/test/resources/io/github/rlhf4j/cli/trajectories");
    private static final String CHATML =
            "{% for m in messages %}<|im_start|>{{ m.role }}\n{{ m.content }}<|im_end|>\n{% endfor %}";

    @TempDir
    private Path folder;

    @BeforeEach
    void copyModel() throws IOException {
        try (Stream<Path> files = Files.list(MODELS.resolve("llama"))) {
            for (Path file : files.toList()) {
                Files.copy(file, folder.resolve(file.getFileName()));
            }
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"llama", "llama-reward", "gpt2", "mixtral"})
    void countsTheWeightsThatTheFilesHold(String model) {
        Report report = ModelInspection.of(MODELS.resolve(model));
        assertThat(value(report, "files"))
                .startsWith(value(report, "parameters").split(", \\d+[,\\d]* active")[0] + " ");
        long parts = Stream.of("embedding", "attention", "feed-forward", "norms", "head")
                .flatMap(part -> report.lines().stream().filter(line -> line.startsWith("  " + part + " ")))
                .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")))
                .sum();
        assertThat(Report.count(parts)).isEqualTo(value(report, "parameters").split(", \\d+[,\\d]* active")[0]);
        assertThat(report.warnings()).isEmpty();
    }

    @Test
    void describesArchitectureMemoryAndTokenizer() {
        Report report = ModelInspection.of(folder);
        assertThat(report.lines())
                .contains("architecture   llama, 2 layers, hidden 16, rms norms")
                .contains("attention      4 heads of 4, 2 key-value heads")
                .contains("feed-forward   swiglu, intermediate 32")
                .contains("positions      rotary, rope_theta 10000.0, rope_type default")
                .contains("context        256 tokens")
                .contains("vocabulary     320 rows, head tied to the embedding")
                .contains("special tokens bos none, eos 1 <eos>, pad 0 <pad>, unk none");
        assertThat(value(report, "chat template")).startsWith("chat_template.jinja: {");
        // Keys and values: 2 layers x 2 x 2 heads x 4 channels x 128 positions x 4 bytes = 16,384
        assertThat(report.lines()).anyMatch(line -> line.matches(" +128 +0\\.0 MB +215\\..*"));
    }

    /** Two of four experts: half of 2 layers x 4 experts x 3 matrices of 16 x 32. */
    @Test
    void countsTheExpertsOfOneToken() {
        Report report = ModelInspection.of(MODELS.resolve("mixtral"));
        assertThat(value(report, "feed-forward")).endsWith("4 experts, 2 active per token");
        long total = number(value(report, "files").split(" ")[0]);
        assertThat(value(report, "parameters")).endsWith(", " + Report.count(total - 6144) + " active per token");
    }

    @Test
    void aRewardModelDoesNotGenerate() {
        Report report = ModelInspection.of(MODELS.resolve("llama-reward"));
        assertThat(report.lines()).anyMatch(line -> line.startsWith("training"));
        assertThat(report.lines()).noneMatch(line -> line.startsWith("generation"));
        assertThat(value(report, "  head")).isEqualTo("16");
    }

    @Test
    void needsNoWeights() throws IOException {
        Files.delete(folder.resolve("model.safetensors"));
        Report report = ModelInspection.of(folder);
        assertThat(value(report, "parameters")).isEqualTo("9,808");
        assertThat(report.warnings()).singleElement().asString().contains("model.safetensors");
    }

    @Test
    void warnsWherePadIsTheEndToken() throws IOException {
        replace("tokenizer_config.json", "\"<pad>\"", "\"<eos>\"");
        assertWarning("pad and end token are the same");
    }

    @Test
    void warnsWithoutAnEndToken() throws IOException {
        replace("tokenizer_config.json", "\"eos_token\": \"<eos>\",", "");
        replace("config.json", "\"eos_token_id\": 1", "\"eos_token_id\": null");
        Files.delete(folder.resolve("chat_template.jinja"));
        assertWarning("there is no end token");
    }

    @Test
    void warnsOfAnEndTokenBeyondTheVocabulary() throws IOException {
        replace("config.json", "\"eos_token_id\": 1", "\"eos_token_id\": [1, 999]");
        assertWarning("eos_token_id 999 is beyond the vocabulary");
    }

    @Test
    void warnsOfMoreTokensThanRowsAndNotesFewer() throws IOException {
        replace("config.json", "\"vocab_size\": 320", "\"vocab_size\": 300");
        assertThat(ModelInspection.of(folder).warnings())
                .hasSize(2)
                .anyMatch(text -> text.contains("embed_tokens.weight has the shape [320,"))
                .anyMatch(text -> text.contains("ids up to 319, but the model's vocab_size is 300"));
        replace("config.json", "\"vocab_size\": 300", "\"vocab_size\": 384");
        Report report = ModelInspection.of(folder);
        assertThat(value(report, "tokenizer")).isEqualTo("320 ids; the model's other 64 rows are unused");
        assertThat(report.warnings()).singleElement().asString().contains("config.json makes it [384,");
    }

    @Test
    void warnsOfATemplateWithTokensThatTheTokenizerLacks() throws IOException {
        Files.writeString(folder.resolve("chat_template.jinja"), CHATML.replace("<|im_end|>", "<eos>"));
        assertWarning("the chat template writes <|im_start|>, which the tokenizer does not have as one token");
    }

    @Test
    void warnsOfATurnThatEndsElsewhereThanGeneration() throws IOException {
        Files.writeString(
                folder.resolve("chat_template.jinja"),
                "{% for m in messages %}{{ m.role }}: {{ m.content }}<pad>{% endfor %}");
        assertWarning("the chat template ends a turn with <pad>, but generation stops at <eos>");
        Files.writeString(
                folder.resolve("chat_template.jinja"), "{% for m in messages %}{{ m.content }}\n{% endfor %}");
        assertWarning("the chat template writes nothing after the assistant's turn");
    }

    @Test
    void warnsWhereGenerationConfigHasAnotherEndToken() throws IOException {
        Files.writeString(folder.resolve("generation_config.json"), "{\"eos_token_id\": [1, 0]}");
        assertWarning("generation_config.json has eos_token_id [1, 0], but config.json [1]; the first are used");
        Files.writeString(folder.resolve("generation_config.json"), "{\"eos_token_id\": 1}");
        assertThat(ModelInspection.of(folder).warnings()).isEmpty();
    }

    @Test
    void aTokenizerThatCannotBeReadIsAWarning() throws IOException {
        replace("tokenizer_config.json", "\"<eos>\"", "\"<end>\"");
        assertWarning("eos_token is \"<end>\", which tokenizer.json does not have");
    }

    private void assertWarning(String text) {
        List<String> warnings = ModelInspection.of(folder).warnings();
        assertThat(warnings).singleElement().asString().contains(text);
    }

    private void replace(String file, String old, String with) throws IOException {
        String text = Files.readString(folder.resolve(file));
        assertThat(text).contains(old);
        Files.writeString(folder.resolve(file), text.replace(old, with));
    }

    private static String value(Report report, String name) {
        return report.lines().stream()
                .filter(line -> line.startsWith(name + " "))
                .findFirst()
                .map(line -> line.substring(15))
                .orElseThrow();
    }

    private static long number(String text) {
        return Long.parseLong(text.replace(",", ""));
    }
}
