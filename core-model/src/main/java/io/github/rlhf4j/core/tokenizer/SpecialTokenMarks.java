package io.github.rlhf4j.core.tokenizer;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Hides the texts of special tokens from the native library, whose own switch for that is not bound.
 *
 * <p>The first character of such a text is replaced by a mark, a character that no text holds (U+FFFFF and those before
 * it, one for each different first character). The library looks for special tokens in the text as it is given, and only
 * then normalises it, so a normaliser in front of the tokenizer's own puts the characters back: all that comes after it
 * sees the text without marks.
 */
final class SpecialTokenMarks {
    private static final int LAST_MARK = 0xFFFFF;

    private final Map<Integer, List<String>> textsByFirst = new LinkedHashMap<>();
    private final Map<Integer, Integer> marks = new LinkedHashMap<>();

    SpecialTokenMarks(ArrayNode addedTokens) {
        for (JsonNode token : addedTokens) {
            String text = token.path("content").asText();
            if (token.path("special").asBoolean() && !text.isEmpty()) {
                int first = text.codePointAt(0);
                textsByFirst.computeIfAbsent(first, none -> new ArrayList<>()).add(text);
                marks.putIfAbsent(first, LAST_MARK - marks.size());
            }
        }
    }

    /** The text in which no special token is found; the same where there is none. */
    String mark(String text) {
        StringBuilder marked = new StringBuilder(text.length() + 8);
        for (int i = 0; i < text.length(); ) {
            int c = text.codePointAt(i);
            marked.appendCodePoint(beginsSpecial(text, i, c) ? marks.getOrDefault(c, c) : c);
            i += Character.charCount(c);
        }
        return marked.toString();
    }

    private boolean beginsSpecial(String text, int at, int first) {
        for (String special : textsByFirst.getOrDefault(first, List.of())) {
            if (text.startsWith(special, at)) {
                return true;
            }
        }
        return false;
    }

    /** Makes a tokenizer.json read marked texts. */
    void putInto(ObjectNode tokenizer) {
        for (JsonNode token : tokenizer.withArray("added_tokens")) {
            if (token.path("special").asBoolean()) {
                ((ObjectNode) token).put("normalized", false); // looked for before marks are undone
            }
        }
        JsonNode own = tokenizer.path("normalizer");
        ObjectNode all = tokenizer.putObject("normalizer").put("type", "Sequence");
        ArrayNode normalizers = all.putArray("normalizers");
        marks.forEach((first, mark) -> {
            ObjectNode replace =
                    normalizers.addObject().put("type", "Replace").put("content", Character.toString(first));
            replace.putObject("pattern").put("String", Character.toString(mark));
        });
        if (own.isObject()) {
            normalizers.add(own);
        }
    }
}
