package io.github.rlhf4j.core.generation;

import com.fasterxml.jackson.databind.JsonNode;
import io.github.rlhf4j.core.UserError;
import io.github.rlhf4j.core.tokenizer.Tokenizer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** Tokens of a line that is to be scored. */
final class ScoringInput {
    private static final List<String> FORMS = List.of("ids", "text", "prompt", "messages");
    private static final String EXPECTED =
            "must have \"ids\", \"text\", \"prompt\" with \"completion\", or \"messages\", one of them";

    private final Tokenizer tokenizer;
    private final MessageTokens messages;

    ScoringInput(Tokenizer tokenizer, MessageTokens messages) {
        this.tokenizer = tokenizer;
        this.messages = messages;
    }

    /** @throws UserError that does not name the line */
    int[] ids(JsonNode row) {
        List<String> present = new ArrayList<>(FORMS);
        present.removeIf(form -> !row.hasNonNull(form));
        if (present.size() != 1) {
            throw new UserError(
                    "the line has " + (present.isEmpty() ? "none of these" : present) + ", but " + EXPECTED);
        }
        int[] ids = switch (present.get(0)) {
            case "ids" -> numbers(row.get("ids"));
            case "text" -> tokenizer.encode(text(row, "text"), true);
            case "prompt" -> joint(text(row, "prompt"), text(row, "completion"));
            default -> messages.encode(row.get("messages"));
        };
        if (ids.length == 0) {
            throw new UserError("there is no token to score: " + present.get(0) + " must not be empty");
        }
        return ids;
    }

    private static String text(JsonNode row, String key) {
        JsonNode value = row.path(key);
        if (!value.isTextual()) {
            throw new UserError(
                    "\"" + key + "\" must be a text, but is " + (value.isMissingNode() ? "missing" : value));
        }
        return value.textValue();
    }

    private static int[] numbers(JsonNode array) {
        int[] ids = new int[array.size()];
        for (int i = 0; i < ids.length; i++) {
            if (!array.get(i).isInt()) {
                throw new UserError("\"ids\" must be a list of token ids, but holds " + array.get(i));
            }
            ids[i] = array.get(i).intValue();
        }
        if (!array.isArray()) {
            throw new UserError("\"ids\" must be a list of token ids, but is " + array);
        }
        return ids;
    }

    /** Prompt and completion as one text, with one end token: as training sees them. */
    private int[] joint(String prompt, String completion) {
        int end = tokenizer
                .eosId()
                .orElseThrow(() -> new UserError("the tokenizer has no end token to close the completion with:"
                        + " name one as eos_token in the model's tokenizer_config.json, or give \"ids\""));
        String endText = tokenizer.token(end);
        String text = prompt + completion;
        int[] ids = tokenizer.encode(text.endsWith(endText) ? text : text + endText, true);
        if (ids.length == 0 || ids[ids.length - 1] != end) {
            ids = Arrays.copyOf(ids, ids.length + 1);
            ids[ids.length - 1] = end;
        }
        boolean startsWithoutContext = prompt.isEmpty() && tokenizer.encode("", true).length == 0;
        return startsWithoutContext ? prepend(tokenizer.bosId().orElse(end), ids) : ids;
    }

    private static int[] prepend(int first, int[] ids) {
        int[] result = new int[ids.length + 1];
        result[0] = first;
        System.arraycopy(ids, 0, result, 1, ids.length);
        return result;
    }
}
