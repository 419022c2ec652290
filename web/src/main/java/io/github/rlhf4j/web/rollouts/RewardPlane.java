package io.github.rlhf4j.web.rollouts;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.rlhf4j.web.Json;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/** Reward over distance: the way of each stage that samples, over its steps, and the models of evaluations, with their rewards and, where it is known, their hidden utility. Distance is the root of the KL, as Gao et al. 2022 draw it. */
final class RewardPlane {
    private static final int MOST_POINTS = 200;
    private static final List<String[]> WAYS = List.of(
            new String[] {"objective/kl", "objective/raw_scores"},
            new String[] {"objective/kl", "objective/scores"},
            new String[] {"kl", "reward"});

    private RewardPlane() {}

    /** Ways and dots of runs by their names. */
    static ObjectNode of(Map<String, Path> runs) {
        ObjectNode answer = Json.object();
        ArrayNode ways = answer.putArray("ways");
        ArrayNode dots = answer.putArray("dots");
        runs.forEach((name, run) -> {
            try (Stream<Path> children = Files.list(run)) {
                children.sorted().forEach(stage -> {
                    way(name, stage, ways);
                    dots(name, stage, dots);
                });
            } catch (IOException e) {
                // removed meanwhile
            }
        });
        return answer;
    }

    private static void way(String run, Path stage, ArrayNode ways) {
        if (!Files.isRegularFile(stage.resolve("samples.jsonl"))) {
            return;
        }
        ArrayNode lines = Json.lines(stage.resolve("metrics.jsonl"), Integer.MAX_VALUE);
        for (String[] names : WAYS) {
            ArrayNode points = Json.array();
            lines.forEach(line -> {
                JsonNode kl = line.path(names[0]);
                JsonNode reward = line.path(names[1]);
                if (kl.isNumber() && reward.isNumber()) {
                    points.addObject()
                            .put("step", line.path("step").asLong())
                            .put("x", Math.sqrt(Math.max(0, kl.doubleValue())))
                            .put("y", reward.doubleValue());
                }
            });
            if (points.size() > 1) {
                ways.addObject()
                        .put("run", run)
                        .put("stage", String.valueOf(stage.getFileName()))
                        .put("reward", names[1])
                        .set("points", thinned(points));
                return;
            }
        }
    }

    private static ArrayNode thinned(ArrayNode points) {
        ArrayNode some = Json.array();
        int count = Math.min(MOST_POINTS, points.size());
        for (int i = 0; i < count; i++) {
            some.add(points.get((int) ((long) i * (points.size() - 1) / (count - 1))));
        }
        return some;
    }

    private static void dots(String run, Path stage, ArrayNode dots) {
        JsonNode models = Json.read(stage.resolve("done.json")).path("summary").path("models");
        models.properties().forEach(model -> {
            JsonNode kl = model.getValue().at("/kl/mean");
            for (String metric : List.of("reward", "hidden_utility")) {
                JsonNode value = model.getValue().path(metric);
                if (kl.isNumber() && value.path("mean").isNumber()) {
                    dots.addObject()
                            .put("run", run)
                            .put("stage", String.valueOf(stage.getFileName()))
                            .put("model", model.getKey())
                            .put("metric", metric)
                            .put("x", Math.sqrt(Math.max(0, kl.doubleValue())))
                            .put("y", value.path("mean").doubleValue())
                            .put("error", value.path("se").asDouble());
                }
            }
        });
    }
}
