package io.github.rlhf4j.experiment;

import com.fasterxml.jackson.databind.JsonNode;
import io.github.rlhf4j.pipeline.run.StageNeeds;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.OptionalLong;
import java.util.Set;

/**
 * What the stages that are still to be made will take: as long as a stage of the same name has taken in this experiment; else by the FLOPs of its model and its tokens, at most. A stage that is not made yet
 * and has no number of steps is not in the sum.
 *
 * @param seconds of all, one after the other
 * @param unknown names of stages of which nothing is known
 * @param bytes of memory that the largest stage takes
 * @param isMeasured whether all of it is from runs
 */
record Costs(double seconds, Set<String> unknown, long bytes, boolean isMeasured) {
    /** FLOPs a second and thread at which the quickstart's model trains on the machine of docs/performance.md. */
    private static final double RATE = 40e9;

    static Costs of(List<PlannedRun> runs, int threads) {
        Map<String, JsonNode> made = made(runs);
        Map<String, List<Double>> byName = new HashMap<>();
        made.forEach(
                (digest, stage) -> byName.computeIfAbsent(stage.path("name").asText(), name -> new ArrayList<>())
                        .add(stage.path("seconds").asDouble()));
        double seconds = 0;
        long bytes = 0;
        boolean isMeasured = true;
        Set<String> unknown = new LinkedHashSet<>();
        Set<String> seen = new LinkedHashSet<>(made.keySet());
        for (PlannedRun run : runs) {
            for (Map.Entry<String, String> stage : run.digests().entrySet()) {
                StageNeeds needs = run.needs().get(stage.getKey());
                bytes = Math.max(bytes, needs == null ? 0 : needs.bytes());
                if (seen.add(stage.getValue())) {
                    OptionalDouble took = byName.getOrDefault(stage.getKey(), List.of()).stream()
                            .mapToDouble(Double::doubleValue)
                            .average();
                    OptionalLong flops = needs == null ? OptionalLong.empty() : needs.flops();
                    isMeasured &= took.isPresent();
                    if (took.isPresent()) {
                        seconds += took.getAsDouble();
                    } else if (flops.isPresent()) {
                        seconds += flops.getAsLong() / (RATE * threads);
                    } else {
                        unknown.add(stage.getKey());
                    }
                }
            }
        }
        return new Costs(seconds, unknown, bytes, isMeasured);
    }

    /** Seconds that the stages which are complete have taken, each counted once. */
    static double spent(List<PlannedRun> runs) {
        return made(runs).values().stream()
                .mapToDouble(stage -> stage.path("seconds").asDouble())
                .sum();
    }

    /** Digest to what done.json says of a complete stage. */
    private static Map<String, JsonNode> made(List<PlannedRun> runs) {
        Map<String, JsonNode> made = new LinkedHashMap<>();
        for (PlannedRun run : runs) {
            run.done()
                    .forEach((stage, summary) -> made.putIfAbsent(run.digests().getOrDefault(stage, ""), summary));
        }
        return made;
    }
}
