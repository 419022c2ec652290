package io.github.rlhf4j.experiment;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.MissingNode;
import io.github.rlhf4j.core.CounterRandom;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** What an evaluation measured on each prompt, as far as it is in samples.jsonl (key logged_prompts). */
final class PromptValues {
    private static final ObjectMapper MAPPER = new ObjectMapper();

    private PromptValues() {}

    /** The objects of a JSONL file; none where there is no such file; a last line that is half written is left out. */
    static List<JsonNode> lines(Path file) {
        List<JsonNode> lines = new ArrayList<>();
        if (Files.isRegularFile(file)) {
            try {
                for (String line : Files.readAllLines(file)) {
                    lines.add(MAPPER.readTree(line));
                }
            } catch (IOException e) {
                return lines;
            }
        }
        return lines;
    }

    /** A JSON file; missing where there is none that can be read. */
    static JsonNode json(Path file) {
        try {
            return Files.isRegularFile(file) ? MAPPER.readTree(file.toFile()) : MissingNode.getInstance();
        } catch (IOException e) {
            return MissingNode.getInstance();
        }
    }

    /** Prompt to value of {@code stage.model.metric} in a run; the n-th of equal prompts has its number. */
    static Map<String, Double> of(Path run, String metric) {
        Map<String, Double> values = new LinkedHashMap<>();
        int dot = metric.indexOf('.');
        int last = metric.lastIndexOf('.');
        if (dot < 0 || last <= dot) {
            return values;
        }
        String model = metric.substring(dot + 1, last);
        Map<String, Integer> seen = new LinkedHashMap<>();
        for (JsonNode line : lines(run.resolve(metric.substring(0, dot)).resolve("samples.jsonl"))) {
            String prompt = line.path("prompt").asText();
            int times = seen.merge(prompt, 1, Integer::sum);
            JsonNode value = line.path("answers").path(model).path(metric.substring(last + 1));
            if (value.isNumber()) {
                values.put(prompt + "\n" + times, value.doubleValue());
            }
        }
        return values;
    }

    /** The difference to the baseline, paired by seed and by prompt; empty where no seed has prompts of both. */
    static Optional<HierarchicalBootstrap> difference(Group group, Group baseline, String metric) {
        List<double[]> bySeed = new ArrayList<>();
        for (Map.Entry<RunResult, RunResult> pair : ExperimentResults.paired(group, baseline)) {
            Map<String, Double> mine = of(pair.getKey().folder(), metric);
            Map<String, Double> theirs = of(pair.getValue().folder(), metric);
            double[] differences = mine.entrySet().stream()
                    .filter(entry -> theirs.containsKey(entry.getKey()))
                    .mapToDouble(entry -> entry.getValue() - theirs.getOrDefault(entry.getKey(), 0.0))
                    .toArray();
            if (differences.length > 1) {
                bySeed.add(differences);
            }
        }
        return bySeed.isEmpty()
                ? Optional.empty()
                : Optional.of(HierarchicalBootstrap.of(
                        bySeed,
                        CounterRandom.of(0).derive(metric).derive(group.values().label())));
    }
}
