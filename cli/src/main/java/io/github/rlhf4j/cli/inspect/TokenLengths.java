package io.github.rlhf4j.cli.inspect;

import io.github.rlhf4j.datasets.DataRecord;
import io.github.rlhf4j.datasets.RecordKind;
import io.github.rlhf4j.datasets.RecordSet;
import io.github.rlhf4j.datasets.tokens.ChatTemplateChoice;
import io.github.rlhf4j.datasets.tokens.ChatTemplateUse;
import io.github.rlhf4j.datasets.tokens.TokenCache;
import io.github.rlhf4j.datasets.tokens.TokenizedSequence;
import io.github.rlhf4j.datasets.tokens.TokenizingOptions;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;

/** Lengths in tokens of rows as trainers see them: each response with its prompt is a sequence, nothing is cut. */
public final class TokenLengths {
    private static final int NO_LIMIT = 1 << 30;

    private final Lengths lengths = new Lengths();
    private final ChatTemplateChoice choice;
    private final Function<DataRecord, List<TokenizedSequence>> tokenizing;

    /**
     * Tokenises as {@code cache} does for these rows, and writes nothing to it; prompts with completions as stage sft does.
     *
     * @param assistantOnlyLoss of conversations: whether the assistant's turns alone are trained, or all
     */
    public TokenLengths(TokenCache cache, RecordSet<?> rows, boolean assistantOnlyLoss) {
        ChatTemplateUse use =
                rows.kind() == RecordKind.PROMPT_COMPLETION ? ChatTemplateUse.AUTOMATIC : ChatTemplateUse.OFF_UNASKED;
        this.choice = cache.chatTemplate(
                rows,
                TokenizingOptions.of(NO_LIMIT)
                        .with(use)
                        .withAssistantOnlyLoss(assistantOnlyLoss && rows.kind() == RecordKind.CONVERSATION));
        this.tokenizing = cache.tokenizing(choice.options());
    }

    /** What is to be said about the chat template. */
    public Optional<String> note() {
        return choice.note().or(choice::warning);
    }

    /** Counts the sequences of a row. */
    public void add(DataRecord row) {
        sequences(row).forEach(sequence -> lengths.add(sequence.ids().length));
    }

    /** The sequences of a row, with the tokens that a loss counts. */
    public List<TokenizedSequence> sequences(DataRecord row) {
        return tokenizing.apply(row);
    }

    /** What was counted. */
    public Lengths lengths() {
        return lengths;
    }
}
