package io.github.rlhf4j.rlaif;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.rlhf4j.testing.FaultyServer;

/** A server that, as a judge, prefers the shorter response and, as a critic, asks for fewer words and gives three of them. */
final class ShortReplies {
    private static final ObjectMapper MAPPER = new ObjectMapper();

    private ShortReplies() {}

    static FaultyServer server() {
        return FaultyServer.answering(ShortReplies::answer);
    }

    private static JsonNode answer(JsonNode request) {
        JsonNode messages = request.path("messages");
        String last = messages.path(messages.size() - 1).path("content").asText();
        if (last.contains("\"model_identifier\"")) {
            String first = last.replaceFirst("(?s).*\"0\",\\s+\"output\": \"\"\"(.*?)\"\"\".*", "$1");
            String second = last.replaceFirst("(?s).*\"1\",\\s+\"output\": \"\"\"(.*?)\"\"\".*", "$1");
            return completion(first.length() <= second.length() ? "0" : "1");
        }
        return completion(last.startsWith("Identify") ? "Too many words." : "It is so.");
    }

    private static JsonNode completion(String text) {
        ObjectNode answer = MAPPER.createObjectNode();
        answer.putArray("choices").addObject().putObject("message").put("content", text);
        return answer;
    }
}
