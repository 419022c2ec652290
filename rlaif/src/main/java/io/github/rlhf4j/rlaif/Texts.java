package io.github.rlhf4j.rlaif;

import io.github.rlhf4j.datasets.Content;
import io.github.rlhf4j.datasets.chat.ChatMessage;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/** Contents of rows as texts for a judge or a critic, and texts as contents of rows. */
final class Texts {
    private Texts() {}

    /** Plain text as it is, one message as its content, several a line each with the role. */
    static String of(Content content) {
        if (content instanceof Content.Messages messages) {
            List<ChatMessage> all = messages.messages();
            return all.size() == 1
                    ? all.get(0).content()
                    : all.stream()
                            .map(message -> message.role() + ": " + message.content())
                            .collect(Collectors.joining("\n"));
        }
        return ((Content.Text) content).text();
    }

    /** A column of a row: a text, or messages as maps. */
    static Object column(Content content) {
        if (content instanceof Content.Messages messages) {
            return messages.messages().stream().map(Texts::message).toList();
        }
        return ((Content.Text) content).text();
    }

    /** A response to a prompt, in the prompt's form. */
    static Object column(Content prompt, String response) {
        return prompt instanceof Content.Messages ? List.of(message(new ChatMessage("assistant", response))) : response;
    }

    private static Map<String, String> message(ChatMessage message) {
        Map<String, String> columns = new LinkedHashMap<>();
        columns.put("role", message.role());
        columns.put("content", message.content());
        return columns;
    }
}
