package io.github.rlhf4j.judge;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.rlhf4j.core.UserError;
import io.github.rlhf4j.core.stage.StageContext;
import io.github.rlhf4j.datasets.chat.ChatMessage;
import io.github.rlhf4j.http.BadAnswer;
import io.github.rlhf4j.http.JsonClient;
import io.github.rlhf4j.http.KeptAnswers;
import io.github.rlhf4j.http.Reply;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Messages to an OpenAI-compatible server and its answers, each asked once: answers are kept in the stage's folder. */
public final class OpenAiChat {
    private static final int TOP = 20; // the most that OpenAI's and vLLM's servers give

    private final OpenAiConfig config;
    private final JsonClient client;
    private final KeptAnswers kept;

    /** @param name of the file of answers */
    public OpenAiChat(OpenAiConfig config, StageContext context, String name) {
        this.config = config;
        this.client = new JsonClient(config.endpoint("openai"), config.settings());
        this.kept = KeptAnswers.of(context.directory(), name);
    }

    /**
     * What a model answered.
     *
     * @param text the message's content
     * @param tokens the answer's tokens with the log-probabilities of those that could have been there, nats; none where the server gives none
     */
    public record Answer(String text, List<Token> tokens) {
        public Answer {
            tokens = List.copyOf(tokens);
        }

        /** The text without what a model thought before it. */
        public String withoutThoughts() {
            return Verdicts.withoutThoughts(text);
        }
    }

    /**
     * One token of an answer.
     *
     * @param alternatives token to log-probability, itself included
     */
    public record Token(String text, Map<String, Double> alternatives) {}

    /** A request with one message of the user's; more keys may be added. */
    public ObjectNode request(String message, double temperature, int maxTokens) {
        return request(List.of(new ChatMessage("user", message)), temperature, maxTokens);
    }

    /** A request with a conversation; more keys may be added. */
    public ObjectNode request(List<ChatMessage> conversation, double temperature, int maxTokens) {
        ObjectNode body = JsonNodeFactory.instance.objectNode();
        body.put("model", config.model());
        ArrayNode messages = body.putArray("messages");
        conversation.forEach(
                message -> messages.addObject().put("role", message.role()).put("content", message.content()));
        body.put("temperature", config.temperature().orElse(temperature));
        body.put("max_tokens", config.maxTokens().orElse(maxTokens));
        return body;
    }

    /** What the config gives counts; null takes a key away, which a server may refuse. */
    private ObjectNode withExtra(ObjectNode body) {
        config.extraBody().ifPresent(more -> body.setAll((ObjectNode) more));
        if (body.hasNonNull("max_completion_tokens")) {
            body.remove("max_tokens"); // the older name, which some models of OpenAI's refuse
        }
        List<String> absent = body.properties().stream()
                .filter(key -> key.getValue().isNull())
                .map(Map.Entry::getKey)
                .toList();
        return body.remove(absent);
    }

    /** A request that asks for log-probabilities too, unless the config says otherwise. */
    public ObjectNode requestWithLogProbs(String message, double temperature, int maxTokens) {
        ObjectNode body = request(message, temperature, maxTokens);
        if (config.logprobs().orElse(true)) {
            body.put("logprobs", true).put("top_logprobs", TOP);
        }
        return body;
    }

    /**
     * The answers, in order.
     *
     * @throws UserError where one has failed as often as it may
     */
    public List<Answer> ask(List<ObjectNode> requests) {
        List<Answer> answers = new ArrayList<>();
        List<ObjectNode> bodies = requests.stream().map(this::withExtra).toList();
        for (Reply<Answer> reply : client.ask(bodies, OpenAiChat::read, kept)) {
            answers.add(reply.answer().orElseThrow(() -> failure(reply.failure())));
        }
        return answers;
    }

    private UserError failure(String why) {
        String hint = why.contains("logprobs") ? "; logprobs: false asks without them" : "";
        return new UserError("openai: " + why + hint + "; answers so far are kept, --resume goes on");
    }

    private static Answer read(JsonNode answer) {
        JsonNode choice = answer.path("choices").path(0);
        JsonNode message = choice.path("message");
        if (!message.isObject()) {
            throw new BadAnswer("must answer a chat completion with choices[0].message, but answered");
        }
        List<Token> tokens = new ArrayList<>();
        for (JsonNode token : choice.path("logprobs").path("content")) {
            tokens.add(token(token));
        }
        return new Answer(message.path("content").asText(""), tokens);
    }

    private static Token token(JsonNode node) {
        String text = node.path("token").asText("");
        Map<String, Double> alternatives = new LinkedHashMap<>();
        put(alternatives, text, node.path("logprob"));
        for (JsonNode other : node.path("top_logprobs")) {
            put(alternatives, other.path("token").asText(""), other.path("logprob"));
        }
        return new Token(text, alternatives);
    }

    private static void put(Map<String, Double> alternatives, String token, JsonNode logProb) {
        if (logProb.isNumber()) {
            alternatives.putIfAbsent(token, logProb.doubleValue());
        }
    }
}
