package io.github.rlhf4j.experiment;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.LongNode;
import com.fasterxml.jackson.databind.node.TextNode;
import io.github.rlhf4j.core.UserError;
import io.github.rlhf4j.core.files.PathsBelow;
import io.github.rlhf4j.pipeline.config.ConfigValue;
import io.github.rlhf4j.pipeline.config.EffectiveConfig;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * A run that was made some time, as its folder shows it.
 *
 * @param name its folder's
 * @param summary summary.json
 * @param keys of its complete stages, {@code stage.key}, seeds left out, as lines
 * @param seeds of the run and of its stages
 */
record ExistingRun(String name, Path folder, JsonNode summary, Map<String, String> keys, Map<String, JsonNode> seeds) {
    private static final ObjectMapper MAPPER = new ObjectMapper();

    /**
     * Reads one.
     *
     * @throws UserError where the folder holds no run with results
     */
    static ExistingRun read(Path folder) {
        Path file = folder.resolve("summary.json");
        if (!Files.isRegularFile(file)) {
            throw new UserError(folder + " is not the folder of a run with results: it has no summary.json"
                    + (Files.isRegularFile(folder.resolve("experiment.json"))
                            ? "; it is an experiment's: give the folders of runs in it"
                            : ""));
        }
        JsonNode summary;
        try {
            summary = MAPPER.readTree(file.toFile());
        } catch (IOException e) {
            throw new UserError(file + " cannot be read: it is not valid JSON", e);
        }
        if (summary.path("stages").isEmpty()) {
            throw new UserError(folder + " has no complete stage, so there is nothing to compare");
        }
        Map<String, String> keys = new LinkedHashMap<>();
        Map<String, JsonNode> seeds = new LinkedHashMap<>();
        seeds.put("seed", LongNode.valueOf(summary.path("seed").asLong()));
        summary.path("stages").fieldNames().forEachRemaining(stage -> {
            Path config = PathsBelow.of(folder, stage, file).resolve("config.yaml");
            if (Files.isRegularFile(config)) {
                EffectiveConfig.read(config)
                        .entries()
                        .entries()
                        .forEach((key, value) -> add(stage, key, value, keys, seeds));
            }
        });
        Path last = folder.toAbsolutePath().normalize().getFileName();
        return new ExistingRun(last == null ? "run" : last.toString(), folder, summary, keys, seeds);
    }

    private static void add(
            String stage, String key, ConfigValue value, Map<String, String> keys, Map<String, JsonNode> seeds) {
        if (key.equals("seed")) {
            seeds.put(stage + ".seed", value.json());
        } else {
            keys.put(stage + "." + key, value.toLine());
        }
    }

    /** The value of a key, or a dash. */
    String value(String key) {
        return keys.getOrDefault(key, "-");
    }

    /** Its metrics by {@code stage.metric}. */
    Map<String, Double> metrics() {
        Map<String, Double> metrics = new LinkedHashMap<>();
        summary.path("stages")
                .properties()
                .forEach(stage -> Measure.names(stage.getValue())
                        .forEach(name -> Measure.value(stage.getValue(), name)
                                .ifPresent(value -> metrics.put(stage.getKey() + "." + name, value))));
        return metrics;
    }

    /** The standard error over prompts or rows that the run itself gives for a metric; NaN where it gives none. */
    double error(String metric) {
        int dot = metric.indexOf('.');
        JsonNode stage = summary.path("stages").path(metric.substring(0, dot));
        return Measure.error(stage, metric.substring(dot + 1));
    }

    /** The keys in which runs that have the stage differ; of a stage that not all have, its type too. */
    static Set<String> differences(List<ExistingRun> runs) {
        Set<String> keys = new LinkedHashSet<>();
        runs.forEach(run -> keys.addAll(run.keys().keySet()));
        Set<String> differing = new LinkedHashSet<>();
        for (String key : keys) {
            List<ExistingRun> having =
                    runs.stream().filter(run -> run.hasStageOf(key)).toList();
            boolean isMissing = having.size() < runs.size() && key.endsWith(".type");
            if (isMissing
                    || having.stream().map(run -> run.value(key)).distinct().count() > 1) {
                differing.add(key);
            }
        }
        return differing;
    }

    private boolean hasStageOf(String key) {
        return keys.containsKey(key.substring(0, key.indexOf('.')) + ".type");
    }

    /** What tells runs apart: the name of the first that has this configuration, and the seeds. Runs that have the seeds in common too are none of one group. */
    static Map<ExistingRun, Values> values(List<ExistingRun> runs, Set<String> differences) {
        Map<List<Object>, String> names = new LinkedHashMap<>();
        Map<ExistingRun, Values> values = new LinkedHashMap<>();
        Set<Values> seen = new LinkedHashSet<>();
        boolean sameRunSeed =
                runs.stream().map(run -> run.seeds().get("seed")).distinct().count() == 1;
        for (ExistingRun run : runs) {
            List<String> configuration = differences.stream().map(run::value).toList();
            Map<String, JsonNode> byKey = new LinkedHashMap<>();
            byKey.put("run", TextNode.valueOf(run.name()));
            run.seeds().forEach((key, seed) -> {
                if (sameRunSeed || key.equals("seed")) {
                    byKey.put(key, seed);
                }
            });
            for (int again = 0; again == 0 || !seen.add(new Values(byKey)); again++) {
                byKey.put(
                        "run",
                        TextNode.valueOf(names.computeIfAbsent(List.of(configuration, again), key -> run.name())));
            }
            values.put(run, new Values(byKey));
        }
        return values;
    }

    /** With its path for a name, where another run's folder has the same name. */
    ExistingRun named(String other) {
        return new ExistingRun(other, folder, summary, keys, seeds);
    }
}
