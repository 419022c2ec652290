package io.github.rlhf4j.datasets;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.rlhf4j.datasets.io.Row;

/**
 * Stanford Human Preferences: a post ({@code history}), two comments, {@code labels} 1 where A is preferred. The prompt is what Rafailov et al.'s code makes of it: {@code "\n\nHuman: "}
 * + post + {@code "\n\nAssistant:"}, and a space before each comment.
 */
final class ShpRows {
    private ShpRows() {}

    /** The row as prompt, chosen and rejected. */
    static ObjectNode standard(Row row) {
        String post = KnownLayout.text(row, row.columns().has("history") ? "history" : "post");
        int preferred = KnownLayout.number(row, "labels", 0, 1);
        return KnownLayout.pair(
                "\n\nHuman: " + post + "\n\nAssistant:",
                " " + KnownLayout.text(row, preferred == 1 ? "human_ref_A" : "human_ref_B"),
                " " + KnownLayout.text(row, preferred == 1 ? "human_ref_B" : "human_ref_A"),
                row.columns().path("post_id").asText(""));
    }
}
