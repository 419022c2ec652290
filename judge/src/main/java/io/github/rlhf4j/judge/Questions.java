package io.github.rlhf4j.judge;

import io.github.rlhf4j.core.tokenizer.HuggingFaceTokenizer;
import io.github.rlhf4j.datasets.chat.ChatMessage;
import io.github.rlhf4j.datasets.chat.ChatTemplate;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;

/** Questions to a model of ours as its tokens: through its chat template as a message of the user's, or plain. The text of a special token in a question, which may be a sampled response's, stays text. */
public final class Questions {
    private final HuggingFaceTokenizer tokenizer;
    private final Optional<ChatTemplate> template;

    private Questions(HuggingFaceTokenizer tokenizer, Optional<ChatTemplate> template) {
        this.tokenizer = tokenizer;
        this.template = template;
    }

    /**
     * For a model.
     *
     * @param applyChatTemplate absent: where it has one
     * @throws io.github.rlhf4j.core.UserError where one is asked for and it has none
     */
    public static Questions of(HuggingFaceTokenizer tokenizer, Optional<Boolean> applyChatTemplate) {
        boolean applies = applyChatTemplate.orElse(tokenizer.chatTemplate().isPresent());
        return new Questions(tokenizer, applies ? Optional.of(ChatTemplate.of(tokenizer)) : Optional.empty());
    }

    /** A conversation, after which the model answers; of a model without chat template as Bai et al. 2022 write it (Human: ..., Assistant: ...), and {@code cue} last. */
    public int[] ids(List<ChatMessage> conversation, String cue) {
        if (template.isPresent()) {
            List<ChatMessage> marked = conversation.stream()
                    .map(message -> new ChatMessage(message.role(), tokenizer.markSpecialTokens(message.content())))
                    .toList();
            return tokenizer
                    .encodeWithSpans(template.get().render(marked, true), true)
                    .ids();
        }
        String plain = conversation.stream()
                .map(message ->
                        speaker(message.role()) + ": " + message.content().strip())
                .collect(Collectors.joining("\n\n"));
        return tokenizer.encode(plain + "\n\n" + cue + ":", true, true);
    }

    private static String speaker(String role) {
        return switch (role) {
            case "user" -> "Human";
            case "assistant" -> "Assistant";
            default -> role;
        };
    }

    /** The question with an answer after it; of plain questions a space apart. */
    public int[] ids(String question, String answer) {
        if (template.isEmpty()) {
            boolean isApart = answer.isEmpty() || question.isEmpty() || Character.isWhitespace(last(question));
            return tokenizer.encode(question + (isApart ? "" : " ") + answer, true, true);
        }
        ChatMessage message = new ChatMessage("user", tokenizer.markSpecialTokens(question));
        return tokenizer
                .encodeWithSpans(template.get().render(List.of(message), true) + answer, true)
                .ids();
    }

    private static char last(String text) {
        return text.charAt(text.length() - 1);
    }
}
