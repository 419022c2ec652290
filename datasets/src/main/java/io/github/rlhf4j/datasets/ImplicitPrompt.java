package io.github.rlhf4j.datasets;

import io.github.rlhf4j.datasets.chat.ChatMessage;
import java.util.List;

/**
 * Splits two whole dialogues into the prompt they share and the two responses.
 *
 * <p>Text splits after the last role marker ({@code \n\nAssistant:}) inside the common prefix if there is one, else before the last white space at which both
 * can be cut, so never inside a word ("The sky is blue." and "The sky is black." share "The sky is"). Message lists split at whole messages.
 */
record ImplicitPrompt(Content prompt, Content chosen, Content rejected) {
    private static final String ROLE_MARKER = "\n\nAssistant:";

    static ImplicitPrompt split(Content chosen, Content rejected) {
        if (chosen instanceof Content.Messages one && rejected instanceof Content.Messages other) {
            return split(one.messages(), other.messages());
        }
        return split(((Content.Text) chosen).text(), ((Content.Text) rejected).text());
    }

    private static ImplicitPrompt split(String chosen, String rejected) {
        int common = 0;
        int shorter = Math.min(chosen.length(), rejected.length());
        while (common < shorter && chosen.charAt(common) == rejected.charAt(common)) {
            common++;
        }
        String prefix = chosen.substring(0, common);
        int marker = prefix.lastIndexOf(ROLE_MARKER);
        int cut = marker >= 0 ? marker + ROLE_MARKER.length() : lastWordEnd(chosen, rejected, common);
        return new ImplicitPrompt(
                Content.of(chosen.substring(0, cut)),
                Content.of(chosen.substring(cut)),
                Content.of(rejected.substring(cut)));
    }

    private static int lastWordEnd(String chosen, String rejected, int common) {
        for (int cut = common; cut > 0; cut--) {
            if (startsWithWhitespace(chosen, cut) && startsWithWhitespace(rejected, cut)) {
                return cut;
            }
        }
        return 0;
    }

    private static boolean startsWithWhitespace(String text, int at) {
        return at < text.length() && Character.isWhitespace(text.charAt(at));
    }

    private static ImplicitPrompt split(List<ChatMessage> chosen, List<ChatMessage> rejected) {
        int common = 0;
        int shorter = Math.min(chosen.size(), rejected.size());
        while (common < shorter && chosen.get(common).equals(rejected.get(common))) {
            common++;
        }
        return new ImplicitPrompt(
                Content.of(chosen.subList(0, common)),
                Content.of(chosen.subList(common, chosen.size())),
                Content.of(rejected.subList(common, rejected.size())));
    }
}
