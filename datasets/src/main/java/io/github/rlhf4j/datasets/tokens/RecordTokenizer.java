package io.github.rlhf4j.datasets.tokens;

import io.github.rlhf4j.core.UserError;
import io.github.rlhf4j.core.tokenizer.Tokenizer;
import io.github.rlhf4j.datasets.Content;
import io.github.rlhf4j.datasets.chat.ChatMessage;
import io.github.rlhf4j.datasets.tokens.ChatEncoder.EncodedChat;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Contents to token ids, as TRL 1.16 does it: a prompt alone, and a prompt with a response as one text that ends with the end token.
 *
 * <p>BOS is added by the tokenizer (or the template) and never doubled; a text that already ends with the end token gets no other. Tokens that a template
 * writes after the last end token are left off: a response ends with its end token.
 */
final class RecordTokenizer {
    private final Tokenizer tokenizer;
    private final ChatEncoder chat;
    private final boolean splitSpecialTokens;
    private final boolean templateOfPlain;
    private final int endId;
    private final SpecialTokenTexts specialTexts;

    /** @param templateOfPlain whether plain prompts and responses become a user's and the assistant's message */
    RecordTokenizer(Tokenizer tokenizer, ChatEncoder chat, boolean splitSpecialTokens, boolean templateOfPlain) {
        this.tokenizer = tokenizer;
        this.chat = chat;
        this.splitSpecialTokens = splitSpecialTokens;
        this.templateOfPlain = templateOfPlain;
        this.endId = tokenizer
                .eosId()
                .orElseThrow(() -> new UserError(
                        "the tokenizer has no end token; name one as eos_token in the model's tokenizer_config.json"));
        this.specialTexts = new SpecialTokenTexts(tokenizer);
    }

    /** A prompt that a response follows; at least one token: an empty one is BOS, or the end token where there is no BOS. */
    int[] prompt(Content given, ReportCounts counts) {
        Content prompt = message("user", given);
        countSpecial(prompt, counts);
        int[] ids = prompt instanceof Content.Messages messages
                ? encode(messages.messages(), true).ids()
                : encode(((Content.Text) prompt).text());
        return ids.length > 0 ? ids : new int[] {startId()};
    }

    /** A prompt with its responses. */
    JointTokens joint(Content givenPrompt, List<Content> givenResponses, ReportCounts counts) {
        Content prompt = message("user", givenPrompt);
        List<Content> responses = givenResponses.stream()
                .map(response -> message("assistant", response))
                .toList();
        int[] promptIds = prompt(prompt, counts);
        int[][] jointIds = new int[responses.size()][];
        for (int k = 0; k < jointIds.length; k++) {
            countSpecial(responses.get(k), counts);
            jointIds[k] = jointIds(prompt, responses.get(k));
        }
        JointTokens tokens = JointTokens.split(promptIds, jointIds);
        counts.boundaryMismatches += tokens.mismatches();
        if (tokens.promptIds().length > 0) {
            return tokens;
        }
        return new JointTokens(new int[] {startId()}, jointIds, tokens.mismatches()); // something has to predict
    }

    /** A document with its end token. */
    int[] document(String text, ReportCounts counts) {
        countSpecial(Content.of(text), counts);
        return ended(text);
    }

    /** A whole conversation, up to its last end token. */
    EncodedChat conversation(List<ChatMessage> messages, ReportCounts counts) {
        countSpecial(Content.of(messages), counts);
        EncodedChat encoded = encode(messages, false);
        int length = endOf(encoded.ids(), 0);
        return new EncodedChat(Arrays.copyOf(encoded.ids(), length), Arrays.copyOf(encoded.isAssistant(), length));
    }

    private int[] jointIds(Content prompt, Content response) {
        if (prompt instanceof Content.Text promptText && response instanceof Content.Text responseText) {
            int[] ids = ended(promptText.text() + responseText.text());
            boolean startsWithoutContext = promptText.text().isEmpty() && encode("").length == 0;
            return startsWithoutContext ? prepend(startId(), ids) : ids;
        }
        List<ChatMessage> promptMessages = ((Content.Messages) prompt).messages();
        List<ChatMessage> messages = new ArrayList<>(promptMessages);
        messages.addAll(((Content.Messages) response).messages());
        int[] ids = encode(messages, false).ids();
        int length = endOf(ids, encode(promptMessages, true).ids().length);
        if (tokenizer.isStop(ids[length - 1])) {
            return Arrays.copyOf(ids, length);
        }
        int[] ended = Arrays.copyOf(ids, length + 1);
        ended[length] = endId;
        return ended;
    }

    private Content message(String role, Content content) {
        return templateOfPlain && content instanceof Content.Text text
                ? Content.of(List.of(new ChatMessage(role, text.text())))
                : content;
    }

    /** What a sequence without any prompt token begins with. */
    private int startId() {
        return tokenizer.bosId().orElse(endId);
    }

    /** The text with one end token. */
    private int[] ended(String text) {
        String endText = tokenizer.token(endId);
        boolean needsEnd = splitSpecialTokens || !text.endsWith(endText);
        int[] ids = encode(needsEnd && !splitSpecialTokens ? text + endText : text);
        if (ids.length > 0 && ids[ids.length - 1] == endId) {
            return ids;
        }
        int[] ended = Arrays.copyOf(ids, ids.length + 1);
        ended[ids.length] = endId;
        return ended;
    }

    /** Length up to and with the last end token after {@code from}; the whole length where there is none. */
    private int endOf(int[] ids, int from) {
        for (int i = ids.length - 1; i >= Math.min(from, ids.length); i--) {
            if (tokenizer.isStop(ids[i])) {
                return i + 1;
            }
        }
        return ids.length;
    }

    private int[] encode(String text) {
        return tokenizer.encode(text, true, splitSpecialTokens);
    }

    private EncodedChat encode(List<ChatMessage> messages, boolean addGenerationPrompt) {
        return chat.encode(messages, addGenerationPrompt, splitSpecialTokens);
    }

    private static int[] prepend(int id, int[] ids) {
        int[] longer = new int[ids.length + 1];
        longer[0] = id;
        System.arraycopy(ids, 0, longer, 1, ids.length);
        return longer;
    }

    /** Counts texts of special tokens. */
    void countSpecial(Content content, ReportCounts counts) {
        if (splitSpecialTokens) {
            return;
        }
        if (content instanceof Content.Text text) {
            counts.specialTokensInText += specialTexts.count(text.text());
        } else {
            for (ChatMessage message : ((Content.Messages) content).messages()) {
                counts.specialTokensInText += specialTexts.count(message.content());
            }
        }
    }
}
