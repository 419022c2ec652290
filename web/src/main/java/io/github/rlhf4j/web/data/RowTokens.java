package io.github.rlhf4j.web.data;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.rlhf4j.datasets.DataRecord;
import io.github.rlhf4j.datasets.RecordKind;
import io.github.rlhf4j.datasets.RecordSet;
import io.github.rlhf4j.datasets.tokens.ChatTemplateChoice;
import io.github.rlhf4j.datasets.tokens.ChatTemplateUse;
import io.github.rlhf4j.datasets.tokens.TokenizedSequence;
import io.github.rlhf4j.datasets.tokens.TokenizingOptions;
import io.github.rlhf4j.datasets.training.ModelText;
import io.github.rlhf4j.web.Json;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.function.Function;

/** A row's tokens as a trainer sees them: its sequences, each in runs of tokens that are trained or not. */
final class RowTokens implements AutoCloseable {
    private static final int NO_LIMIT = 1 << 30;
    private static final int MOST_TOKENS = 4_000; // of a sequence, that are shown one by one

    private final ModelText text;
    private final String note;
    private final Function<DataRecord, List<TokenizedSequence>> tokenizing;

    /**
     * @param model the folder of a model or a tokenizer
     * @param assistantOnlyLoss of conversations: whether the assistant's turns alone are trained
     */
    RowTokens(Path model, RecordSet<?> rows, boolean assistantOnlyLoss) {
        text = ModelText.open(model, Path.of(""));
        ChatTemplateUse use =
                rows.kind() == RecordKind.PROMPT_COMPLETION ? ChatTemplateUse.AUTOMATIC : ChatTemplateUse.OFF_UNASKED;
        ChatTemplateChoice choice = text.cache()
                .chatTemplate(
                        rows,
                        TokenizingOptions.of(NO_LIMIT)
                                .with(use)
                                .withAssistantOnlyLoss(assistantOnlyLoss && rows.kind() == RecordKind.CONVERSATION));
        note = choice.note().or(choice::warning).orElse("");
        tokenizing = text.cache().tokenizing(choice.options());
    }

    /** What is to be said about the chat template. */
    String note() {
        return note;
    }

    /** The sequences of a row: how many tokens, how many of them trained, and their texts. */
    ArrayNode of(DataRecord row) {
        ArrayNode sequences = Json.array();
        for (TokenizedSequence sequence : tokenizing.apply(row)) {
            int trained = 0;
            for (boolean isTarget : sequence.isTarget()) {
                trained += isTarget ? 1 : 0;
            }
            ObjectNode view = sequences.addObject();
            view.put("length", sequence.ids().length);
            view.put("trained", trained);
            view.set("tokens", tokens(sequence));
        }
        return sequences;
    }

    private ArrayNode tokens(TokenizedSequence sequence) {
        ArrayNode tokens = Json.array();
        int shown = Math.min(sequence.ids().length, MOST_TOKENS);
        int[] ids = Arrays.copyOf(sequence.ids(), shown);
        List<String> texts = text.tokenizer().texts(ids);
        for (int i = 0; i < shown; i++) {
            tokens.addObject().put("id", ids[i]).put("text", texts.get(i)).put("trained", sequence.isTarget()[i]);
        }
        return tokens;
    }

    @Override
    public void close() {
        text.close();
    }
}
