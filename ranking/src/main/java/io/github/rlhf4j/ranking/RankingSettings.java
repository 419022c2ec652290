package io.github.rlhf4j.ranking;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.rlhf4j.core.UserError;

/**
 * How people are asked.
 *
 * @param mode what they are asked for
 * @param seed of the orders in which items and answers are shown
 * @param repeats share of the answered items that are shown a second time, for the agreement of people with themselves, in [0, 1]
 * @param peoplePerItem how many people answer an item; 0: all
 * @param source how the answers were made: models, settings and seeds, or a file; for the reader
 */
public record RankingSettings(Mode mode, long seed, double repeats, int peoplePerItem, ObjectNode source) {
    public RankingSettings {
        if (!(repeats >= 0 && repeats <= 1)) {
            throw new UserError("repeats must be in [0, 1], but is " + repeats);
        }
        if (peoplePerItem < 0) {
            throw new UserError("people_per_item must be >= 0 (0: all people), but is " + peoplePerItem);
        }
    }

    /** Without a word on where answers come from. */
    public static RankingSettings of(Mode mode, long seed, double repeats, int peoplePerItem) {
        return new RankingSettings(mode, seed, repeats, peoplePerItem, JsonNodeFactory.instance.objectNode());
    }

    static RankingSettings read(StoredJson json) {
        String mode = json.text("mode");
        long seed = json.whole("seed", Long.MIN_VALUE);
        double repeats = json.number("repeats");
        int peoplePerItem = json.count("people_per_item", 0);
        ObjectNode source = json.object("source").orElseGet(JsonNodeFactory.instance::objectNode);
        try {
            return new RankingSettings(Mode.of(mode), seed, repeats, peoplePerItem, source);
        } catch (UserError e) {
            throw new UserError(json.place() + ": " + e.getMessage(), e);
        }
    }

    ObjectNode write() {
        ObjectNode node = JsonNodeFactory.instance
                .objectNode()
                .put("mode", mode.text())
                .put("seed", seed)
                .put("repeats", repeats)
                .put("people_per_item", peoplePerItem);
        node.set("source", source);
        return node;
    }
}
