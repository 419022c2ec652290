package io.github.rlhf4j.datasets;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.rlhf4j.datasets.RowParser.DroppedRow;
import io.github.rlhf4j.datasets.io.Row;

/**
 * Comparisons of summarize-from-feedback: {@code info} with a Reddit post or a news article, two {@code summaries}, {@code choice} the index of the better. Prompts are those of Stiennon
 * et al. 2020 (arXiv:2009.01325), App. B: SUBREDDIT, TITLE, POST, TL;DR:.
 */
final class SummaryRows {
    private SummaryRows() {}

    /** The row as prompt, chosen and rejected. */
    static ObjectNode standard(Row row) throws DroppedRow {
        JsonNode summaries = row.columns().path("summaries");
        if (summaries.size() != 2) {
            throw RowParser.wrong(row, "\"summaries\" must be a list of 2, but has " + summaries.size());
        }
        int better = KnownLayout.number(row, "choice", 0, 1);
        JsonNode info = row.columns().path("info");
        return KnownLayout.pair(
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
}
