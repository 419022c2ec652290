package io.github.rlhf4j.datasets;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.rlhf4j.datasets.chat.ChatMessage;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;

/**
 * Records as JSON objects with the columns of {@link RecordKind#columns}, and {@code id}, {@code use_case} and further columns where known: what the readers recognise, so a
 * file written line by line with {@link #toLine} opens again as the same records.
 */
public final class RecordJson {
    static final ObjectMapper MAPPER = new ObjectMapper(JsonFactory.builder()
                    .streamReadConstraints(StreamReadConstraints.builder()
                            .maxStringLength(Integer.MAX_VALUE) // the readers have a limit of their own
                            .build())
                    .build())
            .enable(SerializationFeature.ORDER_MAP_ENTRIES_BY_KEYS);

    private static final String COLUMNS = "columns";

    private RecordJson() {}

    /** One line without its line feed. */
    public static String toLine(DataRecord dataRecord) {
        return text(withColumns(dataRecord));
    }

    /** The same as a map of plain values, in the same order. */
    public static Map<String, Object> toMap(DataRecord dataRecord) {
        return MAPPER.convertValue(withColumns(dataRecord), new TypeReference<LinkedHashMap<String, Object>>() {});
    }

    private static ObjectNode withColumns(DataRecord dataRecord) {
        ObjectNode node = node(dataRecord);
        ColumnValues.node(dataRecord.tags().columns())
                .properties()
                .forEach(column -> node.putIfAbsent(column.getKey(), column.getValue()));
        return node;
    }

    /** As {@link #toLine}, with the further columns apart, so that {@link #fromStored} tells them. */
    static String toStoredLine(DataRecord dataRecord) {
        ObjectNode node = node(dataRecord);
        if (!dataRecord.tags().columns().isEmpty()) {
            node.set(COLUMNS, ColumnValues.node(dataRecord.tags().columns()));
        }
        return text(node);
    }

    private static ObjectNode node(DataRecord dataRecord) {
        ObjectNode node = MAPPER.createObjectNode();
        if (dataRecord instanceof TextRecord text) {
            node.put("text", text.text());
        } else if (dataRecord instanceof Prompt prompt) {
            node.set("prompt", json(prompt.prompt()));
        } else if (dataRecord instanceof PromptCompletion demonstration) {
            node.set("prompt", json(demonstration.prompt()));
            node.set("completion", json(demonstration.completion()));
        } else if (dataRecord instanceof Conversation conversation) {
            node.set("messages", json(Content.of(conversation.messages())));
        } else if (dataRecord instanceof PreferencePair pair) {
            node.set("prompt", json(pair.prompt()));
            node.set("chosen", json(pair.chosen()));
            node.set("rejected", json(pair.rejected()));
            pair.margin().ifPresent(margin -> node.put("margin", margin));
        } else if (dataRecord instanceof UnpairedPreference unpaired) {
            node.set("prompt", json(unpaired.prompt()));
            node.set("completion", json(unpaired.completion()));
            node.put("label", unpaired.label());
        } else if (dataRecord instanceof StepwiseSupervision steps) {
            node.set("prompt", json(steps.prompt()));
            ArrayNode completions = node.putArray("completions");
            steps.completions().forEach(completions::add);
            ArrayNode labels = node.putArray("labels");
            steps.labels().forEach(labels::add);
        } else if (dataRecord instanceof Ranking ranking) {
            node.set("prompt", json(ranking.prompt()));
            ArrayNode responses = node.putArray("responses");
            ranking.responses().forEach(response -> responses.add(json(response)));
            ArrayNode ranks = node.putArray("ranks");
            ranking.ranks().forEach(ranks::add);
            ranking.margin().ifPresent(margin -> node.put("margin", margin));
        }
        putTag(node, "id", dataRecord.tags().id());
        putTag(node, "use_case", dataRecord.tags().useCase());
        return node;
    }

    private static String text(ObjectNode node) {
        try {
            return MAPPER.writeValueAsString(node);
        } catch (JsonProcessingException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The row that {@link RecordSet#storedFrom} gave. */
    public static DataRecord fromStored(RecordKind kind, byte[] line) {
        JsonNode node;
        try {
            node = MAPPER.readTree(line);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        RowTags tags = new RowTags(
                node.path("id").asText(""),
                node.path("use_case").asText(""),
                node.has(COLUMNS) ? ColumnValues.map(node.get(COLUMNS)) : Map.of());
        return switch (kind) {
            case TEXT -> new TextRecord(node.get("text").textValue(), tags);
            case PROMPT -> new Prompt(content(node.get("prompt")), tags);
            case PROMPT_COMPLETION ->
                new PromptCompletion(content(node.get("prompt")), content(node.get("completion")), tags);
            case CONVERSATION -> new Conversation(messages(node.get("messages")), tags);
            case PREFERENCE ->
                new PreferencePair(
                        content(node.get("prompt")),
                        content(node.get("chosen")),
                        content(node.get("rejected")),
                        margin(node),
                        tags);
            case UNPAIRED_PREFERENCE ->
                new UnpairedPreference(
                        content(node.get("prompt")),
                        content(node.get("completion")),
                        node.get("label").booleanValue(),
                        tags);
            case STEPWISE_SUPERVISION -> {
                List<String> completions = new ArrayList<>();
                node.get("completions").forEach(step -> completions.add(step.textValue()));
                List<Boolean> labels = new ArrayList<>();
                node.get("labels").forEach(label -> labels.add(label.booleanValue()));
                yield new StepwiseSupervision(content(node.get("prompt")), completions, labels, tags);
            }
            case RANKING -> {
                List<Content> responses = new ArrayList<>();
                node.get("responses").forEach(response -> responses.add(content(response)));
                List<Integer> ranks = new ArrayList<>();
                node.get("ranks").forEach(rank -> ranks.add(rank.intValue()));
                yield new Ranking(content(node.get("prompt")), responses, ranks, margin(node), tags);
            }
        };
    }

    private static OptionalDouble margin(JsonNode node) {
        return node.has("margin") ? OptionalDouble.of(node.get("margin").doubleValue()) : OptionalDouble.empty();
    }

    private static void putTag(ObjectNode node, String name, String value) {
        if (!value.isEmpty()) {
            node.put(name, value);
        }
    }

    /** A text, or a list of messages with role and content: what a column of a record has. */
    public static JsonNode json(Content content) {
        if (content instanceof Content.Text text) {
            return MAPPER.getNodeFactory().textNode(text.text());
        }
        ArrayNode array = MAPPER.createArrayNode();
        for (ChatMessage message : ((Content.Messages) content).messages()) {
            array.addObject().put("role", message.role()).put("content", message.content());
        }
        return array;
    }

    private static Content content(JsonNode node) {
        return node.isTextual() ? Content.of(node.textValue()) : Content.of(messages(node));
    }

    private static List<ChatMessage> messages(JsonNode node) {
        List<ChatMessage> messages = new ArrayList<>();
        node.forEach(message -> messages.add(new ChatMessage(
                message.get("role").textValue(), message.get("content").textValue())));
        return messages;
    }
}
