package io.github.rlhf4j.experiment;

import com.fasterxml.jackson.databind.JsonNode;
import io.github.rlhf4j.charts.Chart;
import io.github.rlhf4j.charts.LineChart;
import io.github.rlhf4j.charts.Point;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/** A metric over the steps of its stage: the mean of each group's runs, in a band of the 95 % interval. */
final class Curves {
    private static final int MOST_GROUPS = 12;
    private static final double CONFIDENCE = 0.95;

    private Curves() {}

    /** The picture; empty where the metric was logged at fewer than two steps. */
    static Optional<Chart> of(ExperimentResults results, String metric) {
        int dot = metric.indexOf('.');
        if (dot < 0) {
            return Optional.empty();
        }
        String stage = metric.substring(0, dot);
        String name = metric.substring(dot + 1);
        LineChart chart = new LineChart(metric + " over steps", "step of " + stage, Pictures.axis(metric));
        int lines = 0;
        List<Group> groups = results.groups();
        for (Group group : groups.subList(0, Math.min(MOST_GROUPS, groups.size()))) {
            List<Point> points = points(group, stage, name);
            if (points.size() > 1) {
                chart.line(results.name(group), points);
                lines++;
            }
        }
        return lines > 0 ? Optional.of(chart) : Optional.empty();
    }

    private static List<Point> points(Group group, String stage, String metric) {
        Map<Double, List<Double>> bySteps = new TreeMap<>();
        for (RunResult run : group.runs()) {
            Path file = run.folder().resolve(stage).resolve("metrics.jsonl");
            for (JsonNode line : PromptValues.lines(file)) {
                JsonNode value = line.path(metric);
                if (value.isNumber() && Double.isFinite(value.doubleValue())) {
                    bySteps.computeIfAbsent(line.path("step").doubleValue(), step -> new ArrayList<>())
                            .add(value.doubleValue());
                }
            }
        }
        List<Point> points = new ArrayList<>();
        bySteps.forEach((step, values) -> {
            if (values.size() == group.runs().size()) {
                Estimate mean = Estimate.of(
                        values.stream().mapToDouble(Double::doubleValue).toArray());
                points.add(Point.of(step, mean.mean(), mean.halfWidth(CONFIDENCE)));
            }
        });
        return points;
    }
}
