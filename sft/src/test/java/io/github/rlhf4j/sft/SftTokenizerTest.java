package io.github.rlhf4j.sft;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.rlhf4j.core.UserError;
import io.github.rlhf4j.core.tokenizer.HuggingFaceTokenizer;
import io.github.rlhf4j.sft.TinySft.Keys;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** chat_template_path and eos_token, which change a model's tokenizer. */
class SftTokenizerTest {
    private static final String TEMPLATE = "{% for m in messages %}{{ m['role'] }}: {{ m['content'] }}"
            + "{% if m['role'] == 'assistant' %}{{ eos_token }}{% else %}{{ '\\n' }}{% endif %}{% endfor %}"
            + "{% if add_generation_prompt %}assistant: {% endif %}";

    private TinySft tiny;

    @BeforeEach
    void aModel(@TempDir Path folder) {
        tiny = new TinySft(folder);
        tiny.pretrain("pretrain", 1);
    }

    @Test
    void aTemplateFileBecomesTheModels() {
        Keys keys = chats(tiny.write("chat.jinja", TEMPLATE).toString());

        tiny.sft("sft", "pretrain", keys);

        assertThat(tiny.text("sft", "chat_template.jinja")).isEqualTo(TEMPLATE);
        assertThat(tiny.lines)
                .anyMatch(line -> line.endsWith("u>>ser: Is the sky blue?\\nassistant: Yes, it is.</s><<"));
        assertThat(tiny.model("pretrain").resolve("chat_template.jinja")).doesNotExist();
    }

    @Test
    void aNamedEndTokenEndsTurnsAndTheWrittenModelStopsThere() {
        Keys keys = new Keys();
        keys.eosToken = Optional.of("~");

        tiny.sft("sft", "pretrain", keys);

        assertThat(tiny.lines).anyMatch(line -> line.endsWith(">>Yes, it is.~<<"));
        assertThat(tiny.json("sft", "tokenizer_config.json").path("eos_token").asText())
                .isEqualTo("~");
        try (HuggingFaceTokenizer tokenizer = HuggingFaceTokenizer.open(tiny.model("sft"))) {
            int id = tokenizer.id("~").orElseThrow();
            assertThat(tokenizer.eosId()).hasValue(id);
            assertThat(tiny.json("sft", "config.json").path("eos_token_id").asInt())
                    .isEqualTo(id);
            assertThat(tiny.json("sft", "generation_config.json")
                            .path("eos_token_id")
                            .path(0)
                            .asInt())
                    .isEqualTo(id);
        }
    }

    @Test
    void ofAFolderTemplateAndEndTokenAreTaken() throws IOException {
        Path source = Files.createDirectories(tiny.folder.resolve("source"));
        Files.copy(tiny.model("pretrain").resolve("tokenizer.json"), source.resolve("tokenizer.json"));
        Files.writeString(source.resolve("tokenizer_config.json"), "{\"eos_token\": \"<s>\"}");
        Files.writeString(source.resolve("chat_template.jinja"), TEMPLATE);

        tiny.sft("sft", "pretrain", chats(source.toString()));

        assertThat(tiny.text("sft", "chat_template.jinja")).isEqualTo(TEMPLATE);
        assertThat(tiny.json("sft", "tokenizer_config.json").path("eos_token").asText())
                .isEqualTo("<s>");
        assertThat(tiny.json("sft", "generation_config.json")
                        .path("eos_token_id")
                        .size())
                .isEqualTo(1);
    }

    @Test
    void plainRowsOfAModelWithATemplateGoThroughItUnlessThatIsTurnedOff() {
        tiny.sft("chat", "pretrain", chats(tiny.write("chat.jinja", TEMPLATE).toString()));
        tiny.lines.clear();
        Keys plain = new Keys();

        tiny.sft("through", "chat", plain);

        assertThat(tiny.lines)
                .anyMatch(line -> line.contains("plain prompts go through the model's chat template"))
                .anyMatch(line -> line.endsWith("user: Is the sky blue? \\nassistant: >>Yes, it is.</s><<"));

        plain.applyChatTemplate = Optional.of(false);
        tiny.sft("not", "chat", plain);

        assertThat(tiny.lines).anyMatch(line -> line.endsWith("<s>Is the sky blue? >>Yes, it is.</s><<"));
    }

    @Test
    void aTurnMayEndWithAnyOfTheModelsEndTokens() throws IOException {
        Files.writeString(tiny.model("pretrain").resolve("generation_config.json"), "{\"eos_token_id\": [1, 0]}");
        Keys keys = chats(tiny.write("chat.jinja", TEMPLATE.replace("eos_token", "bos_token"))
                .toString()); // turns end with <s>, id 0

        List<String> lines = tiny.sft("sft", "pretrain", keys);

        assertThat(TinySft.metric(lines, "trained_to_stop")).containsOnly(1.0);
        assertThat(tiny.lines).noneMatch(line -> line.startsWith("warning: [sft]"));
    }

    @Test
    void keysThatDoNothingForTheRowsAreErrors() {
        Keys texts = new Keys();
        texts.dataset = "texts";
        texts.completionOnlyLoss = Optional.of(true);
        assertThatThrownBy(() -> tiny.sft("sft", "pretrain", texts))
                .isInstanceOf(UserError.class)
                .hasMessageContaining("completion_only_loss is for rows of prompt and completion");
        Keys rows = new Keys();
        rows.assistantOnlyLoss = true;
        assertThatThrownBy(() -> tiny.sft("sft", "pretrain", rows))
                .isInstanceOf(UserError.class)
                .hasMessageContaining("assistant_only_loss is for rows of messages");
        Keys template = new Keys();
        template.dataset = "texts";
        template.applyChatTemplate = Optional.of(true);
        assertThatThrownBy(() -> tiny.sft("sft", "pretrain", template))
                .isInstanceOf(UserError.class)
                .hasMessageContaining("apply_chat_template is for rows with a prompt");
    }

    @Test
    void mistakesAreNamedBeforeTheStageRuns() {
        assertThatThrownBy(() -> tiny.sft("sft", "pretrain", chats("nowhere.jinja")))
                .isInstanceOf(UserError.class)
                .hasMessageContaining("chat_template_path must be")
                .hasMessageContaining("nowhere.jinja");
        assertThatThrownBy(() -> tiny.sft(
                        "sft",
                        "pretrain",
                        chats(tiny.write("bad.jinja", "{% if %}").toString())))
                .isInstanceOf(UserError.class)
                .hasMessageContaining("chat template cannot be used");
        Keys unknown = new Keys();
        unknown.eosToken = Optional.of("<|nothing|>");
        assertThatThrownBy(() -> tiny.sft("sft", "pretrain", unknown))
                .isInstanceOf(UserError.class)
                .hasMessageContaining("eos_token must be a token of the model's tokenizer, but is <|nothing|>");
    }

    private static Keys chats(String template) {
        Keys keys = new Keys();
        keys.dataset = "chats";
        keys.chatTemplatePath = Optional.of(template);
        return keys;
    }
}
