package io.github.rlhf4j.datasets;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.rlhf4j.datasets.RowParser.DroppedRow;
import io.github.rlhf4j.datasets.io.Row;
import java.util.Optional;
import java.util.Set;

/** Layouts of well-known preference datasets whose columns say nothing by themselves; each becomes prompt, chosen and rejected. */
enum KnownLayout {
    /**
     * Stanford Human Preferences: a post ({@code history}), two comments, {@code labels} 1 where A is preferred. The prompt is what Rafailov et al.'s code makes of it: {@code "\n\nHuman: "}
     * + post + {@code "\n\nAssistant:"}, and a space before each comment.
     */
    SHP(Set.of("human_ref_A", "human_ref_B", "labels")) {
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
    SUMMARIES(Set.of("info", "summaries", "choice")) {
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
    };

    private final Set<String> columns;

    KnownLayout(Set<String> columns) {
        this.columns = columns;
    }

    /** The layout of a file with these columns. */
    static Optional<KnownLayout> of(Set<String> found) {
        for (KnownLayout layout : values()) {
            if (found.containsAll(layout.columns)) {
                return Optional.of(layout);
            }
        }
        return Optional.empty();
    }

    /** The row's prompt, chosen, rejected and id. */
    abstract ObjectNode standard(Row row) throws DroppedRow;

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
