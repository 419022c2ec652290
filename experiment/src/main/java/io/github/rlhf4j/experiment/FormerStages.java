package io.github.rlhf4j.experiment;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.rlhf4j.pipeline.config.EffectiveConfig;
import io.github.rlhf4j.pipeline.run.SharedStage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;

/** The digests of the stages of all runs that an experiment's folder has, so that runs that are added to it, with other keys varied, take what is there. */
final class FormerStages {
    static final String FILE = "stages.json";
    private static final ObjectMapper MAPPER = new ObjectMapper();

    private final Path experiment;
    private final ObjectNode digests; // by the run's folder, then by stage, in the order of stages

    private FormerStages(Path experiment, ObjectNode digests) {
        this.experiment = experiment;
        this.digests = digests;
    }

    /** None where there is no such file, or none that can be read: stages are made again then. */
    static FormerStages read(Path experiment) {
        Path file = experiment.resolve(FILE);
        try {
            if (Files.isRegularFile(file) && MAPPER.readTree(file.toFile()) instanceof ObjectNode digests) {
                return new FormerStages(experiment, digests);
            }
        } catch (IOException e) {
            // as if it were missing
        }
        return new FormerStages(experiment, MAPPER.createObjectNode());
    }

    /** These and those of other runs. */
    JsonNode with(Iterable<PlannedRun> runs) {
        ObjectNode all = digests.deepCopy();
        for (PlannedRun run : runs) {
            ObjectNode own = all.putObject(String.valueOf(run.folder().getFileName()));
            run.digests().forEach(own::put);
        }
        return all;
    }

    /** Says to a registry which stages that the runs need are complete in folders of former runs. */
    void register(Iterable<PlannedRun> runs, StageRegistry registry) {
        Map<String, EffectiveConfig> needed = new HashMap<>();
        for (PlannedRun run : runs) {
            run.digests().forEach((stage, digest) -> {
                EffectiveConfig config = run.configs().get(stage);
                if (config != null) {
                    needed.put(digest, config);
                }
            });
        }
        digests.properties().forEach(run -> {
            if (!isName(run.getKey())) {
                return;
            }
            for (Map.Entry<String, JsonNode> stage : run.getValue().properties()) {
                EffectiveConfig config = needed.get(stage.getValue().asText());
                Path folder = experiment.resolve(run.getKey());
                if (config == null || !isName(stage.getKey()) || !SharedStage.isDone(folder, stage.getKey(), config)) {
                    return; // what comes after it may be made from something else
                }
                registry.done(stage.getValue().asText(), folder);
            }
        });
    }

    /** Not a path, which could lead out of the experiment's folder. */
    private static boolean isName(String name) {
        return name.matches("[^/\\\\]+") && !name.matches("\\.{1,2}");
    }
}
