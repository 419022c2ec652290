package io.github.rlhf4j.datasets.tokens;

import static io.github.rlhf4j.datasets.DatasetsFixture.datasets;
import static io.github.rlhf4j.datasets.DatasetsFixture.file;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.rlhf4j.core.UserError;
import io.github.rlhf4j.datasets.Content;
import io.github.rlhf4j.datasets.Conversation;
import io.github.rlhf4j.datasets.DataRecord;
import io.github.rlhf4j.datasets.PreferencePair;
import io.github.rlhf4j.datasets.Prompt;
import io.github.rlhf4j.datasets.PromptCompletion;
import io.github.rlhf4j.datasets.RecordJson;
import io.github.rlhf4j.datasets.RecordSet;
import io.github.rlhf4j.datasets.RowTags;
import io.github.rlhf4j.datasets.chat.ChatMessage;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ChatTemplateChoiceTest {
    private static final List<ChatMessage> TURNS =
            List.of(new ChatMessage("user", "why"), new ChatMessage("assistant", "so"));

    @TempDir
    Path folder;

    @Test
    void rowsOfASftStageGoThroughTheTemplateAsMessagesWould() {
        RecordSet<?> plain = records(PromptCompletion.class, new PromptCompletion("why", "so"));
        ChatTemplateChoice choice = cache(true).chatTemplate(plain, options(ChatTemplateUse.AUTOMATIC));

        TokenizedSequence sequence =
                cache(true).sequences(plain, choice.options()).get(0);
        TokenizedSequence messages = cache(true)
                .sequences(records(Conversation.class, new Conversation(TURNS)), TokenizingOptions.of(100))
                .get(0);

        assertThat(choice.note()).hasValueSatisfying(note -> assertThat(note).contains("apply_chat_template: false"));
        assertThat(choice.warning()).isEmpty();
        assertThat(sequence.ids()).isEqualTo(messages.ids());
        assertThat(sequence.isTarget()[1]).isFalse(); // the completion alone is learnt
    }

    @Test
    void dialoguesInTextGoThroughItOnlyWhereThatIsAsked() {
        RecordSet<?> hh = records(PromptCompletion.class, new PromptCompletion("\n\nHuman: why\n\nAssistant:", " so"));

        assertThat(cache(true)
                        .chatTemplate(hh, options(ChatTemplateUse.AUTOMATIC))
                        .options()
                        .chatTemplate())
                .isEqualTo(ChatTemplateUse.OFF);
        assertThat(cache(true)
                        .chatTemplate(hh, options(ChatTemplateUse.ON))
                        .options()
                        .chatTemplate())
                .isEqualTo(ChatTemplateUse.ON);
    }

    @Test
    void otherStagesLeaveItOutAndWarn() {
        RecordSet<?> pairs = records(PreferencePair.class, new PreferencePair("why", "so", "no"));
        ChatTemplateChoice choice = cache(true).chatTemplate(pairs, options(ChatTemplateUse.OFF_UNASKED));

        assertThat(choice.options().chatTemplate()).isEqualTo(ChatTemplateUse.OFF);
        assertThat(choice.warning()).hasValueSatisfying(line -> assertThat(line).contains("apply_chat_template"));
        assertThat(cache(true).chatTemplate(pairs, options(ChatTemplateUse.OFF)).warning())
                .isEmpty();
        assertThat(cache(false)
                        .chatTemplate(pairs, options(ChatTemplateUse.OFF_UNASKED))
                        .warning())
                .isEmpty();
    }

    @Test
    void pairsAndPromptsGoThroughItWhereThatIsAsked() {
        TokenizedPair pair = cache(true)
                .pairs(
                        records(PreferencePair.class, new PreferencePair("why", "so", "no")),
                        options(ChatTemplateUse.ON))
                .get(0);
        TokenizedPrompt prompt = cache(true)
                .prompts(records(Prompt.class, new Prompt("why")), options(ChatTemplateUse.ON))
                .get(0);
        TokenizedPrompt messages = cache(true)
                .prompts(
                        records(Prompt.class, new Prompt(Content.of(TURNS.subList(0, 1)), RowTags.NONE)),
                        TokenizingOptions.of(100))
                .get(0);

        assertThat(prompt.ids()).isEqualTo(messages.ids());
        assertThat(pair.promptIds()).isEqualTo(messages.ids());
    }

    @Test
    void withoutATemplateItCannotBeAskedFor() {
        RecordSet<?> pairs = records(PreferencePair.class, new PreferencePair("why", "so", "no"));

        assertThatThrownBy(() -> cache(false).chatTemplate(pairs, options(ChatTemplateUse.ON)))
                .isInstanceOf(UserError.class)
                .hasMessageContaining("apply_chat_template: true needs a model with a chat template");
    }

    private static TokenizingOptions options(ChatTemplateUse use) {
        return TokenizingOptions.of(100).with(use);
    }

    private TokenCache cache(boolean hasTemplate) {
        return new TokenCache(
                folder.resolve("cache"),
                new FakeTokenizer(true),
                "fake",
                hasTemplate ? FakeTokenizer.chat() : ChatEncoder.NONE);
    }

    private <T extends DataRecord> RecordSet<T> records(Class<T> type, T row) {
        String lines = List.of(row).stream().map(RecordJson::toLine).collect(Collectors.joining("\n"));
        return datasets().open(file(folder, "rows.jsonl", lines), type, 1);
    }
}
