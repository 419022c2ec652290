package io.github.rlhf4j.datasets.lines;

import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.rlhf4j.core.UserError;
import io.github.rlhf4j.core.tokenizer.HuggingFaceTokenizer;
import io.github.rlhf4j.core.tokenizer.StreamingDecoder;
import io.github.rlhf4j.datasets.chat.AssistantMask;
import io.github.rlhf4j.datasets.chat.ChatMessage;
import io.github.rlhf4j.datasets.chat.ChatTemplate;
import io.github.rlhf4j.jinja.JinjaTemplate.Rendered;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Tokenises lines of JSON.
 *
 * <p>{@code {"text":, "add_special_tokens": true, "split_special_tokens": false}} becomes {@code {"ids": [...]}}; {@code {"ids": [...]}} becomes {@code {"text":, "pieces": [...]}}, the
 * pieces as a streaming decoder gives them. {@code {"messages": [...], "add_generation_prompt": false, "chat_template": name or source}} with any further variables of the template
 * becomes {@code {"text":, "ids": [...], "assistant_masks": [...]}}, as transformers' apply_chat_template; without the mask where it cannot be told.
 */
public final class LineTokenizer {
    private static final ObjectMapper MAPPER = new ObjectMapper();
    private static final String PROMPT = "add_generation_prompt";
    private static final String TEMPLATE = "chat_template";
    private static final Set<String> OF_TEXT = Set.of("text", "add_special_tokens", "split_special_tokens");

    private final HuggingFaceTokenizer tokenizer;
    private final Map<String, ChatTemplate> templates = new HashMap<>();

    /** @param tokenizer with its chat templates; the caller's */
    public LineTokenizer(HuggingFaceTokenizer tokenizer) {
        this.tokenizer = tokenizer;
    }

    /**
     * What a line becomes.
     *
     * @throws UserError where it is of none of the forms, or the template refuses it
     */
    public ObjectNode of(JsonNode line) {
        if (line.path("text").isTextual()) {
            return text(line);
        }
        if (line.path("ids").isArray()) {
            return ids(line.path("ids"));
        }
        if (line.path("messages").isArray()) {
            return messages(line);
        }
        throw new UserError("a line must have \"text\", \"messages\" or \"ids\", but is " + line);
    }

    private ObjectNode text(JsonNode line) {
        line.fieldNames().forEachRemaining(key -> {
            if (!OF_TEXT.contains(key)) {
                throw new UserError("\"" + key + "\" is not a key of a line with \"text\"");
            }
        });
        boolean special = line.path("add_special_tokens").asBoolean(true);
        boolean split = line.path("split_special_tokens").asBoolean(false);
        return withIds(
                JsonNodeFactory.instance.objectNode(),
                tokenizer.encode(line.path("text").textValue(), special, split));
    }

    private ObjectNode ids(JsonNode given) {
        int[] ids = new int[given.size()];
        for (int i = 0; i < ids.length; i++) {
            ids[i] = given.get(i).asInt(-1);
            if (ids[i] < 0 || ids[i] >= tokenizer.vocabSize()) {
                throw new UserError("ids must be in [0, " + tokenizer.vocabSize() + "), but one is " + given.get(i));
            }
        }
        ObjectNode result = JsonNodeFactory.instance.objectNode().put("text", tokenizer.decode(ids, true));
        ArrayNode pieces = result.putArray("pieces");
        StreamingDecoder decoder = tokenizer.streamingDecoder();
        for (int id : ids) {
            pieces.add(decoder.push(id));
        }
        pieces.add(decoder.finish());
        return result;
    }

    private ObjectNode messages(JsonNode line) {
        ChatTemplate template = templates.computeIfAbsent(
                line.path(TEMPLATE).asText(), name -> ChatTemplate.of(tokenizer, name, line.hasNonNull("tools")));
        boolean prompt = line.path(PROMPT).asBoolean(false);
        Map<String, Object> variables =
                MAPPER.convertValue(line, new TypeReference<LinkedHashMap<String, Object>>() {});
        variables.remove(TEMPLATE);
        variables.remove(PROMPT);
        Rendered rendered = template.render(variables, prompt);
        ObjectNode result = JsonNodeFactory.instance.objectNode().put("text", rendered.text());
        Optional<AssistantMask> mask = prompt ? Optional.empty() : mask(line, variables, template, rendered);
        if (mask.isEmpty()) {
            return withIds(result, tokenizer.encode(rendered.text(), false));
        }
        withIds(result, mask.get().ids());
        ArrayNode says = result.putArray("assistant_masks");
        for (boolean isAssistant : mask.get().isAssistant()) {
            says.add(isAssistant ? 1 : 0);
        }
        return result;
    }

    private Optional<AssistantMask> mask(
            JsonNode line, Map<String, Object> variables, ChatTemplate template, Rendered rendered) {
        if (template.marksGeneration()) {
            return Optional.of(AssistantMask.of(rendered, tokenizer));
        }
        Optional<List<ChatMessage>> plain = plain(line.path("messages"));
        if (plain.isEmpty() || variables.size() > 1) {
            return Optional.empty();
        }
        try {
            return Optional.of(AssistantMask.of(plain.get(), template, tokenizer, false));
        } catch (UserError e) {
            return Optional.empty(); // the template writes earlier turns anew, or wants another order of turns
        }
    }

    /** Messages of a role and a text, empty where there are others. */
    private static Optional<List<ChatMessage>> plain(JsonNode messages) {
        List<ChatMessage> list = new ArrayList<>();
        for (Iterator<JsonNode> each = messages.elements(); each.hasNext(); ) {
            JsonNode message = each.next();
            if (message.size() != 2
                    || !message.path("role").isTextual()
                    || !message.path("content").isTextual()) {
                return Optional.empty();
            }
            list.add(new ChatMessage(
                    message.path("role").textValue(), message.path("content").textValue()));
        }
        return Optional.of(list);
    }

    private static ObjectNode withIds(ObjectNode result, int[] ids) {
        ArrayNode array = result.putArray("ids");
        for (int id : ids) {
            array.add(id);
        }
        return result;
    }
}
