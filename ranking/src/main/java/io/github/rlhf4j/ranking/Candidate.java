package io.github.rlhf4j.ranking;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;

/**
 * An answer that people may be shown.
 *
 * @param text of the answer
 * @param source who gave it, such as a model's folder; people who rank do not see it; empty: not known
 * @param details how it was made, for the reader of the file: seed, sample; an empty object where nothing is known
 */
public record Candidate(String text, String source, ObjectNode details) {
    /** Of which no more is known. */
    public static Candidate of(String text, String source) {
        return new Candidate(text, source, JsonNodeFactory.instance.objectNode());
    }

    static Candidate read(StoredJson candidate) {
        return new Candidate(
                candidate.text("text"),
                candidate.text("source"),
                candidate.object("details").orElseGet(JsonNodeFactory.instance::objectNode));
    }

    ObjectNode write() {
        ObjectNode node =
                JsonNodeFactory.instance.objectNode().put("text", text).put("source", source);
        if (!details.isEmpty()) {
            node.set("details", details);
        }
        return node;
    }
}
