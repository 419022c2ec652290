package io.github.rlhf4j.ranking;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.rlhf4j.datasets.Content;
import io.github.rlhf4j.datasets.RecordJson;
import io.github.rlhf4j.datasets.RowTags;
import io.github.rlhf4j.datasets.chat.ChatMessage;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/**
 * A prompt with answers to it.
 *
 * @param id names it in its project
 * @param prompt a text or messages
 * @param candidates the answers, in the order in which files have them; nobody is shown that order
 * @param tags id and use case of the prompt in its own dataset, where known
 */
public record RankItem(String id, Content prompt, List<Candidate> candidates, RowTags tags) {
    public RankItem {
        candidates = List.copyOf(candidates);
    }

    /** Without what nobody can rank: empty answers, and all but the first of answers that are the same text. */
    public static List<Candidate> distinct(List<Candidate> candidates) {
        Set<String> seen = new LinkedHashSet<>();
        return candidates.stream()
                .filter(candidate ->
                        !candidate.text().isBlank() && seen.add(candidate.text().strip()))
                .toList();
    }

    /** An answer to its prompt, in the form of the prompt: text after text, a message after messages. */
    Content answer(String text) {
        return prompt instanceof Content.Messages
                ? Content.of(List.of(new ChatMessage("assistant", text)))
                : Content.of(text);
    }

    static RankItem read(StoredJson line) {
        JsonNode prompt = line.json().path("prompt");
        if (!prompt.isTextual() && !isConversation(prompt)) {
            throw line.wrong("prompt", "a text or a list of messages with role and content");
        }
        return new RankItem(
                line.name("id"),
                content(prompt),
                line.objects("responses").stream().map(Candidate::read).toList(),
                new RowTags(line.textOrEmpty("row_id"), line.textOrEmpty("use_case")));
    }

    private static boolean isConversation(JsonNode prompt) {
        boolean isOne = prompt.isArray() && !prompt.isEmpty();
        for (JsonNode message : prompt) {
            isOne &= message.path("role").isTextual() && message.path("content").isTextual();
        }
        return isOne;
    }

    ObjectNode write() {
        ObjectNode node = JsonNodeFactory.instance.objectNode().put("id", id);
        node.set("prompt", RecordJson.json(prompt));
        ArrayNode responses = node.putArray("responses");
        candidates.forEach(candidate -> responses.add(candidate.write()));
        if (!tags.id().isEmpty()) {
            node.put("row_id", tags.id());
        }
        if (!tags.useCase().isEmpty()) {
            node.put("use_case", tags.useCase());
        }
        return node;
    }

    /** A text, or a list of messages with role and content, as {@link RecordJson#json} writes them; files of other people may leave the role out. */
    public static Content content(JsonNode node) {
        if (!node.isArray()) {
            return Content.of(node.asText());
        }
        List<ChatMessage> messages = new ArrayList<>();
        node.forEach(message -> messages.add(new ChatMessage(
                message.path("role").asText("user"), message.path("content").asText())));
        return Content.of(messages);
    }
}
