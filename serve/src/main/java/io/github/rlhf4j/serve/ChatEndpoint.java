package io.github.rlhf4j.serve;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.databind.node.TextNode;
import io.github.rlhf4j.core.UserError;
import io.github.rlhf4j.core.generation.TokenConstraint;
import io.github.rlhf4j.core.generation.TopTokens;
import io.github.rlhf4j.datasets.chat.ChatTemplate;
import io.github.rlhf4j.server.Answer;
import io.github.rlhf4j.server.Call;
import io.github.rlhf4j.server.Handler;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/** {@code POST /v1/chat/completions}: a conversation, answered by the model's chat template. */
final class ChatEndpoint implements Handler {
    private static final ObjectMapper MAPPER = new ObjectMapper();
    private static final int MOST_TOP = 20; // OpenAI's

    private final Served served;
    private final Map<Boolean, ChatTemplate> templates = new ConcurrentHashMap<>(); // by whether it has tools

    ChatEndpoint(Served served) {
        this.served = served;
    }

    @Override
    public Answer handle(Call call) throws InterruptedException {
        Fields fields = new Fields(call.json());
        served.checkModel(fields);
        Sampling sampling = Sampling.of(fields, served.settings().maxBatch(), served.vocabulary());
        boolean logProbs = fields.flag("logprobs", false);
        int top = fields.count("top_logprobs", 0, 0, MOST_TOP);
        if (top > 0 && !logProbs) {
            throw fields.error("top_logprobs", "needs logprobs: true");
        }
        Answering.Streaming streaming = Answering.Streaming.of(fields);
        fields.refuse("functions", "is OpenAI's older name of tools");
        fields.refuse(
                "function_call",
                "is OpenAI's older name of tool_choice",
                TextNode.valueOf("none"),
                TextNode.valueOf("auto"));
        fields.refuse(
                "modalities",
                "must be [\"text\"]",
                JsonNodeFactory.instance.arrayNode().add("text"));
        Tools tools = Tools.of(fields, served.tools());
        TokenConstraint constraint = tools.constraint(
                fields, served.structures(), served.structures().of(fields));
        int[] prompt = prompt(fields, tools);
        fields.refuseOthers();
        int asked = sampling.maxTokens().orElse(0);
        if (sampling.maxTokens().isPresent() && asked == 0) {
            throw fields.error("max_tokens", "must be at least 1, but is 0");
        }
        Served.Reports reports = new Served.Reports(logProbs, top, false);
        Answering.Request request = new Answering.Request(
                List.of(prompt), List.of(""), sampling, reports, false, tools.format(), streaming);
        int[] maxNew = {served.mostNew(prompt.length, asked)};
        Job job = served.submit(List.of(prompt), sampling, maxNew, constraint, reports);
        return new Answering(served, request, new Messages(logProbs, tools.called())).answer(job, call);
    }

    private int[] prompt(Fields fields, Tools tools) {
        boolean withTools = tools.list() != null && (takesTools() || !tools.isForced());
        Map<String, @Nullable Object> variables = new LinkedHashMap<>();
        fields.get("chat_template_kwargs")
                .ifPresent(json -> variables.putAll(map(fields, "chat_template_kwargs", json)));
        variables.put("messages", messages(fields));
        boolean prompts = fields.flag("add_generation_prompt", true);
        try {
            if (withTools) {
                requireTools(fields);
                variables.put("tools", MAPPER.convertValue(tools.list(), Object.class));
            }
            ChatTemplate template =
                    templates.computeIfAbsent(withTools, forTools -> ChatTemplate.of(served.tokenizer(), "", forTools));
            String text = template.render(variables, prompts).text();
            return served.tokenizer().encode(text, false);
        } catch (UserError e) {
            throw new ApiError(400, String.valueOf(e.getMessage()), "messages", "");
        }
    }

    private boolean takesTools() {
        return served.tokenizer().chatTemplates().values().stream().anyMatch(source -> source.contains("tools"));
    }

    private void requireTools(Fields fields) {
        if (!takesTools()) {
            throw fields.error("tools", "are not known to this model's chat template");
        }
    }

    private static List<Map<String, Object>> messages(Fields fields) {
        JsonNode given = fields.get("messages").orElseThrow(() -> fields.error("messages", "is missing"));
        if (!given.isArray() || given.isEmpty()) {
            throw fields.error("messages", "must be a list of at least one message");
        }
        List<Map<String, Object>> messages = new ArrayList<>();
        for (JsonNode message : given) {
            String place = "messages[" + messages.size() + "]";
            Map<String, Object> map = map(fields, place, message);
            if (!message.path("role").isTextual()
                    || message.get("role").textValue().isEmpty()) {
                throw fields.error(place + ".role", "must be a text, such as user");
            }
            map.put("content", content(fields, place, message.get("content")));
            if (message.path("tool_calls").isArray()) {
                map.put("tool_calls", calls(fields, place, message.get("tool_calls")));
            }
            messages.add(map);
        }
        return messages;
    }

    /** Calls of tools in an earlier answer: templates take their arguments as objects. */
    private static Object calls(Fields fields, String place, JsonNode given) {
        JsonNode calls = given.deepCopy();
        for (JsonNode call : calls) {
            JsonNode arguments = call.at("/function/arguments");
            if (arguments.isTextual()) {
                try {
                    ((ObjectNode) call.get("function")).set("arguments", MAPPER.readTree(arguments.textValue()));
                } catch (JsonProcessingException e) {
                    throw fields.error(place + ".tool_calls", "must have arguments that are JSON");
                }
            }
        }
        return MAPPER.convertValue(calls, Object.class);
    }

    /** A text; the texts of a list of parts are lines of it. */
    private static String content(Fields fields, String place, @Nullable JsonNode content) {
        if (content == null || content.isNull()) {
            return "";
        }
        if (content.isTextual()) {
            return content.textValue();
        }
        List<String> texts = new ArrayList<>();
        for (JsonNode part : content) {
            if (!part.path("text").isTextual()
                    || !part.path("type").asText("text").endsWith("text")) {
                throw fields.error(
                        place + ".content", "must be a text, or parts of type text: this model reads nothing else");
            }
            texts.add(part.get("text").textValue());
        }
        return String.join("\n", texts);
    }

    private static Map<String, Object> map(Fields fields, String place, JsonNode json) {
        if (!(json instanceof ObjectNode)) {
            throw fields.error(place, "must be an object");
        }
        return MAPPER.convertValue(json, new TypeReference<LinkedHashMap<String, Object>>() {});
    }

    /** What OpenAI's chat.completion looks like. */
    private final class Messages implements Answering.Shape {
        private final boolean logProbs;
        private final String called; // the tool whose arguments are the text; empty: none
        private final Set<Integer> begun = new HashSet<>(); // choices with such a call

        Messages(boolean logProbs, String called) {
            this.logProbs = logProbs;
            this.called = called;
        }

        @Override
        public String idPrefix() {
            return "chatcmpl-";
        }

        @Override
        public String object(boolean isPiece) {
            return isPiece ? "chat.completion.chunk" : "chat.completion";
        }

        @Override
        public List<ObjectNode> first(Choice choice) {
            ObjectNode json = JsonNodeFactory.instance.objectNode().put("index", choice.index());
            json.putObject("delta").put("role", "assistant").put("content", "");
            json.putNull("logprobs");
            json.putNull("finish_reason");
            return List.of(json);
        }

        @Override
        public ObjectNode whole(Choice choice) {
            ObjectNode json = JsonNodeFactory.instance.objectNode().put("index", choice.index());
            ObjectNode message = json.putObject("message").put("role", "assistant");
            String text = choice.takeText();
            List<ToolCall> calls = called.isEmpty() ? choice.takeCalls() : List.of(new ToolCall(called, text));
            boolean isText = called.isEmpty() && !(text.isEmpty() && !calls.isEmpty());
            message.put("content", isText ? text : null).putNull("refusal");
            if (!calls.isEmpty()) {
                ArrayNode all = message.putArray("tool_calls");
                calls.forEach(call -> all.add(json(call, choice)));
            }
            return rest(json, choice);
        }

        @Override
        public ObjectNode piece(Choice choice) {
            ObjectNode json = JsonNodeFactory.instance.objectNode().put("index", choice.index());
            String text = choice.takeText();
            ObjectNode delta = json.putObject("delta");
            if (!called.isEmpty()) {
                arguments(delta, choice, text);
            } else if (!text.isEmpty()) {
                delta.put("content", text);
            }
            List<ToolCall> calls = choice.takeCalls();
            int index = choice.callsBefore(calls);
            for (ToolCall call : calls) {
                delta.withArray("tool_calls").add(json(call, choice).put("index", index++));
            }
            return rest(json, choice);
        }

        /** A piece of the arguments of the named tool. */
        private void arguments(ObjectNode delta, Choice choice, String text) {
            ObjectNode call;
            if (begun.add(choice.index())) {
                call = json(new ToolCall(called, text), choice);
            } else if (text.isEmpty()) {
                return;
            } else {
                call = JsonNodeFactory.instance.objectNode();
                call.putObject("function").put("arguments", text);
            }
            delta.putArray("tool_calls").add(call.put("index", 0));
        }

        private ObjectNode json(ToolCall call, Choice choice) {
            ObjectNode json = JsonNodeFactory.instance.objectNode();
            json.put("id", ToolCall.newId(choice.toolFormat())).put("type", "function");
            json.putObject("function").put("name", call.name()).put("arguments", call.arguments());
            return json;
        }

        private ObjectNode rest(ObjectNode json, Choice choice) {
            List<Choice.Token> tokens = choice.takeTokens();
            if (logProbs) {
                ArrayNode content = json.putObject("logprobs").putArray("content");
                tokens.forEach(token -> content.add(token(token)));
            } else {
                json.putNull("logprobs");
            }
            return json.put("finish_reason", choice.finishReason());
        }

        private ObjectNode token(Choice.Token token) {
            ObjectNode json = one(token.id(), token.logProb());
            ArrayNode tops = json.putArray("top_logprobs");
            TopTokens top = token.top();
            for (int i = 0; top != null && i < top.ids().length; i++) {
                tops.add(one(top.ids()[i], top.logProbs()[i]));
            }
            return json;
        }

        private ObjectNode one(int tokenId, double logProb) {
            ObjectNode json = JsonNodeFactory.instance
                    .objectNode()
                    .put("token", served.strings().of(tokenId))
                    .put("logprob", logProb);
            ArrayNode bytes = json.putArray("bytes");
            for (byte value : served.strings().bytes(tokenId)) {
                bytes.add(value & 0xFF);
            }
            return json;
        }
    }
}
