package io.github.rlhf4j.web.chat;

import io.github.rlhf4j.GenerationOptions;
import io.github.rlhf4j.LanguageModel;
import io.github.rlhf4j.core.CounterRandom;
import io.github.rlhf4j.core.UserError;
import io.github.rlhf4j.core.generation.AnswerText;
import io.github.rlhf4j.core.generation.GeneratedText;
import io.github.rlhf4j.core.generation.TextGenerator;
import io.github.rlhf4j.core.tokenizer.Tokenizer;
import io.github.rlhf4j.datasets.chat.ChatMessage;
import io.github.rlhf4j.datasets.training.ChatTokens;
import java.util.List;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;

/** Writes a model's answer to a conversation: with the same seed the text that the command {@code chat} writes. */
final class AnswerWriter {
    private static final int ALTERNATIVES = 5;

    private AnswerWriter() {}

    /**
     * An answer.
     *
     * @param text without a stop text that ended it
     * @param finish stop, length or stopped
     * @param tokens what was sampled, with probabilities
     */
    record Written(String text, String finish, TokenTrace tokens) {}

    /** Whether a model has a chat template; without one a message is continued as plain text, without memory of the last. */
    static boolean hasTemplate(LanguageModel model) {
        return model.tokenizer().chatTemplate().isPresent();
    }

    /**
     * Tokens of a conversation that a model answers next.
     *
     * @param messages oldest first, the last a user's
     * @throws UserError where they fill the model's context
     */
    static int[] prompt(LanguageModel model, List<ChatMessage> messages) {
        Tokenizer tokenizer = model.tokenizer();
        int[] ids = hasTemplate(model)
                ? ChatTokens.of(tokenizer).prompt(messages, true)
                : new TextGenerator(tokenizer, model.generator())
                        .promptIds(messages.get(messages.size() - 1).content(), true);
        int context = model.transformer().config().maxPositions();
        if (ids.length >= context) {
            throw new UserError("the conversation has " + ids.length + " tokens and fills the model's context of "
                    + context + ": begin a new one, or answer an earlier message");
        }
        return ids;
    }

    /**
     * Writes it.
     *
     * @param isUnwanted whether nobody wants more of it
     * @param listener takes pieces of text as they come
     */
    static Written write(
            LanguageModel model,
            List<ChatMessage> messages,
            GenerationOptions options,
            BooleanSupplier isUnwanted,
            Consumer<String> listener) {
        synchronized (model) { // as its own methods are
            int[] ids = prompt(model, messages);
            TextGenerator texts = new TextGenerator(model.tokenizer(), model.generator(), options.stop(), isUnwanted);
            long turn = messages.stream()
                            .filter(message -> message.role().equals("user"))
                            .count()
                    - 1;
            CounterRandom random =
                    CounterRandom.of(options.seed()).derive("chat").derive(Math.max(0, turn));
            AnswerText answer = new AnswerText(options.stop(), listener);
            GeneratedText written = texts.generate(
                            List.of(ids),
                            1,
                            options.toBuilder()
                                    .logprobs(ALTERNATIVES)
                                    .build()
                                    .sampling(model.tokenizer().stopIds()),
                            random,
                            answer)
                    .get(0);
            String text = answer.finish();
            String finish = isUnwanted.getAsBoolean()
                    ? "stopped"
                    : written.tokens().finishReason().text();
            return new Written(text, finish, TokenTrace.of(model.tokenizer(), ids, written.tokens()));
        }
    }
}
