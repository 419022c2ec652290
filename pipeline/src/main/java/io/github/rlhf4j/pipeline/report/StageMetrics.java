package io.github.rlhf4j.pipeline.report;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Which types of stages give a metric, where it is not any stage's. Read from metric-stages.tsv. */
public final class StageMetrics {
    private static final Map<String, List<String>> TYPES = read();

    private StageMetrics() {}

    /** The types that give a metric, with or without {@code eval_}; empty where any may. */
    public static Optional<List<String>> typesOf(String metric) {
        String name = MetricGuide.base(metric).replaceFirst("_se$", "");
        return TYPES.entrySet().stream()
                .filter(entry -> isOf(name, entry.getKey()))
                .map(Map.Entry::getValue)
                .findFirst();
    }

    /** Whether a stage of that type may give it. */
    public static boolean mayGive(String type, String metric) {
        return typesOf(metric).map(types -> types.contains(type)).orElse(true);
    }

    private static boolean isOf(String name, String pattern) {
        return pattern.endsWith("*")
                ? name.startsWith(pattern.substring(0, pattern.length() - 1))
                : name.equals(pattern);
    }

    private static Map<String, List<String>> read() {
        Map<String, List<String>> types = new LinkedHashMap<>();
        Resources.text("metric-stages.tsv")
                .lines()
                .filter(line -> !line.startsWith("#"))
                .map(line -> line.split("\t", -1))
                .forEach(parts -> types.put(parts[0], List.of(parts[1].split(","))));
        return types;
    }
}
