package io.github.rlhf4j.rlaif;

import io.github.rlhf4j.datasets.Content;
import io.github.rlhf4j.datasets.chat.ChatMessage;
import java.util.ArrayList;
import java.util.List;

/**
 * An answer that is revised.
 *
 * @param prompt as in the dataset
 * @param response the answer as it is now
 */
record Draft(Content prompt, String response) {
    /** The prompt and the answer as a conversation. */
    List<ChatMessage> conversation() {
        List<ChatMessage> messages = new ArrayList<>();
        if (prompt instanceof Content.Messages given) {
            messages.addAll(given.messages());
        } else {
            messages.add(new ChatMessage("user", Texts.of(prompt).strip()));
        }
        messages.add(new ChatMessage("assistant", response.strip()));
        return messages;
    }

    /** The same with another answer; white space that the model begins answers with is kept, since it is part of its tokens. */
    Draft with(String revision) {
        String begin = response.substring(
                0, response.length() - response.stripLeading().length());
        return new Draft(prompt, begin + revision.strip());
    }
}
