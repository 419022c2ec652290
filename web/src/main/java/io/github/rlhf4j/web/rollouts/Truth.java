package io.github.rlhf4j.web.rollouts;

import com.fasterxml.jackson.databind.JsonNode;
import io.github.rlhf4j.web.Json;
import io.github.rlhf4j.web.runs.StageConfig;
import io.github.rlhf4j.world.HiddenUtility;
import io.github.rlhf4j.world.WorldSize;
import io.github.rlhf4j.world.Worlds;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.stream.Stream;

/** The hidden utility behind the samples of a stage whose prompts are of the synthetic world: what the reward stands for. Worlds are made once. */
final class Truth {
    private final Worlds worlds = new Worlds(WorldSize.STANDARD);

    /** That of a stage; empty where its prompts are others, or the run's seed is not known yet. */
    Optional<HiddenUtility> of(Path stage) {
        String dataset = StageConfig.read(stage).getOrDefault("dataset", "");
        return dataset.contains("synthetic:")
                ? seed(stage).map(seed -> worlds.of(seed).utility())
                : Optional.empty();
    }

    /** The run's seed as its stages tell it that have one in provenance.json: the stage's own comes last, when it is complete. */
    private static Optional<Long> seed(Path stage) {
        try (Stream<Path> stages = Files.list(stage.resolveSibling("."))) {
            return stages.map(one -> Json.read(one.resolve("provenance.json")).at("/seeds/run"))
                    .filter(JsonNode::isIntegralNumber)
                    .map(JsonNode::longValue)
                    .findFirst();
        } catch (IOException e) {
            return Optional.empty();
        }
    }
}
