package io.github.rlhf4j.datasets.tokens;

import io.github.rlhf4j.core.UserError;
import io.github.rlhf4j.datasets.Content;
import io.github.rlhf4j.datasets.DataRecord;
import io.github.rlhf4j.datasets.PreferencePair;
import io.github.rlhf4j.datasets.Prompt;
import io.github.rlhf4j.datasets.PromptCompletion;
import io.github.rlhf4j.datasets.Ranking;
import io.github.rlhf4j.datasets.RecordSet;
import io.github.rlhf4j.datasets.StepwiseSupervision;
import io.github.rlhf4j.datasets.UnpairedPreference;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.function.BiPredicate;
import java.util.regex.Pattern;

/**
 * Whether the rows of a dataset go through the chat template, and what is to be said about it.
 *
 * @param options with the use decided: ON or OFF
 * @param note for the person who watches
 * @param warning where the template is left out and nobody asked for that
 */
public record ChatTemplateChoice(TokenizingOptions options, Optional<String> note, Optional<String> warning) {
    /** What is wrong with {@code apply_chat_template: true} for a model without a template. */
    public static final String NO_TEMPLATE =
            "apply_chat_template: true needs a model with a chat template, and this one has none: leave the key out, or"
                    + " give the model a template (sft: chat_template_path)";

    private static final int ROWS = 8; // looked at
    private static final Pattern DIALOGUE = Pattern.compile("(?s).*(^|\\n)[ *#]*[A-Z][A-Za-z]{1,20}:\\s*");

    /**
     * Decides.
     *
     * @param hasTemplate whether the model has one
     * @param special finds the texts of special tokens
     * @param differs whether a prompt becomes other tokens with the template than without
     */
    static ChatTemplateChoice of(
            RecordSet<?> rows,
            TokenizingOptions options,
            boolean hasTemplate,
            SpecialTokenTexts special,
            BiPredicate<TokenizingOptions, DataRecord> differs) {
        ChatTemplateUse use = options.chatTemplate();
        ChatTemplateChoice off =
                new ChatTemplateChoice(options.with(ChatTemplateUse.OFF), Optional.empty(), Optional.empty());
        if (use == ChatTemplateUse.OFF || !hasPlainPrompts(rows)) {
            return off;
        }
        if (!hasTemplate) {
            if (use == ChatTemplateUse.ON) {
                throw new UserError(NO_TEMPLATE);
            }
            return off;
        }
        String path = rows.origin().path();
        TokenizingOptions on = options.with(ChatTemplateUse.ON);
        if (use == ChatTemplateUse.ON || !differs.test(on, rows.get(0))) {
            return new ChatTemplateChoice(
                    use == ChatTemplateUse.OFF_UNASKED ? off.options() : on, Optional.empty(), Optional.empty());
        }
        boolean areDialogues = isDialogue(rows, special);
        if (use == ChatTemplateUse.OFF_UNASKED) {
            return areDialogues
                    ? off
                    : new ChatTemplateChoice(
                            off.options(),
                            Optional.empty(),
                            Optional.of(
                                    path
                                            + ": the model has a chat template, but the prompts are plain text and do not go through it;"
                                            + " apply_chat_template: true puts them into a user's message, false is what happens now"));
        }
        return areDialogues
                ? new ChatTemplateChoice(
                        off.options(),
                        Optional.of(
                                path
                                        + ": the prompts are dialogues already, so they do not go through the model's chat template (apply_chat_template: true sends them)"),
                        Optional.empty())
                : new ChatTemplateChoice(
                        on,
                        Optional.of(
                                path
                                        + ": plain prompts go through the model's chat template (apply_chat_template: false leaves them as they are)"),
                        Optional.empty());
    }

    private static boolean hasPlainPrompts(RecordSet<?> rows) {
        return prompt(rows.get(0)).filter(Content.Text.class::isInstance).isPresent();
    }

    /** Whether one of the first rows ends as "Assistant:" does, or holds special tokens. */
    private static boolean isDialogue(RecordSet<?> rows, SpecialTokenTexts special) {
        for (long row = 0; row < Math.min(ROWS, rows.size()); row++) {
            if (prompt(rows.get(row)).orElseThrow() instanceof Content.Text text
                    && (DIALOGUE.matcher(text.text()).matches() || special.count(text.text()) > 0)) {
                return true;
            }
        }
        return false;
    }

    private static Optional<Content> prompt(DataRecord row) {
        if (row instanceof PromptCompletion demonstration) {
            return Optional.of(demonstration.prompt());
        }
        if (row instanceof PreferencePair pair) {
            return Optional.of(pair.prompt());
        }
        if (row instanceof UnpairedPreference unpaired) {
            return Optional.of(unpaired.prompt());
        }
        if (row instanceof Ranking ranking) {
            return Optional.of(ranking.prompt());
        }
        if (row instanceof StepwiseSupervision steps) {
            return Optional.of(steps.prompt());
        }
        return row instanceof Prompt alone ? Optional.of(alone.prompt()) : Optional.empty();
    }

    /** Whether two lists of sequences have the same ids. */
    static boolean areEqual(List<TokenizedSequence> one, List<TokenizedSequence> other) {
        boolean equal = one.size() == other.size();
        for (int i = 0; equal && i < one.size(); i++) {
            equal = Arrays.equals(one.get(i).ids(), other.get(i).ids());
        }
        return equal;
    }
}
