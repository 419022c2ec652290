package io.github.rlhf4j.datasets;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.MissingNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.rlhf4j.core.Printable;
import io.github.rlhf4j.core.UserError;
import io.github.rlhf4j.datasets.io.Row;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Predicate;

/**
 * What the rows of a file are and under which names their parts stand.
 *
 * @param kind of every row
 * @param columns our name to the file's
 */
record RowFormat(RecordKind kind, Map<String, String> columns) {
    private static final Set<String> OUR_NAMES = new TreeSet<>(Set.of(
            "text",
            "prompt",
            "completion",
            "label",
            "completions",
            "labels",
            "messages",
            "chosen",
            "rejected",
            "margin",
            "responses",
            "ranks",
            "id",
            "use_case"));
    private static final int LONGEST_NAMES = 1_000;
    private static final List<String> PROMPT_NAMES = List.of("prompt", "instruction", "question");
    private static final List<String> COMPLETION_NAMES = List.of("completion", "response", "output", "answer");

    /** Rows under our own names. */
    static RowFormat of(RecordKind kind) {
        return new RowFormat(kind, Map.of());
    }

    /** Whether a column may be of use, by its name. */
    static Predicate<String> wanted(DatasetSpec spec) {
        return column -> OUR_NAMES.contains(column)
                || PROMPT_NAMES.contains(column)
                || COMPLETION_NAMES.contains(column)
                || KnownLayout.COLUMNS.contains(column)
                || spec.columns().containsValue(column)
                || spec.keep().contains(column)
                || (column.length() == 1 && column.charAt(0) >= 'A' && column.charAt(0) <= 'Z');
    }

    /**
     * Recognises the format.
     *
     * @param file how messages name it
     * @param format the run file's {@code format}; empty: from the columns
     * @param mapping the run file's {@code columns}
     * @param found the columns of the file
     * @param texts those of them that may be texts or messages: an {@code answer} of 4 is no completion
     */
    static RowFormat recognise(
            String file, String format, Map<String, String> mapping, Set<String> found, Set<String> texts) {
        for (Map.Entry<String, String> entry : mapping.entrySet()) {
            if (!OUR_NAMES.contains(entry.getKey())) {
                throw new UserError(
                        "dataset.columns." + entry.getKey() + " is not known; the names to map are " + OUR_NAMES
                                + (OUR_NAMES.contains(entry.getValue())
                                        ? "; write ours first: {" + entry.getValue() + ": " + entry.getKey() + "}"
                                        : ""));
            }
            if (!found.contains(entry.getValue())) {
                throw new UserError("dataset.columns.%s names the column \"%s\", but %s has %s"
                        .formatted(entry.getKey(), entry.getValue(), file, named(found)));
            }
        }
        Map<String, String> columns = new LinkedHashMap<>(mapping);
        for (String name : OUR_NAMES) {
            if (found.contains(name) && !mapping.containsValue(name)) {
                columns.putIfAbsent(name, name);
            }
        }
        List<String> completions = present(COMPLETION_NAMES, texts);
        addSynonyms(columns, found, completions);
        RecordKind kind = format.isEmpty() ? kind(file, columns, found, completions) : named(format);
        return new RowFormat(kind, columns);
    }

    /** The value of one of our columns in a row; missing where the row has none or null. */
    JsonNode value(Row row, String name) {
        JsonNode value = row.columns().path(columns.getOrDefault(name, name));
        return value.isNull() ? MissingNode.getInstance() : value;
    }

    /** The columns that have a number, true or false in one of the rows. */
    static Set<String> numbers(Collection<ObjectNode> rows) {
        Set<String> numbers = new LinkedHashSet<>();
        for (ObjectNode row : rows) {
            row.properties().stream()
                    .filter(column ->
                            column.getValue().isNumber() || column.getValue().isBoolean())
                    .forEach(column -> numbers.add(column.getKey()));
        }
        return numbers;
    }

    /** The columns that have a value in one of the rows. */
    static Set<String> columns(Collection<ObjectNode> rows) {
        Set<String> columns = new LinkedHashSet<>();
        for (ObjectNode row : rows) {
            row.properties().stream()
                    .filter(column -> !column.getValue().isNull())
                    .forEach(column -> columns.add(column.getKey()));
        }
        return columns;
    }

    private static void addSynonyms(Map<String, String> columns, Set<String> found, List<String> completions) {
        List<String> prompts = present(PROMPT_NAMES, found);
        boolean isUnambiguous = prompts.size() == 1 && completions.size() == 1 && !found.contains("input");
        boolean isTaken =
                columns.containsKey("chosen") || columns.containsKey("messages") || columns.containsKey("text");
        if (isUnambiguous && !isTaken) {
            columns.putIfAbsent("prompt", prompts.get(0));
            columns.putIfAbsent("completion", completions.get(0));
        }
    }

    private static List<String> present(List<String> names, Set<String> found) {
        List<String> present = new ArrayList<>(names);
        present.retainAll(found);
        return present;
    }

    private static RecordKind kind(
            String file, Map<String, String> columns, Set<String> found, List<String> completions) {
        Set<String> names = columns.keySet();
        if (names.containsAll(Set.of("chosen", "rejected"))) {
            return RecordKind.PREFERENCE;
        }
        boolean hasRanks = names.contains("ranks");
        if (names.contains("prompt")
                && hasRanks
                && (names.contains("responses") || found.containsAll(Set.of("A", "B")))) {
            return RecordKind.RANKING;
        }
        if (names.containsAll(Set.of("prompt", "completions", "labels"))) {
            return RecordKind.STEPWISE_SUPERVISION;
        }
        if (names.containsAll(Set.of("prompt", "completion", "label"))) {
            return RecordKind.UNPAIRED_PREFERENCE;
        }
        if (names.containsAll(Set.of("prompt", "completion"))) {
            return RecordKind.PROMPT_COMPLETION;
        }
        if (names.contains("messages")) {
            return RecordKind.CONVERSATION;
        }
        if (names.contains("text")) {
            return RecordKind.TEXT;
        }
        boolean isPromptAlone = names.contains("prompt") && !found.contains("A") && !names.contains("responses");
        if (isPromptAlone && completions.isEmpty()) {
            return RecordKind.PROMPT;
        }
        throw new UserError(
                ("%s: its columns %s are of no known format; they must be %s (ranks may rank A, B, C, ... instead of "
                                + "responses): name them with dataset.columns, as in columns: {prompt: question}")
                        .formatted(file, named(found), formats()));
    }

    /** Columns for messages: in one line and not too long. */
    static String named(Set<String> columns) {
        String all = Printable.line(columns.toString());
        return all.length() > LONGEST_NAMES ? all.substring(0, LONGEST_NAMES) + "...]" : all;
    }

    private static String formats() {
        Set<String> formats = new LinkedHashSet<>();
        for (RecordKind kind : RecordKind.values()) {
            formats.add("(" + kind.columns() + ")");
        }
        formats.add("alpaca (instruction, input, output)");
        formats.add("sharegpt (conversations)");
        return String.join(" or ", formats);
    }

    private static RecordKind named(String format) {
        return RecordKind.named(format).orElseThrow(() -> {
            List<String> names = new ArrayList<>();
            for (RecordKind kind : RecordKind.values()) {
                names.add(kind.configName());
            }
            names.addAll(KnownLayout.names());
            return new UserError(
                    "dataset.format must be one of " + names + " or of a bound dataset, but is \"" + format + "\"");
        });
    }
}
