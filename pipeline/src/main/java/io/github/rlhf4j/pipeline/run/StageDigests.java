package io.github.rlhf4j.pipeline.run;

import io.github.rlhf4j.core.files.Sha256;
import io.github.rlhf4j.pipeline.config.EffectiveConfig;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.regex.Pattern;

/** Digests of what the stages of a plan depend on: name, type, keys and seed, those of the stages that they read, and the run's seed where data are made up of it. Files are read from one place by all runs. */
final class StageDigests {
    /** A dataset that a class makes, such as synthetic:pretrain, rather than a path or a URL. */
    private static final Pattern MADE_UP = Pattern.compile("(^|[^a-z0-9_-])[a-z0-9_-]{2,}:(?![ /\\\\])");

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
            if (MADE_UP.matcher(line(stage.effective())).find()) {
                digest.add("run seed: " + plan.runFile().seed() + "\n");
            }
            stage.inputs().forEach(input -> digest.add(input + " " + digests.get(input) + "\n"));
            digests.put(stage.name(), digest.hex());
        }
        return digests;
    }

    private static String line(EffectiveConfig config) {
        return config.entries().toLine();
    }
}
