package io.github.rlhf4j.experiment;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.rlhf4j.pipeline.config.ConfigValue;
import io.github.rlhf4j.pipeline.config.EffectiveConfig;
import io.github.rlhf4j.pipeline.run.RunPlan;
import io.github.rlhf4j.pipeline.run.SharedStage;
import io.github.rlhf4j.pipeline.run.StageNeeds;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * A run that is checked and can be made.
 *
 * @param setting what it lays over the run file
 * @param values the same, for results
 * @param configs of its stages by name
 * @param digests of all that its stages depend on, by name
 * @param needs what its stages will take, as far as that is known
 */
record PlannedRun(
        Map<String, ConfigValue> setting,
        Values values,
        Path folder,
        Map<String, EffectiveConfig> configs,
        Map<String, String> digests,
        Map<String, StageNeeds> needs) {

    static PlannedRun of(Map<String, ConfigValue> setting, Path experiment, RunPlan plan) {
        Values values = Design.values(setting);
        return new PlannedRun(
                setting, values, experiment.resolve(values.folder()), plan.configs(), plan.digests(), plan.needs());
    }

    /** Says to a registry which stages are complete in its folder. */
    void register(StageRegistry registry) {
        for (Map.Entry<String, EffectiveConfig> stage : configs.entrySet()) {
            if (!SharedStage.isDone(folder, stage.getKey(), stage.getValue())) {
                return; // what comes after it may be made from something else
            }
            registry.done(digests.getOrDefault(stage.getKey(), ""), folder);
        }
    }

    /** What its complete stages came to, by name: the entries of summary.json, with the name. */
    Map<String, JsonNode> done() {
        Map<String, JsonNode> done = new LinkedHashMap<>();
        for (Map.Entry<String, EffectiveConfig> stage : configs.entrySet()) {
            if (!SharedStage.isDone(folder, stage.getKey(), stage.getValue())) {
                return done;
            }
            JsonNode summary = PromptValues.json(folder.resolve(stage.getKey()).resolve("done.json"))
                    .path("summary");
            if (summary instanceof ObjectNode entry) {
                done.put(stage.getKey(), entry.put("name", stage.getKey()));
            }
        }
        return done;
    }

    /** Takes what other runs have made already and this one needs. */
    void takeShared(StageRegistry registry) {
        digests.forEach((stage, digest) -> {
            if (!SharedStage.isBegun(folder, stage)) {
                registry.find(digest)
                        .filter(from -> !from.equals(folder))
                        .ifPresent(from -> SharedStage.copy(from, folder, stage));
            }
        });
    }
}
