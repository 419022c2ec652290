package io.github.rlhf4j.pipeline.run;

import io.github.rlhf4j.core.files.Sha256;
import io.github.rlhf4j.datasets.DatasetSpec;
import io.github.rlhf4j.pipeline.config.ConfigValue;
import java.util.LinkedHashMap;
import java.util.Map;

/** Digests of what the stages of a plan depend on: name, type, keys and seed, those of the stages that they read, and the run's seed where data are made up of it. Files are read from one place by all runs. */
final class StageDigests {
    private StageDigests() {}

    static Map<String, String> of(RunPlan plan) {
        Map<String, String> digests = new LinkedHashMap<>();
        for (PlannedStage stage : plan.stages()) {
            Sha256 digest = new Sha256();
            digest.add(stage.name() + "\n");
            stage.effective()
                    .entries()
                    .entries()
                    .forEach((key, value) -> digest.add(key + ": " + value.toLine() + "\n"));
            if (isMadeUp(stage)) {
                digest.add("run seed: " + plan.runFile().seed() + "\n");
            }
            stage.inputs().forEach(input -> digest.add(input + " " + digests.get(input) + "\n"));
            digests.put(stage.name(), digest.hex());
        }
        return digests;
    }

    /** Whether the run's seed is in what the stage reads or asks: rows of a bound source, the truth of the synthetic world. */
    private static boolean isMadeUp(PlannedStage stage) {
        return asksTheWorld(stage.effective().entries())
                || ConfigInputs.of(stage.work().config()).values().stream()
                        .anyMatch(input -> input instanceof DatasetSpec spec && spec.isOfSource());
    }

    /** {@code judge: {synthetic: ...}}, wherever it is. */
    private static boolean asksTheWorld(ConfigValue value) {
        return value instanceof ConfigValue.Entries map
                        && (map.entries().containsKey("synthetic")
                                || map.entries().values().stream().anyMatch(StageDigests::asksTheWorld))
                || value instanceof ConfigValue.Items list
                        && list.items().stream().anyMatch(StageDigests::asksTheWorld);
    }
}
