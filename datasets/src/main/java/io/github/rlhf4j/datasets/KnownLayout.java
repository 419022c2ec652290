package io.github.rlhf4j.datasets;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.rlhf4j.core.UserError;
import io.github.rlhf4j.datasets.RowParser.DroppedRow;
import io.github.rlhf4j.datasets.io.Row;
import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;

/** Layouts of well-known datasets whose columns say nothing by themselves; each becomes rows under our own names. */
enum KnownLayout {
    /** Stanford Human Preferences. */
    SHP("", RecordKind.PREFERENCE, hasAll("human_ref_A", "human_ref_B", "labels"), ShpRows::standard),

    /** Comparisons of summarize-from-feedback. */
    SUMMARIES("", RecordKind.PREFERENCE, hasAll("info", "summaries", "choice"), SummaryRows::standard),

    /** Stanford Alpaca: instruction, input, output; Dolly's instruction, context, response. */
    ALPACA("alpaca", RecordKind.PROMPT_COMPLETION, AlpacaRows::isDemonstration, AlpacaRows::standard),

    /** The same with two answers. */
    ALPACA_PAIR("alpaca", RecordKind.PREFERENCE, AlpacaRows::isPair, AlpacaRows::standard),

    /** Alpaca with its own prompt text; only where it is asked for. */
    ALPACA_PROMPT(
            "alpaca_prompt", RecordKind.PROMPT_COMPLETION, AlpacaRows::isDemonstration, AlpacaRows::withPromptText),

    /** ShareGPT with two answers to a conversation. */
    SHAREGPT_PAIR("sharegpt", RecordKind.PREFERENCE, ShareGptRows::isPair, ShareGptRows::standard),

    /** ShareGPT. */
    SHAREGPT("sharegpt", RecordKind.CONVERSATION, ShareGptRows::isConversation, ShareGptRows::standard);

    /** Every column that a layout reads. */
    static final Set<String> COLUMNS = Set.of(
            "human_ref_A",
            "human_ref_B",
            "labels",
            "history",
            "post",
            "post_id",
            "info",
            "summaries",
            "choice",
            "instruction",
            "question",
            "input",
            "context",
            "output",
            "response",
            "system",
            "conversations");

    private final String format;
    private final RecordKind kind;
    private final Predicate<Set<String>> isOf;
    private final Standard standard;

    KnownLayout(String format, RecordKind kind, Predicate<Set<String>> isOf, Standard standard) {
        this.format = format;
        this.kind = kind;
        this.isOf = isOf;
        this.standard = standard;
    }

    /** How a row becomes one under our own names. */
    private interface Standard {
        ObjectNode of(Row row) throws DroppedRow;
    }

    private static Predicate<Set<String>> hasAll(String... columns) {
        return found -> found.containsAll(Set.of(columns));
    }

    /** The layout of a file with these columns, where none is named. */
    static Optional<KnownLayout> of(Set<String> found) {
        return Arrays.stream(values())
                .filter(layout -> layout != ALPACA_PROMPT && layout.isOf.test(found))
                .findFirst();
    }

    /**
     * The layout that {@code format} names; empty where it names none.
     *
     * @param file how messages name it
     * @throws UserError where the file does not have its columns
     */
    static Optional<KnownLayout> named(String format, String file, Set<String> found) {
        List<KnownLayout> named = Arrays.stream(values())
                .filter(layout -> !format.isEmpty() && layout.format.equals(format))
                .toList();
        if (named.isEmpty()) {
            return Optional.empty();
        }
        return Optional.of(named.stream()
                .filter(layout -> layout.isOf.test(found))
                .findFirst()
                .orElseThrow(() -> new UserError("%s: its columns %s are not those of format %s, which has %s"
                        .formatted(
                                file,
                                RowFormat.named(found),
                                format,
                                format.equals("sharegpt")
                                        ? "conversations (of from, value)"
                                        : "instruction, output and perhaps input, system, history"))));
    }

    /** The names that {@code format} may have besides those of the kinds. */
    static Set<String> names() {
        Set<String> names = new LinkedHashSet<>();
        Arrays.stream(values()).filter(layout -> !layout.format.isEmpty()).forEach(layout -> names.add(layout.format));
        return names;
    }

    /** What its rows become. */
    RecordKind kind() {
        return kind;
    }

    /** The row under our own names. */
    ObjectNode standard(Row row) throws DroppedRow {
        return standard.of(row);
    }

    /** A row that has only the id and use case of another. */
    static ObjectNode tags(Row row) {
        ObjectNode tags = JsonNodeFactory.instance.objectNode();
        for (String name : List.of("id", "use_case")) {
            if (row.columns().hasNonNull(name)) {
                tags.set(name, row.columns().get(name));
            }
        }
        return tags;
    }

    static ObjectNode pair(String prompt, String chosen, String rejected, String id) {
        return JsonNodeFactory.instance
                .objectNode()
                .put("prompt", prompt)
                .put("chosen", chosen)
                .put("rejected", rejected)
                .put("id", id);
    }

    static String text(Row row, String column) {
        JsonNode value = row.columns().path(column);
        if (!value.isTextual()) {
            throw RowParser.wrong(row, "\"" + column + "\" must be a text, but is " + value);
        }
        return value.textValue();
    }

    static int number(Row row, String column, int min, int max) {
        int value = row.columns().path(column).asInt(-1);
        if (value < min || value > max) {
            throw RowParser.wrong(
                    row,
                    "\"%s\" must be %d or %d, but is %s"
                            .formatted(column, min, max, row.columns().path(column)));
        }
        return value;
    }
}
