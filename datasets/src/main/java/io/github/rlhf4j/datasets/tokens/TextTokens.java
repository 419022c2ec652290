package io.github.rlhf4j.datasets.tokens;

import io.github.rlhf4j.core.tokenizer.Tokenizer;
import io.github.rlhf4j.datasets.Content;
import io.github.rlhf4j.datasets.chat.ChatMessage;
import java.util.Arrays;
import java.util.List;

/** Prompts and responses as texts, in the tokens of a model that did not write them: as it was trained on them. */
public final class TextTokens {
    private final Tokenizer tokenizer;
    private final boolean hasTemplate;
    private final RecordTokenizer tokens;
    private final RecordTokenizer tokensOfMessages;
    private final Truncation truncation;

    /**
     * @param tokenizer the model's own
     * @param chat its own chat template
     * @param splitSpecialTokens whether the text of a special token stays text
     * @param context the most tokens it reads; the beginning of a prompt is left out first
     */
    public TextTokens(Tokenizer tokenizer, ChatEncoder chat, boolean splitSpecialTokens, int context) {
        this.tokenizer = tokenizer;
        tokens = new RecordTokenizer(tokenizer, chat, splitSpecialTokens, false);
        hasTemplate = !chat.equals(ChatEncoder.NONE);
        tokensOfMessages = new RecordTokenizer(tokenizer, chat, splitSpecialTokens, hasTemplate);
        truncation = new Truncation(
                TokenizingOptions.of(context).withTruncationMode(TruncationMode.PROMPT_LEFT), tokenizer.bosId());
    }

    /**
     * Prompt and response.
     *
     * @param ids at least one, the context at most
     * @param isCut whether there were more
     */
    @SuppressWarnings("ArrayRecordComponent") // identity is all that is asked of it
    public record Encoded(int[] ids, boolean isCut) {}

    /**
     * Prompt and response as one text, or as a conversation.
     *
     * @param ended whether the response ended, so that an end token follows it
     */
    @SuppressWarnings("ReferenceEquality") // what fits is returned as it is
    public Encoded encode(PromptText prompt, String response, boolean ended) {
        Content answer = prompt.content() instanceof Content.Messages
                ? Content.of(List.of(new ChatMessage("assistant", response)))
                : Content.of(response);
        ReportCounts counts = new ReportCounts();
        JointTokens whole = of(prompt).joint(prompt.content(), List.of(answer), counts);
        JointTokens joint = ended ? whole : withoutEnd(whole);
        JointTokens fitted = truncation.fit(joint, counts).orElseThrow();
        return new Encoded(
                join(fitted.promptIds(), fitted.responseIds()[0]), counts.promptsCut + counts.responsesCut > 0);
    }

    /** A prompt that a response follows. */
    public int[] prompt(PromptText prompt) {
        return of(prompt).prompt(prompt.content(), new ReportCounts());
    }

    /** Whether a prompt is read through the chat template. */
    public boolean usesTemplate(PromptText prompt) {
        return prompt.content() instanceof Content.Messages || prompt.asMessage() && hasTemplate;
    }

    private RecordTokenizer of(PromptText prompt) {
        return prompt.asMessage() ? tokensOfMessages : tokens;
    }

    private JointTokens withoutEnd(JointTokens joint) {
        int[] response = joint.responseIds()[0];
        int length = response.length;
        while (length > 0 && tokenizer.isStop(response[length - 1])) {
            length--;
        }
        return new JointTokens(joint.promptIds(), new int[][] {Arrays.copyOf(response, length)}, joint.mismatches());
    }

    private static int[] join(int[] prompt, int[] response) {
        int[] joined = Arrays.copyOf(prompt, prompt.length + response.length);
        System.arraycopy(response, 0, joined, prompt.length, response.length);
        return joined;
    }
}
