package io.github.rlhf4j.serve;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.DoubleNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.databind.node.TextNode;
import io.github.rlhf4j.core.generation.TokenConstraint;
import io.github.rlhf4j.core.generation.TopTokens;
import io.github.rlhf4j.server.Answer;
import io.github.rlhf4j.server.Call;
import io.github.rlhf4j.server.Handler;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;

/** {@code POST /v1/completions}: texts or tokens, continued. */
final class CompletionsEndpoint implements Handler {
    private static final int USUAL_TOKENS = 16; // OpenAI's
    private static final int MOST_TOP = 100;
    private static final int MOST_PROMPTS = 4096;

    private final Served served;

    CompletionsEndpoint(Served served) {
        this.served = served;
    }

    @Override
    public Answer handle(Call call) throws InterruptedException {
        Fields fields = new Fields(call.json());
        served.checkModel(fields);
        Sampling sampling = Sampling.of(fields, served.settings().maxBatch(), served.vocabulary());
        boolean special = fields.flag("add_special_tokens", true);
        boolean echo = fields.flag("echo", false);
        Optional<Integer> logProbs = fields.whole("logprobs", 0, MOST_TOP).map(Long::intValue);
        Answering.Streaming streaming = Answering.Streaming.of(fields);
        fields.refuse("suffix", "is not supported", TextNode.valueOf(""));
        TokenConstraint constraint = served.structures().of(fields);
        List<JsonNode> given = prompts(fields);
        List<int[]> prompts = given.stream()
                .map(prompt -> prompt.isTextual() ? tokens(prompt.textValue(), special) : ids(fields, prompt))
                .toList();
        fields.refuseOthers();
        int asked = sampling.maxTokens().orElse(USUAL_TOKENS);
        if (asked == 0 && !echo) {
            throw fields.error(
                    "max_tokens", "must be at least 1, but is 0: only with echo there is something to give then");
        }
        int[] maxNew = prompts.stream()
                .mapToInt(ids -> served.mostNew(ids.length, Math.max(1, asked)))
                .toArray();
        Served.Reports reports =
                new Served.Reports(logProbs.isPresent(), logProbs.orElse(0), echo && logProbs.isPresent());
        List<String> echoed = IntStream.range(0, prompts.size())
                .mapToObj(i -> echo ? text(given.get(i), prompts.get(i)) : "")
                .toList();
        Answering.Request request =
                new Answering.Request(prompts, echoed, sampling, reports, asked == 0, ToolFormat.TEXT, streaming);
        Job job = served.submit(prompts, sampling, maxNew, constraint, reports);
        return new Answering(served, request, new Pieces(logProbs)).answer(job, call);
    }

    /** Texts, or lists of token ids. */
    private static List<JsonNode> prompts(Fields fields) {
        JsonNode given = fields.get("prompt").orElseThrow(() -> fields.error("prompt", "is missing"));
        boolean isOne = given.isTextual()
                || given.isArray() && !given.isEmpty() && given.get(0).isInt();
        List<JsonNode> all = new ArrayList<>();
        if (isOne) {
            all.add(given);
        } else if (given.isArray()) {
            given.forEach(all::add);
        }
        if (all.isEmpty() || all.size() > MOST_PROMPTS) {
            throw fields.error(
                    "prompt", "must be a text, a list of token ids, or a list of these, at most " + MOST_PROMPTS);
        }
        return all;
    }

    private String text(JsonNode prompt, int[] ids) {
        return prompt.isTextual() ? prompt.textValue() : served.tokenizer().decode(ids, true);
    }

    private int[] tokens(String text, boolean special) {
        int[] plain = special ? new int[0] : served.tokenizer().encode(text, false);
        return plain.length > 0 ? plain : served.prompts().of(text);
    }

    private int[] ids(Fields fields, JsonNode list) {
        int[] ids = new int[list.size()];
        int most = Math.min(served.vocabulary(), served.tokenizer().vocabSize()) - 1;
        for (int i = 0; i < ids.length; i++) {
            JsonNode id = list.get(i);
            if (!id.isInt() || id.intValue() < 0 || id.intValue() > most) {
                throw fields.error("prompt", "must have token ids in 0 .. " + most + ", but has " + id);
            }
            ids[i] = id.intValue();
        }
        if (ids.length == 0) {
            throw fields.error("prompt", "must have at least one token");
        }
        return ids;
    }

    /** What OpenAI's text_completion looks like. */
    private final class Pieces implements Answering.Shape {
        private final Optional<Integer> logProbs;

        Pieces(Optional<Integer> logProbs) {
            this.logProbs = logProbs;
        }

        @Override
        public String idPrefix() {
            return "cmpl-";
        }

        @Override
        public String object(boolean isPiece) {
            return "text_completion";
        }

        @Override
        public List<ObjectNode> first(Choice choice) {
            return List.of();
        }

        @Override
        public ObjectNode whole(Choice choice) {
            return piece(choice);
        }

        @Override
        public ObjectNode piece(Choice choice) {
            ObjectNode json = JsonNodeFactory.instance
                    .objectNode()
                    .put("index", choice.index())
                    .put("text", choice.takeText());
            List<Choice.Token> tokens = choice.takeTokens();
            json.set("logprobs", logProbs.isPresent() ? logProbs(tokens) : null);
            return json.put("finish_reason", choice.finishReason());
        }

        private ObjectNode logProbs(List<Choice.Token> all) {
            ObjectNode json = JsonNodeFactory.instance.objectNode();
            ArrayNode tokens = json.putArray("tokens");
            ArrayNode values = json.putArray("token_logprobs");
            ArrayNode tops = json.putArray("top_logprobs");
            ArrayNode offsets = json.putArray("text_offset");
            for (Choice.Token token : all) {
                tokens.add(served.strings().of(token.id()));
                offsets.add(token.offset());
                if (Double.isNaN(token.logProb())) {
                    values.addNull();
                    tops.addNull();
                } else {
                    values.add(token.logProb());
                    tops.add(top(token));
                }
            }
            return json;
        }

        /** The most likely tokens, and the chosen one. Of two that look the same, the likelier. */
        private ObjectNode top(Choice.Token token) {
            ObjectNode json = JsonNodeFactory.instance.objectNode();
            TopTokens top = token.top();
            for (int i = 0; top != null && i < top.ids().length; i++) {
                json.putIfAbsent(served.strings().of(top.ids()[i]), DoubleNode.valueOf(top.logProbs()[i]));
            }
            json.putIfAbsent(served.strings().of(token.id()), DoubleNode.valueOf(token.logProb()));
            return json;
        }
    }
}
