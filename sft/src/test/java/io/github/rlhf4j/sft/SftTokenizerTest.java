package io.github.rlhf4j.sft;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.rlhf4j.core.UserError;
import io.github.rlhf4j.core.tokenizer.HuggingFaceTokenizer;
import io.github.rlhf4j.testing.StageOutput;
import io.github.rlhf4j.testing.TinyData;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** chat_template_path, eos_token and apply_chat_template: a model's tokenizer is changed, rows go through its template. */
class SftTokenizerTest {
    private static final String TEMPLATE = "{% for m in messages %}{{ m['role'] }}: {{ m['content'] }}"
            + "{% if m['role'] == 'assistant' %}{{ eos_token }}{% else %}{{ '\\n' }}{% endif %}{% endfor %}"
            + "{% if add_generation_prompt %}assistant: {% endif %}";

    private TinySft tiny;

    @BeforeEach
    void aModel(@TempDir Path folder) {
        tiny = new TinySft(folder);
    }

    @Test
    void aTemplateFileBecomesTheModels() {
        StageOutput output = chats("sft", template(TEMPLATE));

        assertThat(output.modelText("chat_template.jinja")).isEqualTo(TEMPLATE);
        assertThat(tiny.harness.said())
                .anyMatch(line -> line.endsWith("ser: Is the sky red?\\nassistant: Yes, it is.</s><<"));
        assertThat(tiny.harness.model("start").directory().resolve("chat_template.jinja"))
                .doesNotExist();
    }

    @Test
    void aNamedEndTokenEndsTurnsAndTheWrittenModelStopsThere() {
        StageOutput output = tiny.sft("sft", keys -> keys.eosToken("~"));

        assertThat(tiny.harness.said()).anyMatch(line -> line.endsWith(">>Yes, it is.~<<"));
        assertThat(output.modelJson("tokenizer_config.json").path("eos_token").asText())
                .isEqualTo("~");
        try (HuggingFaceTokenizer tokenizer = HuggingFaceTokenizer.open(output.model())) {
            int id = tokenizer.id("~").orElseThrow();
            assertThat(tokenizer.eosId()).hasValue(id);
            assertThat(output.modelJson("config.json").path("eos_token_id").asInt())
                    .isEqualTo(id);
            assertThat(output.modelJson("generation_config.json")
                            .path("eos_token_id")
                            .path(0)
                            .asInt())
                    .isEqualTo(id);
        }
    }

    @Test
    void ofAFolderTemplateAndEndTokenAreTaken() throws IOException {
        Path source = Files.createDirectories(tiny.harness.folder().resolve("source"));
        Files.copy(tiny.harness.model("start").directory().resolve("tokenizer.json"), source.resolve("tokenizer.json"));
        Files.writeString(source.resolve("tokenizer_config.json"), "{\"eos_token\": \"<s>\"}");
        Files.writeString(source.resolve("chat_template.jinja"), TEMPLATE);

        StageOutput output = chats("sft", source);

        assertThat(output.modelText("chat_template.jinja")).isEqualTo(TEMPLATE);
        assertThat(output.modelJson("tokenizer_config.json").path("eos_token").asText())
                .isEqualTo("<s>");
        assertThat(output.modelJson("generation_config.json")
                        .path("eos_token_id")
                        .size())
                .isEqualTo(1);
    }

    @Test
    void plainRowsOfAModelWithATemplateGoThroughItUnlessThatIsTurnedOff() {
        chats("chat", template(TEMPLATE));
        tiny.harness.said().clear();

        tiny.sft("through", "chat", keys -> keys);

        assertThat(tiny.harness.said())
                .anyMatch(line -> line.contains("plain prompts go through the model's chat template"))
                .anyMatch(line -> line.endsWith("user: Is the sky red? \\nassistant: >>Yes, it is.</s><<"));

        tiny.sft("not", "chat", keys -> keys.data(data -> data.applyChatTemplate(false)));

        assertThat(tiny.harness.said()).anyMatch(line -> line.endsWith("<s>Is the sky red? >>Yes, it is.</s><<"));
    }

    @Test
    void aTemplateThatIsAskedForMustBeThere() {
        assertThatThrownBy(() -> tiny.sft("sft", keys -> keys.data(data -> data.applyChatTemplate(true))))
                .isInstanceOf(UserError.class)
                .hasMessageContaining("apply_chat_template");
    }

    @Test
    void aTurnMayEndWithAnyOfTheModelsEndTokens() throws IOException {
        Files.writeString(
                tiny.harness.model("start").directory().resolve("generation_config.json"),
                "{\"eos_token_id\": [1, 0]}");

        StageOutput output = chats("sft", template(TEMPLATE.replace("eos_token", "bos_token"))); // <s>, id 0

        assertThat(output.metric("trained_to_stop")).containsOnly(1.0);
        assertThat(tiny.harness.said()).noneMatch(line -> line.startsWith("warning: [sft]"));
    }

    @Test
    void keysThatDoNothingForTheRowsAreErrors() {
        assertThatThrownBy(() -> tiny.sft("sft", keys -> texts(keys).completionOnlyLoss(true)))
                .isInstanceOf(UserError.class)
                .hasMessageContaining("completion_only_loss is for rows of prompt and completion");
        assertThatThrownBy(() -> tiny.sft("sft", keys -> keys.assistantOnlyLoss(true)))
                .isInstanceOf(UserError.class)
                .hasMessageContaining("assistant_only_loss is for rows of messages");
        assertThatThrownBy(() -> tiny.sft("sft", keys -> texts(keys).data(data -> data.applyChatTemplate(true))))
                .isInstanceOf(UserError.class)
                .hasMessageContaining("apply_chat_template is for rows with a prompt");
    }

    private SftConfigBuilder texts(SftConfigBuilder keys) {
        return keys.data(data -> data.dataset(tiny.harness.data(TinyData.TEXTS)));
    }

    @Test
    void mistakesAreNamedBeforeTheStageRuns() {
        assertThatThrownBy(() -> chats("sft", Path.of("nowhere.jinja")))
                .isInstanceOf(UserError.class)
                .hasMessageContaining("chat_template_path must be")
                .hasMessageContaining("nowhere.jinja");
        assertThatThrownBy(() -> chats("sft", template("{% if %}")))
                .isInstanceOf(UserError.class)
                .hasMessageContaining("chat template cannot be used");
        assertThatThrownBy(() -> tiny.sft("sft", keys -> keys.eosToken("<|nothing|>")))
                .isInstanceOf(UserError.class)
                .hasMessageContaining("eos_token must be a token of the model's tokenizer, but is <|nothing|>");
    }

    private Path template(String text) {
        return tiny.harness.write("chat.jinja", text);
    }

    private StageOutput chats(String name, Path template) {
        return tiny.sft(
                name,
                keys -> keys.chatTemplatePath(template.toString())
                        .data(data -> data.dataset(tiny.harness.data(TinyData.CHATS))));
    }
}
