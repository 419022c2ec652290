package io.github.rlhf4j.web.rollouts;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.MissingNode;
import io.github.rlhf4j.core.UserError;
import io.github.rlhf4j.pipeline.config.ConfigValue;
import io.github.rlhf4j.web.runs.StageConfig;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.Iterator;
import java.util.Set;

/** The rewards that a stage is measured by and not trained on: those of weight 0. */
final class HeldOut {
    private HeldOut() {}

    /** Their columns in the samples. */
    static Set<String> of(Path stage, SampleIndex index) {
        JsonNode entries = rewards(stage);
        Iterator<JsonNode> rewards = entries.iterator();
        Set<String> columns = new HashSet<>();
        index.refresh();
        if (!rewards.hasNext() || index.size() == 0) {
            return columns;
        }
        try (SampleRows rows = new SampleRows(index)) {
            JsonNode scores = rows.row(0).path(SampleIndex.SCORES);
            if (scores.size() != entries.size()) { // some stages leave out what gave no score
                return columns;
            }
            Iterator<String> names = scores.fieldNames(); // in the order of the rewards
            while (names.hasNext() && rewards.hasNext()) {
                String name = names.next();
                if (rewards.next().path("weight").asDouble(1) == 0) {
                    columns.add(SampleIndex.SCORES + "." + name);
                }
            }
        }
        return columns;
    }

    private static JsonNode rewards(Path stage) {
        try {
            return ConfigValue.ofLine(StageConfig.read(stage).getOrDefault("rewards", ""))
                    .json();
        } catch (UserError e) {
            return MissingNode.getInstance(); // not a line of ours
        }
    }
}
