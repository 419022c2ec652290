package io.github.rlhf4j.datasets.chat;

import io.github.rlhf4j.core.UserError;
import io.github.rlhf4j.core.tokenizer.TokenSpans;
import io.github.rlhf4j.core.tokenizer.Tokenizer;
import io.github.rlhf4j.jinja.JinjaTemplate.Rendered;
import io.github.rlhf4j.jinja.JinjaTemplate.Span;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Tokens of a conversation and which of them the assistant says, its end tokens included.
 *
 * <p>Taken from the template's {@code generation} blocks where it has them. Otherwise an assistant turn is what the text
 * up to and including it has more than the text before it with the generation prompt; white space that the template
 * puts after the turn's end token is not part of it.
 */
public final class AssistantMask {
    private final int[] ids;
    private final boolean[] isAssistant;

    private AssistantMask(TokenSpans tokens, List<Span> spans) {
        this.ids = tokens.ids();
        this.isAssistant = new boolean[ids.length];
        for (Span span : spans) {
            int first = tokens.tokenAt(span.start(), span.end());
            for (int i = first; i >= 0 && i < ids.length && tokens.start(i) < span.end(); i++) {
                isAssistant[i] = true;
            }
        }
    }

    /**
     * Tokenises a conversation.
     *
     * @param marked whether messages come from {@link Tokenizer#markSpecialTokens}
     * @throws UserError if the template refuses the conversation, or changes earlier turns when later ones are added
     *     and has no {@code generation} blocks
     */
    public static AssistantMask of(
            List<ChatMessage> messages, ChatTemplate template, Tokenizer tokenizer, boolean marked) {
        Rendered whole = template.rendered(messages, false);
        List<Span> spans =
                template.marksGeneration() ? whole.generated() : spansByPrefixes(messages, template, whole.text());
        TokenSpans tokens = tokenizer.encodeWithSpans(whole.text(), marked);
        AssistantMask mask = new AssistantMask(tokens, spans);
        if (!template.marksGeneration()) {
            mask.leaveOutSpaceAfterEndTokens(tokenizer);
        }
        return mask;
    }

    /** Tokenises a conversation that a template with {@code generation} blocks has rendered. */
    public static AssistantMask of(Rendered rendered, Tokenizer tokenizer) {
        return new AssistantMask(tokenizer.encodeWithSpans(rendered.text(), false), rendered.generated());
    }

    private static List<Span> spansByPrefixes(List<ChatMessage> messages, ChatTemplate template, String whole) {
        List<Span> spans = new ArrayList<>();
        for (int i = 0; i < messages.size(); i++) {
            if (messages.get(i).isAssistant()) {
                String before = template.render(messages.subList(0, i), true);
                String after = template.render(messages.subList(0, i + 1), false);
                if (!after.startsWith(before) || !whole.startsWith(after)) {
                    throw new UserError("message " + (i + 1) + " of a conversation: the chat template writes a turn"
                            + " differently when it is the last, so what the assistant says cannot be told apart:"
                            + " use a template with {% generation %} blocks");
                }
                spans.add(new Span(before.length(), after.length()));
            }
        }
        return spans;
    }

    private void leaveOutSpaceAfterEndTokens(Tokenizer tokenizer) {
        for (int end = ids.length; end > 0; end--) {
            boolean lastOfTurn = isAssistant[end - 1] && (end == ids.length || !isAssistant[end]);
            int last = end - 1;
            while (lastOfTurn && last >= 0 && isAssistant[last] && isSpace(tokenizer, ids[last])) {
                last--;
            }
            if (lastOfTurn && last >= 0 && isAssistant[last] && tokenizer.isSpecial(ids[last])) {
                Arrays.fill(isAssistant, last + 1, end, false);
            }
        }
    }

    private static boolean isSpace(Tokenizer tokenizer, int id) {
        return !tokenizer.isSpecial(id)
                && tokenizer.decode(new int[] {id}, false).isBlank();
    }

    /** Token ids of the whole conversation; a copy. */
    public int[] ids() {
        return ids.clone();
    }

    /** For each token whether the assistant says it; a copy. */
    public boolean[] isAssistant() {
        return isAssistant.clone();
    }
}
