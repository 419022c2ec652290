package io.github.rlhf4j.datasets;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.rlhf4j.datasets.io.Row;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * Rows as Stanford Alpaca has them: an instruction, perhaps an input to it, and the output. Converted as LLaMA-Factory does: the prompt is instruction, line feed, input; with a {@code
 * system} text or a {@code history} of [question, answer] it is the messages of a chat.
 */
final class AlpacaRows {
    static final List<String> INSTRUCTION = List.of("instruction", "question");
    static final List<String> INPUT = List.of("input", "context");
    static final List<String> OUTPUT = List.of("output", "response");
    static final String SYSTEM = "system";
    static final String HISTORY = "history";

    /** Taori et al. 2023, stanford_alpaca/train.py, PROMPT_DICT. */
    private static final String BELOW = "Below is an instruction that describes a task";

    private static final String WRITE = "Write a response that appropriately completes the request.\n\n";

    private AlpacaRows() {}

    static boolean isDemonstration(Set<String> found) {
        return found.contains("instruction")
                && (found.contains("output") || found.contains("response"))
                && Set.of("prompt", "completion", "question", "answer", "chosen", "rejected", "messages", "label")
                        .stream()
                        .noneMatch(found::contains);
    }

    static boolean isPair(Set<String> found) {
        return (found.contains("instruction") || found.contains("question"))
                && found.containsAll(Set.of("chosen", "rejected"))
                && Set.of("prompt", "messages", "conversations").stream().noneMatch(found::contains);
    }

    /** The row as prompt and completion, or chosen and rejected. */
    static ObjectNode standard(Row row) {
        String system = text(row, List.of(SYSTEM));
        JsonNode history = row.columns().path(HISTORY);
        String asked = prompt(row);
        ObjectNode standard = KnownLayout.tags(row);
        boolean isChat = !system.isBlank() || history.size() > 0;
        standard.set("prompt", isChat ? messages(row, system, history, asked) : textNode(asked));
        for (String answer : List.of("chosen", "rejected")) {
            if (row.columns().has(answer)) {
                standard.set(answer, answer(row.columns().path(answer), isChat));
            }
        }
        Optional<String> output = OUTPUT.stream().filter(row.columns()::has).findFirst();
        output.ifPresent(name -> standard.set("completion", answer(row.columns().path(name), isChat)));
        return standard;
    }

    /** The same with the prompt text that Stanford's models were trained with. */
    static ObjectNode withPromptText(Row row) {
        if (!text(row, List.of(SYSTEM)).isBlank() || row.columns().path(HISTORY).size() > 0) {
            throw RowParser.wrong(row, "alpaca_prompt has no place for \"system\" or \"history\"; use format: alpaca");
        }
        ObjectNode standard = standard(row);
        String instruction = text(row, INSTRUCTION);
        String input = text(row, INPUT);
        String prompt = input.isEmpty()
                ? BELOW + ". " + WRITE + "### Instruction:\n" + instruction + "\n\n### Response:"
                : BELOW + ", paired with an input that provides further context. " + WRITE + "### Instruction:\n"
                        + instruction + "\n\n### Input:\n" + input + "\n\n### Response:";
        return standard.put("prompt", prompt);
    }

    private static String prompt(Row row) {
        String instruction = text(row, INSTRUCTION);
        String input = text(row, INPUT);
        return instruction + (instruction.isEmpty() || input.isEmpty() ? "" : "\n") + input;
    }

    private static ArrayNode messages(Row row, String system, JsonNode history, String asked) {
        ArrayNode messages = JsonNodeFactory.instance.arrayNode();
        if (!system.isBlank()) {
            add(messages, "system", textNode(system));
        }
        for (JsonNode turn : history) {
            if (!turn.isArray()
                    || turn.size() != 2
                    || !turn.get(0).isTextual()
                    || !turn.get(1).isTextual()) {
                throw RowParser.wrong(
                        row, "\"history\" must hold pairs such as [\"question\", \"answer\"], but holds " + turn);
            }
            add(messages, "user", turn.get(0));
            add(messages, "assistant", turn.get(1));
        }
        add(messages, "user", textNode(asked));
        return messages;
    }

    private static JsonNode answer(JsonNode answer, boolean isChat) {
        if (!isChat || !answer.isTextual()) {
            return answer;
        }
        ArrayNode messages = JsonNodeFactory.instance.arrayNode();
        add(messages, "assistant", answer);
        return messages;
    }

    private static void add(ArrayNode messages, String role, JsonNode content) {
        messages.addObject().put("role", role).set("content", content);
    }

    /** The text of the first of these columns that the row has; empty where it has none or null. */
    private static String text(Row row, List<String> names) {
        for (String name : names) {
            JsonNode value = row.columns().path(name);
            if (value.isTextual()) {
                return value.textValue();
            }
            if (!value.isMissingNode() && !value.isNull()) {
                throw RowParser.wrong(row, "\"" + name + "\" must be a text, but is " + RowParser.quoted(value));
            }
        }
        return "";
    }

    private static JsonNode textNode(String text) {
        return JsonNodeFactory.instance.textNode(text);
    }
}
