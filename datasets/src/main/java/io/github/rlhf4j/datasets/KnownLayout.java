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
    /**
     * Stanford Human Preferences: a post ({@code history}), two comments, {@code labels} 1 where A is preferred. The prompt is what Rafailov et al.'s code makes of it: {@code "\n\nHuman: "}
     * + post + {@code "\n\nAssistant:"}, and a space before each comment.
     */
    SHP("", RecordKind.PREFERENCE, hasAll("human_ref_A", "human_ref_B", "labels")) {
        @Override
        ObjectNode standard(Row row) {
            String post = text(row, row.columns().has("history") ? "history" : "post");
            int preferred = number(row, "labels", 0, 1);
            return pair(
                    "\n\nHuman: " + post + "\n\nAssistant:",
                    " " + text(row, preferred == 1 ? "human_ref_A" : "human_ref_B"),
                    " " + text(row, preferred == 1 ? "human_ref_B" : "human_ref_A"),
                    row.columns().path("post_id").asText(""));
        }
    },

    /**
     * Comparisons of summarize-from-feedback: {@code info} with a Reddit post or a news article, two {@code summaries}, {@code choice} the index of the better. Prompts are those of Stiennon
     * et al. 2020 (arXiv:2009.01325), App. B: SUBREDDIT, TITLE, POST, TL;DR:.
     */
    SUMMARIES("", RecordKind.PREFERENCE, hasAll("info", "summaries", "choice")) {
        @Override
        ObjectNode standard(Row row) throws DroppedRow {
            JsonNode summaries = row.columns().path("summaries");
            if (summaries.size() != 2) {
                throw RowParser.wrong(row, "\"summaries\" must be a list of 2, but has " + summaries.size());
            }
            int better = number(row, "choice", 0, 1);
            JsonNode info = row.columns().path("info");
            return pair(
                    prompt(info),
                    summary(row, summaries.get(better)),
                    summary(row, summaries.get(1 - better)),
                    info.path("id").asText(""));
        }

        private static String prompt(JsonNode info) throws DroppedRow {
            if (info.path("post").isTextual()) {
                return "SUBREDDIT: r/%s\n\nTITLE: %s\n\nPOST: %s\n\nTL;DR:"
                        .formatted(
                                info.path("subreddit").asText(""),
                                info.path("title").asText(""),
                                info.path("post").textValue());
            }
            if (info.path("article").isTextual()) {
                return "Article:\n" + info.path("article").textValue() + "\n\nTL;DR:";
            }
            throw new DroppedRow("info has neither post nor article");
        }

        private static String summary(Row row, JsonNode summary) {
            if (!summary.path("text").isTextual()) {
                throw RowParser.wrong(row, "each of \"summaries\" must have a \"text\"");
            }
            String text = summary.path("text").textValue();
            return text.startsWith(" ") ? text : " " + text;
        }
    },

    /** Stanford Alpaca: instruction, input, output; Dolly's instruction, context, response. */
    ALPACA("alpaca", RecordKind.PROMPT_COMPLETION, AlpacaRows::isDemonstration) {
        @Override
        ObjectNode standard(Row row) {
            return AlpacaRows.standard(row);
        }
    },

    /** The same with two answers. */
    ALPACA_PAIR("alpaca", RecordKind.PREFERENCE, AlpacaRows::isPair) {
        @Override
        ObjectNode standard(Row row) {
            return AlpacaRows.standard(row);
        }
    },

    /** Alpaca with its own prompt text; only where it is asked for. */
    ALPACA_PROMPT("alpaca_prompt", RecordKind.PROMPT_COMPLETION, AlpacaRows::isDemonstration) {
        @Override
        ObjectNode standard(Row row) {
            return AlpacaRows.withPromptText(row);
        }
    },

    /** ShareGPT with two answers to a conversation. */
    SHAREGPT_PAIR("sharegpt", RecordKind.PREFERENCE, ShareGptRows::isPair) {
        @Override
        ObjectNode standard(Row row) {
            return ShareGptRows.standard(row);
        }
    },

    /** ShareGPT. */
    SHAREGPT("sharegpt", RecordKind.CONVERSATION, ShareGptRows::isConversation) {
        @Override
        ObjectNode standard(Row row) {
            return ShareGptRows.standard(row);
        }
    };

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

    KnownLayout(String format, RecordKind kind, Predicate<Set<String>> isOf) {
        this.format = format;
        this.kind = kind;
        this.isOf = isOf;
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
    abstract ObjectNode standard(Row row) throws DroppedRow;

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

    private static ObjectNode pair(String prompt, String chosen, String rejected, String id) {
        return JsonNodeFactory.instance
                .objectNode()
                .put("prompt", prompt)
                .put("chosen", chosen)
                .put("rejected", rejected)
                .put("id", id);
    }

    private static String text(Row row, String column) {
        JsonNode value = row.columns().path(column);
        if (!value.isTextual()) {
            throw RowParser.wrong(row, "\"" + column + "\" must be a text, but is " + value);
        }
        return value.textValue();
    }

    private static int number(Row row, String column, int min, int max) {
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
