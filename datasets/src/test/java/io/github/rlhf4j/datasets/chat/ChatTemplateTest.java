package io.github.rlhf4j.datasets.chat;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.rlhf4j.core.UserError;
import io.github.rlhf4j.core.tokenizer.BpeTrainer;
import io.github.rlhf4j.core.tokenizer.HuggingFaceTokenizer;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ChatTemplateTest {
    private static final String CHATML = "{% for message in messages %}{{ '<|im_start|>' + message['role'] + '\n' +"
            + " message['content'] + '<|im_end|>' + '\n' }}{% endfor %}"
            + "{% if add_generation_prompt %}{{ '<|im_start|>assistant\n' }}{% endif %}";
    private static final String MARKED = "{% for m in messages %}<|im_start|>{{ m.role + '\n' }}"
            + "{% if m.role == 'assistant' %}{% generation %}{{ m.content }}<|im_end|>{% endgeneration %}"
            + "{% else %}{{ m.content }}<|im_end|>{% endif %}{{ '\n' }}{% endfor %}";
    private static final List<ChatMessage> CONVERSATION = List.of(
            new ChatMessage("system", "be kind"),
            new ChatMessage("user", "hi 🙂"),
            new ChatMessage("assistant", "hello é\n\n"),
            new ChatMessage("user", "bye"),
            new ChatMessage("assistant", ""));

    @TempDir
    private Path directory;

    @Test
    void chatMlIsRenderedWithAndWithoutAGenerationPrompt() {
        try (HuggingFaceTokenizer tokenizer = tokenizer(CHATML)) {
            ChatTemplate template = ChatTemplate.of(tokenizer);
            List<ChatMessage> messages = CONVERSATION.subList(1, 2);
            assertThat(template.render(messages, false)).isEqualTo("<|im_start|>user\nhi 🙂<|im_end|>\n");
            assertThat(template.render(messages, true))
                    .isEqualTo("<|im_start|>user\nhi 🙂<|im_end|>\n<|im_start|>assistant\n");
        }
    }

    @Test
    void specialTokensAreKnownToTheTemplate() {
        try (HuggingFaceTokenizer tokenizer = tokenizer("{{ bos_token }}{{ eos_token }}{{ pad_token }}")) {
            assertThat(ChatTemplate.of(tokenizer).render(CONVERSATION, false)).isEqualTo("<s></s>");
        }
    }

    @Test
    void bothWaysMarkTheSameAssistantTokens() {
        for (String source : List.of(CHATML, MARKED)) {
            try (HuggingFaceTokenizer tokenizer = tokenizer(source)) {
                ChatTemplate template = ChatTemplate.of(tokenizer);
                AssistantMask mask = AssistantMask.of(CONVERSATION, template, tokenizer, false);
                assertThat(mask.ids()).isEqualTo(tokenizer.encode(template.render(CONVERSATION, false), false));
                boolean[] isAssistant = mask.isAssistant();
                int[] said = IntStream.range(0, isAssistant.length)
                        .filter(i -> isAssistant[i])
                        .map(i -> mask.ids()[i])
                        .toArray();
                assertThat(tokenizer.decode(said, false)).isEqualTo("hello é\n\n<|im_end|><|im_end|>");
            }
        }
    }

    @Test
    void aTemplateThatRewritesEarlierTurnsNeedsGenerationBlocks() {
        String shortening = "{% for m in messages %}{{ m.role }}:{{ m.content if loop.last else '...' }};{% endfor %}"
                + "{% if add_generation_prompt %}assistant:{% endif %}";
        try (HuggingFaceTokenizer tokenizer = tokenizer(shortening)) {
            assertThatThrownBy(() -> AssistantMask.of(CONVERSATION, ChatTemplate.of(tokenizer), tokenizer, false))
                    .isInstanceOf(UserError.class)
                    .hasMessageContaining("message 3")
                    .hasMessageContaining("generation");
        }
    }

    @Test
    void mistakesAreUserErrors() {
        try (HuggingFaceTokenizer tokenizer = tokenizer("{{ raise_exception('no system, please') }}")) {
            assertThatThrownBy(() -> ChatTemplate.of(tokenizer).render(CONVERSATION, false))
                    .isInstanceOf(UserError.class)
                    .hasMessageContaining("no system, please");
        }
        try (HuggingFaceTokenizer tokenizer = tokenizer("{% for %}")) {
            assertThatThrownBy(() -> ChatTemplate.of(tokenizer))
                    .isInstanceOf(UserError.class)
                    .hasMessageContaining("line 1");
        }
    }

    private HuggingFaceTokenizer tokenizer(String template) {
        BpeTrainer.train(List.of("hello hello bye").iterator(), 265, List.of("<|im_start|>", "<|im_end|>"))
                .writeTo(directory, Optional.of(template));
        return HuggingFaceTokenizer.open(directory);
    }
}
