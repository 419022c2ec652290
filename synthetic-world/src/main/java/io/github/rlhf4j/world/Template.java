package io.github.rlhf4j.world;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A text with slots that can be filled and recognised again. A slot {@code {animal2}} has the type {@code animal}: a category (one of its words), its
 * plural or the same of another kind; {@code text} is anything, {@code number} is two, three or four; anything else is a name.
 */
final class Template {
    private static final Pattern SLOT = Pattern.compile("\\{([a-z]+)(\\d?)}");

    private final String text;
    private final Pattern pattern;
    private final List<String> slots = new ArrayList<>();

    private Template(String text, Map<String, String> types, int flags) {
        this.text = text;
        StringBuilder regex = new StringBuilder();
        Matcher matcher = SLOT.matcher(text);
        int end = 0;
        while (matcher.find()) {
            regex.append(Pattern.quote(text.substring(end, matcher.start())));
            String slot = matcher.group(1) + matcher.group(2);
            int earlier = slots.indexOf(slot);
            regex.append(earlier >= 0 ? "\\" + (earlier + 1) : "(" + slotRegex(matcher.group(1), types) + ")");
            if (earlier < 0) {
                slots.add(slot);
            }
            end = matcher.end();
        }
        regex.append(Pattern.quote(text.substring(end)));
        this.pattern = Pattern.compile(regex.toString(), flags);
    }

    /** A prompt, recognised by its exact letters. */
    static Template of(String text) {
        return new Template(text, Map.of(), 0);
    }

    /** A fact's sentence with slots {@code s} and {@code v}, recognised whatever its case and without its last full stop. */
    static Template sentence(String text, Category values, Language language) {
        String regex = values.closed()
                ? alternatives(values.surfaces(language))
                : values == Category.YEAR ? "\\d+" : "\\p{L}+";
        return caseless(text, Map.of("v", regex, "s", "\\p{L}+"));
    }

    /** Any other sentence of a response, recognised whatever its case and without its last full stop. */
    static Template response(String text) {
        return caseless(text, Map.of());
    }

    private static Template caseless(String text, Map<String, String> types) {
        return new Template(text.replaceAll("\\.$", ""), types, Pattern.CASE_INSENSITIVE | Pattern.UNICODE_CASE);
    }

    private static String slotRegex(String type, Map<String, String> types) {
        String own = types.get(type);
        if (own != null) {
            return own;
        }
        return switch (type) {
            case "text" -> ".+";
            case "number" -> "two|three|four";
            case "kinds" -> "jobs|foods|animals|colours";
            case "kind" -> "job|food|animal|colour";
            case "year" -> "\\d+";
            case "job", "food", "animal", "colour" ->
                alternatives(Category.named(type).words());
            case "word" -> "\\p{L}+";
            default -> "\\p{Lu}\\p{L}+";
        };
    }

    private static String alternatives(List<String> words) {
        return String.join("|", words.stream().map(Pattern::quote).toList());
    }

    String text() {
        return text;
    }

    List<String> slots() {
        return slots;
    }

    /** The text with {@code values} in its slots. */
    String fill(Map<String, String> values) {
        String result = text;
        for (String slot : slots) {
            String value = values.get(slot);
            if (value == null) {
                throw new IllegalArgumentException("no value for the slot " + slot + " of \"" + text + "\"");
            }
            result = result.replace("{" + slot + "}", value);
        }
        return result;
    }

    /** A fact's sentence, with its full stop. */
    String fill(String subject, String value) {
        return text.replace("{s}", subject).replace("{v}", value) + ".";
    }

    String fillSubject(String subject) {
        return text.replace("{s}", subject);
    }

    /** The values of the slots where the whole of {@code candidate} fits. */
    Optional<Map<String, String>> match(String candidate) {
        Matcher matcher = pattern.matcher(candidate);
        if (!matcher.matches()) {
            return Optional.empty();
        }
        Map<String, String> values = new LinkedHashMap<>();
        for (int i = 0; i < slots.size(); i++) {
            values.put(slots.get(i), matcher.group(i + 1));
        }
        return Optional.of(values);
    }
}
