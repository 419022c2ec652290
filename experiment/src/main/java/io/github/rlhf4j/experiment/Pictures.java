package io.github.rlhf4j.experiment;

import com.fasterxml.jackson.databind.JsonNode;
import io.github.rlhf4j.charts.BarChart;
import io.github.rlhf4j.charts.Chart;
import io.github.rlhf4j.charts.LineChart;
import io.github.rlhf4j.charts.Point;
import io.github.rlhf4j.charts.ScatterChart;
import io.github.rlhf4j.pipeline.report.MetricGuide;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** The pictures of an experiment's report. */
final class Pictures {
    private static final double CONFIDENCE = 0.95;
    private static final double LOG_FROM = 8; // a range of so many times its beginning is shown by ratios
    private static final List<String> LESS_IS_BETTER =
            List.of("kl", "length", "seconds", "prepare_seconds", "peak_rss_mb");

    private Pictures() {}

    /** A metric's name with its unit. */
    static String axis(String metric) {
        return metric + Measure.guide(metric).map(entry -> ", " + entry.unit()).orElse("");
    }

    /** A metric by each key with numbers that was varied; as signs in rows where there is no such key. */
    static List<Chart> byKey(ExperimentResults results, String metric) {
        List<Group> groups = results.groups();
        List<Chart> charts = new ArrayList<>();
        Set<String> keys = new LinkedHashSet<>();
        groups.forEach(group -> keys.addAll(group.values().byKey().keySet()));
        for (String key : keys) {
            overKey(groups, metric, key).ifPresent(charts::add);
        }
        if (charts.isEmpty()) {
            BarChart chart = new BarChart(metric, axis(metric)).signs();
            for (Group group : groups) {
                Estimate mean = group.metrics().get(metric);
                if (mean != null) {
                    chart.bar(results.name(group), "", Point.of(0, mean.mean(), mean.halfWidth(CONFIDENCE)));
                }
            }
            charts.add(chart);
        }
        return charts;
    }

    private static Optional<Chart> overKey(List<Group> groups, String metric, String key) {
        Map<String, List<Point>> series = new LinkedHashMap<>();
        for (Group group : groups) {
            JsonNode value = group.values().byKey().get(key);
            Estimate mean = group.metrics().get(metric);
            if (value != null && value.isNumber() && mean != null) {
                Map<String, JsonNode> others =
                        new LinkedHashMap<>(group.values().byKey());
                others.remove(key);
                series.computeIfAbsent(
                                others.isEmpty() ? metric : new Values(others).label(), name -> new ArrayList<>())
                        .add(Point.of(value.doubleValue(), mean.mean(), mean.halfWidth(CONFIDENCE)));
            }
        }
        List<Double> values = series.values().stream()
                .flatMap(List::stream)
                .map(Point::x)
                .distinct()
                .sorted()
                .toList();
        boolean isCurve = values.size() > 1 && series.values().stream().anyMatch(points -> points.size() > 1);
        if (!isCurve) {
            return Optional.empty();
        }
        LineChart chart = new LineChart(metric + " by " + key, key, axis(metric));
        if (values.get(0) > 0 && values.get(values.size() - 1) / values.get(0) >= LOG_FROM) {
            chart.logX();
        }
        series.forEach(chart::measured);
        return Optional.of(chart);
    }

    /** One metric over another, a sign a group; joined are those that nothing beats, where it is known which way is better. */
    static Chart scatter(Scatter scatter, ExperimentResults results) {
        ScatterChart chart = new ScatterChart(scatter.name(), axis(scatter.x()), axis(scatter.y()));
        for (int i = 0; i < scatter.x().size(); i++) {
            String x = scatter.x().get(i);
            String y = scatter.y().get(i);
            chart.dots(scatter.x().size() > 1 ? part(y) : y, dots(results, x, y));
        }
        Optional<Boolean> moreX = isMoreBetter(scatter.x().get(0));
        Optional<Boolean> moreY = isMoreBetter(scatter.y().get(0));
        if (moreX.isPresent() && moreY.isPresent()) {
            chart.front(moreX.get(), moreY.get());
        }
        return chart;
    }

    /** Of one metric of several stages or models its name alone; the series say the rest. */
    static String axis(List<String> metrics) {
        List<String> names = metrics.stream()
                .map(metric -> metric.substring(metric.lastIndexOf('.') + 1))
                .distinct()
                .toList();
        return metrics.size() > 1 && names.size() == 1
                ? axis(metrics.get(0)).replace(metrics.get(0), names.get(0))
                : String.join(" | ", metrics.stream().map(Pictures::axis).toList());
    }

    /** The model of {@code evaluate.ppo.reward}, or the stage. */
    private static String part(String metric) {
        int last = metric.lastIndexOf('.');
        String before = last < 0 ? metric : metric.substring(0, last);
        return before.substring(before.indexOf('.') + 1);
    }

    /** Groups that have the same values of both metrics share a dot: what differs between them does not matter to it. The name is that of the one that varies the metric's own stage. */
    private static List<ScatterChart.Dot> dots(ExperimentResults results, String x, String y) {
        Map<List<Double>, Group> distinct = new LinkedHashMap<>();
        String own = part(y) + ".";
        for (Group group : results.groups()) {
            Estimate ofX = group.metrics().get(x);
            Estimate ofY = group.metrics().get(y);
            if (ofX != null && ofY != null) {
                distinct.merge(
                        List.of(ofX.mean(), ofY.mean()), group, (first, other) -> isAbout(first, own) ? first : other);
            }
        }
        List<ScatterChart.Dot> dots = new ArrayList<>();
        distinct.forEach((at, group) -> dots.add(new ScatterChart.Dot(
                results.name(group),
                at.get(0),
                at.get(1),
                group.metric(x).halfWidth(CONFIDENCE),
                group.metric(y).halfWidth(CONFIDENCE))));
        return dots;
    }

    private static boolean isAbout(Group group, String stage) {
        return group.values().byKey().keySet().stream().anyMatch(key -> key.startsWith(stage));
    }

    private static Optional<Boolean> isMoreBetter(String metric) {
        if (LESS_IS_BETTER.contains(metric.substring(metric.lastIndexOf('.') + 1))) {
            return Optional.of(false);
        }
        return Measure.guide(metric)
                .map(MetricGuide.Entry::direction)
                .filter(direction -> direction != MetricGuide.Direction.WATCH)
                .map(direction -> direction == MetricGuide.Direction.UP);
    }

    /** Differences to the baseline with their intervals. */
    static Chart differences(String metric, List<Contrast> contrasts, ExperimentResults results) {
        BarChart chart = new BarChart(
                        metric + " less that of " + results.name(results.baseline()), axis(metric) + ", difference")
                .signs();
        contrasts.forEach(
                one -> chart.bar(one.group().label(), "", new Point(0, one.difference(), one.low(), one.high())));
        return chart;
    }
}
