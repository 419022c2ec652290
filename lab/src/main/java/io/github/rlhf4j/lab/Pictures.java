package io.github.rlhf4j.lab;

import io.github.rlhf4j.charts.BarChart;
import io.github.rlhf4j.charts.Chart;
import io.github.rlhf4j.charts.HeatMap;
import io.github.rlhf4j.charts.LineChart;
import io.github.rlhf4j.charts.Point;
import io.github.rlhf4j.charts.ScatterChart;
import io.github.rlhf4j.core.UserError;
import io.github.rlhf4j.experiment.Estimate;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/** Draws a page's pictures from the means of its groups, with 95 % intervals over seeds where there are several. */
final class Pictures {
    private static final double CONFIDENCE = 0.95;

    private Pictures() {}

    /** @throws UserError where the kind of picture is unknown */
    static Chart draw(Page.Picture picture, List<Group> groups) {
        List<Group> shown = groups.stream()
                .filter(group -> group.matches(picture.where())
                        && group.metrics().containsKey(picture.y())
                        && (group.values().containsKey(picture.x())
                                || group.metrics().containsKey(picture.x()))
                        && isOnLogAxes(picture, group))
                .toList();
        Map<String, List<Group>> cases = shown.stream()
                .collect(Collectors.groupingBy(
                        group -> picture.by().isEmpty() ? picture.yLabel() : name(group, picture.by()),
                        LinkedHashMap::new,
                        Collectors.toList()));
        return switch (picture.kind()) {
            case "line" -> lines(picture, cases);
            case "scatter" -> scatter(picture, cases);
            case "bars" -> bars(picture, cases);
            case "heat" -> heat(picture, shown);
            default ->
                throw new UserError("page.yaml: the kind of a picture must be line, scatter, bars or heat, but is "
                        + picture.kind());
        };
    }

    /** A logarithm has no place for 0 labels, say. */
    private static boolean isOnLogAxes(Page.Picture picture, Group group) {
        return (!picture.logX() || group.number(picture.x()) > 0) && (!picture.logY() || group.number(picture.y()) > 0);
    }

    private static Chart lines(Page.Picture picture, Map<String, List<Group>> cases) {
        LineChart chart = new LineChart(picture.title(), picture.xLabel(), picture.yLabel());
        if (picture.logX()) {
            chart.logX();
        }
        if (picture.logY()) {
            chart.logY();
        }
        cases.forEach((name, groups) -> {
            List<Point> points = groups.stream()
                    .map(group ->
                            Point.of(group.number(picture.x()), group.number(picture.y()), error(group, picture.y())))
                    .toList();
            if (name.startsWith("fit")) {
                chart.fit(name, points);
            } else {
                chart.measured(name, points);
            }
        });
        return chart;
    }

    private static Chart scatter(Page.Picture picture, Map<String, List<Group>> cases) {
        ScatterChart chart = new ScatterChart(picture.title(), picture.xLabel(), picture.yLabel());
        if (picture.logX()) {
            chart.logX();
        }
        if (picture.logY()) {
            chart.logY();
        }
        cases.forEach((name, groups) -> {
            if (name.startsWith("fit")) {
                chart.curve(
                        name,
                        groups.stream()
                                .map(group -> Point.of(group.number(picture.x()), group.number(picture.y())))
                                .toList());
            } else {
                chart.dots(
                        name,
                        groups.stream()
                                .map(group -> new ScatterChart.Dot(
                                        "",
                                        group.number(picture.x()),
                                        group.number(picture.y()),
                                        error(group, picture.x()),
                                        error(group, picture.y())))
                                .toList());
            }
        });
        return chart;
    }

    private static Chart bars(Page.Picture picture, Map<String, List<Group>> cases) {
        BarChart chart = new BarChart(picture.title(), picture.yLabel());
        cases.forEach((name, groups) -> groups.forEach(group -> chart.bar(
                Group.text(group.values().getOrDefault(picture.x(), "")),
                picture.by().isEmpty() ? "" : name,
                Point.of(0, group.number(picture.y()), error(group, picture.y())))));
        return chart;
    }

    private static Chart heat(Page.Picture picture, List<Group> groups) {
        List<String> columns = names(groups, picture.x());
        List<String> rows = names(groups, picture.by());
        double[][] values = new double[rows.size()][columns.size()];
        for (double[] row : values) {
            Arrays.fill(row, Double.NaN);
        }
        for (Group group : groups) {
            int row = rows.indexOf(name(group, picture.by()));
            values[row][columns.indexOf(name(group, picture.x()))] = group.number(picture.y());
        }
        return new HeatMap(
                picture.title() + ": " + picture.yLabel(), picture.xLabel(), picture.by(), columns, rows, values);
    }

    private static List<String> names(List<Group> groups, String key) {
        return groups.stream().map(group -> name(group, key)).distinct().toList();
    }

    /** The value of a key; of several keys with commas between them their values. */
    private static String name(Group group, String keys) {
        return Arrays.stream(keys.split(", *"))
                .map(key -> Group.text(group.values().getOrDefault(key, "")))
                .collect(Collectors.joining(", "));
    }

    /** Half of the 95 % interval of a mean over seeds; 0 of one seed. */
    static double error(Group group, String metric) {
        Estimate estimate = group.metrics().get(metric);
        return estimate == null || estimate.n() < 2 ? 0 : estimate.halfWidth(CONFIDENCE);
    }
}
