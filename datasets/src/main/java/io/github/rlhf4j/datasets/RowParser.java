package io.github.rlhf4j.datasets;

import com.fasterxml.jackson.databind.JsonNode;
import io.github.rlhf4j.core.Printable;
import io.github.rlhf4j.core.UserError;
import io.github.rlhf4j.datasets.chat.ChatMessage;
import io.github.rlhf4j.datasets.io.Row;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalDouble;

/** Turns a row into a record, or says why it is left out; what is not of the format at all is a UserError with file and line. */
final class RowParser {
    private final RowFormat format;
    private final KeptColumns kept;

    RowParser(RowFormat format, KeptColumns kept) {
        this.format = format;
        this.kept = kept;
    }

    /** Thrown for a well-formed row of which nothing can be learned; the message is the reason. */
    static final class DroppedRow extends Exception {
        private static final long serialVersionUID = 1L;

        DroppedRow(String reason) {
            super(reason, null, false, false);
        }
    }

    DataRecord parse(Row row) throws DroppedRow {
        return switch (format.kind()) {
            case TEXT -> new TextRecord(notBlank(text(row, "text"), "text"), tags(row));
            case PROMPT -> new Prompt(content(row, "prompt"), tags(row));
            case PROMPT_COMPLETION -> demonstration(row);
            case CONVERSATION -> conversation(row);
            case PREFERENCE -> pair(row);
            case UNPAIRED_PREFERENCE -> unpaired(row);
            case STEPWISE_SUPERVISION -> stepwise(row);
            case RANKING -> new RankingParser(this, row).parse();
        };
    }

    private PromptCompletion demonstration(Row row) throws DroppedRow {
        Content completion = notBlank(content(row, "completion"), "completion");
        return new PromptCompletion(like(row, completion, content(row, "prompt")), completion, tags(row));
    }

    private Conversation conversation(Row row) throws DroppedRow {
        List<ChatMessage> messages = messages(row, "messages", value(row, "messages"));
        if (messages.isEmpty()) {
            throw new DroppedRow("messages is empty");
        }
        return new Conversation(messages, tags(row));
    }

    private PreferencePair pair(Row row) throws DroppedRow {
        Content chosen = content(row, "chosen");
        Content rejected = content(row, "rejected");
        if (chosen.getClass() != rejected.getClass()) {
            throw wrong(row, "chosen and rejected must both be texts or both be lists of messages");
        }
        if (chosen.equals(rejected)) {
            throw new DroppedRow("chosen and rejected are equal");
        }
        JsonNode given = format.value(row, "prompt");
        if (given.isMissingNode() && !isNull(row, "prompt")) {
            return pair(row, ImplicitPrompt.split(chosen, rejected));
        }
        if (given.isTextual() && chosen instanceof Content.Messages) {
            ImplicitPrompt split = ImplicitPrompt.split(chosen, rejected);
            if (!split.prompt().isBlank()) { // the lists repeat the prompt, as UltraFeedback's do
                return pair(row, split);
            }
        }
        return pair(row, new ImplicitPrompt(like(row, chosen, content(row, "prompt")), chosen, rejected));
    }

    private PreferencePair pair(Row row, ImplicitPrompt parts) throws DroppedRow {
        Content chosen = notBlank(parts.chosen(), "chosen response");
        Content rejected = notBlank(parts.rejected(), "rejected response");
        return new PreferencePair(parts.prompt(), chosen, rejected, margin(row), tags(row));
    }

    /** How much more a reward model should give the better response, where the row says so. */
    OptionalDouble margin(Row row) {
        JsonNode value = format.value(row, "margin");
        if (value.isMissingNode() || (value.isTextual() && value.textValue().isEmpty())) {
            return OptionalDouble.empty();
        }
        double margin = number(value.asText().trim());
        if (!Double.isFinite(margin)) {
            throw wrong(
                    row,
                    "\"margin\" must be a number, how much more a reward model should give the better response, but is "
                            + quoted(value.toString()) + "; rename the column where it means something else");
        }
        return OptionalDouble.of(margin);
    }

    private static double number(String text) {
        try {
            return Double.parseDouble(text);
        } catch (NumberFormatException e) {
            return Double.NaN;
        }
    }

    private UnpairedPreference unpaired(Row row) throws DroppedRow {
        PromptCompletion demonstration = demonstration(row);
        return new UnpairedPreference(
                demonstration.prompt(), demonstration.completion(), label(row), demonstration.tags());
    }

    private boolean label(Row row) {
        JsonNode label = value(row, "label");
        return isTrue(label)
                .orElseThrow(() -> wrong(
                        row,
                        "\"label\" must be true or false (1 or 0), but is %s; where it is not what people think of the completion, give format: prompt_completion"
                                .formatted(quoted(label))));
    }

    private static Optional<Boolean> isTrue(JsonNode label) {
        return switch (label.asText().toLowerCase(Locale.ROOT)) {
            case "true", "1", "1.0" -> Optional.of(true);
            case "false", "0", "0.0" -> Optional.of(false);
            default -> Optional.empty();
        };
    }

    private StepwiseSupervision stepwise(Row row) throws DroppedRow {
        JsonNode steps = value(row, "completions");
        JsonNode marks = value(row, "labels");
        if (!steps.isArray() || !marks.isArray() || steps.size() != marks.size()) {
            throw wrong(
                    row,
                    "\"completions\" and \"labels\" must be lists of the same length, a text and a label for each step, but are "
                            + quoted(steps) + " and " + quoted(marks));
        }
        if (steps.isEmpty()) {
            throw new DroppedRow("completions is empty");
        }
        List<String> completions = new ArrayList<>();
        List<Boolean> labels = new ArrayList<>();
        for (int i = 0; i < steps.size(); i++) {
            JsonNode step = steps.get(i);
            JsonNode mark = marks.get(i);
            if (!step.isTextual()) {
                throw wrong(row, "\"completions\" must hold texts, a step each, but holds " + quoted(step));
            }
            completions.add(notBlank(step.textValue(), "a step of completions"));
            labels.add(isTrue(mark)
                    .orElseThrow(() ->
                            wrong(row, "\"labels\" must hold true or false (1 or 0), but holds " + quoted(mark))));
        }
        return new StepwiseSupervision(content(row, "prompt"), completions, labels, tags(row));
    }

    RowTags tags(Row row) {
        return new RowTags(
                format.value(row, "id").asText(""),
                format.value(row, "use_case").asText(""),
                kept.of(row.given(), format.columns().getOrDefault("prompt", "prompt")));
    }

    /** A prompt given as text before responses that are messages is what the user said. */
    Content like(Row row, Content response, Content prompt) {
        if (response instanceof Content.Messages && prompt instanceof Content.Text text) {
            return Content.of(text.text().isEmpty() ? List.of() : List.of(new ChatMessage("user", text.text())));
        }
        if (response instanceof Content.Text text && prompt instanceof Content.Messages) {
            throw wrong(
                    row,
                    "where the prompt is a list of messages, the response must be one too, but is "
                            + quoted(text.text()));
        }
        return prompt;
    }

    Content content(Row row, String name) {
        return content(row, name, value(row, name));
    }

    Content content(Row row, String name, JsonNode value) {
        if (value.isTextual()) {
            return Content.of(value.textValue());
        }
        if (value.isArray()) {
            return Content.of(messages(row, name, value));
        }
        if (value.isObject()) { // one message
            return Content.of(List.of(message(row, name, value)));
        }
        throw wrong(row, "\"" + name + "\" must be a text or a list of messages, but is " + quoted(value));
    }

    JsonNode value(Row row, String name) {
        JsonNode value = format.value(row, name);
        if (value.isMissingNode()) {
            throw wrong(
                    row,
                    isNull(row, name)
                            ? "column \"%s\" is null; write \"\" for an empty text, or leave the row out"
                                    .formatted(format.columns().getOrDefault(name, name))
                            : "column \"%s\" is missing; the format %s has %s"
                                    .formatted(
                                            format.columns().getOrDefault(name, name),
                                            format.kind().configName(),
                                            format.kind().columns()));
        }
        if (value.isBinary()) {
            throw wrong(
                    row,
                    "the column \"%s\" is not UTF-8 text"
                            .formatted(format.columns().getOrDefault(name, name)));
        }
        return value;
    }

    /** Whether the row has the column, but nothing in it. */
    private boolean isNull(Row row, String name) {
        return row.columns().path(format.columns().getOrDefault(name, name)).isNull();
    }

    static UserError wrong(Row row, String what) {
        return new UserError(row.file() + " line " + row.line() + ": " + Printable.line(what));
    }

    static Content notBlank(Content content, String name) throws DroppedRow {
        if (content.isBlank()) {
            throw new DroppedRow(name + " is empty");
        }
        return content;
    }

    private static String notBlank(String text, String name) throws DroppedRow {
        notBlank(Content.of(text), name);
        return text;
    }

    private String text(Row row, String name) {
        JsonNode value = value(row, name);
        if (!value.isTextual()) {
            throw wrong(row, "\"" + name + "\" must be a text, but is " + quoted(value));
        }
        return value.textValue();
    }

    private List<ChatMessage> messages(Row row, String name, JsonNode value) {
        if (!value.isArray()) {
            throw wrong(row, "\"" + name + "\" must be a list of messages, but is " + quoted(value));
        }
        List<ChatMessage> messages = new ArrayList<>();
        for (JsonNode message : value) {
            messages.add(message(row, name, message));
        }
        return messages;
    }

    /** A message {role, content}, or ShareGPT's {from, value}. */
    private static ChatMessage message(Row row, String name, JsonNode message) {
        boolean isShareGpt = message.has("from") && message.has("value") && !message.hasNonNull("role");
        JsonNode role = message.path(isShareGpt ? "from" : "role");
        JsonNode content = message.path(isShareGpt ? "value" : "content");
        if (!role.isTextual() || !content.isTextual() || role.textValue().isEmpty()) {
            throw wrong(
                    row,
                    "\"%s\" must hold messages such as {\"role\": \"user\", \"content\": \"...\"}, but holds %s"
                            .formatted(name, quoted(message)));
        }
        String speaker = isShareGpt
                ? ShareGptRows.role(role.textValue())
                        .orElseThrow(() -> wrong(
                                row,
                                "\"from\" must be one of " + ShareGptRows.names() + ", but is \"" + role.textValue()
                                        + "\""))
                : role.textValue();
        return new ChatMessage(speaker, content.textValue());
    }

    /** The beginning of a value, for messages. */
    static String quoted(JsonNode node) {
        return quoted(node.toString());
    }

    private static String quoted(String value) {
        return value.length() > 60 ? value.substring(0, 60) + "..." : value;
    }
}
