package io.github.rlhf4j.pipeline.report;

import io.github.rlhf4j.charts.Axis;
import io.github.rlhf4j.charts.Thinning;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** A small chart of one metric over the steps: what was logged while training, and on held-out data where there is some. */
final class LineChart {
    private static final int WIDTH = 360;
    private static final int HEIGHT = 190;
    private static final int LEFT = 58;
    private static final int RIGHT = 14;
    private static final int STYLES = 6;
    private static final int BOTTOM = 24;
    private static final int MOST_POINTS = 240;

    private LineChart() {}

    /** A value at a step. */
    record Point(double step, double value) {}

    /** A line; that of held-out data is dashed. */
    record Series(String name, List<Point> points, boolean isHeldOut) {}

    /** The chart as a figure; the series must have points. */
    static String figure(String title, List<Series> series) {
        Axis x = Axis.around(smallest(series, true), largest(series, true), false, LEFT, WIDTH - RIGHT);
        Axis y = Axis.around(smallest(series, false), largest(series, false), true, HEIGHT - BOTTOM, 12);
        StringBuilder out =
                new StringBuilder(Figure.begin(Figure.caption(title) + legend(series), title, WIDTH, HEIGHT));
        y.ticks(4).forEach(tick -> out.append(Figure.tickLeft(y, tick, LEFT, WIDTH - RIGHT)));
        x.ticks(4).stream()
                .filter(tick -> tick == Math.rint(tick))
                .forEach(tick -> out.append(Figure.tickBelow(x, tick, HEIGHT - BOTTOM, HEIGHT - BOTTOM, WIDTH)));
        for (int i = 0; i < series.size(); i++) {
            line(out, series.get(i), i % STYLES + 1, x, y);
        }
        List<List<?>> rows = new ArrayList<>();
        series.forEach(one ->
                thinned(one.points()).forEach(point -> rows.add(List.of(one.name(), point.step(), point.value()))));
        return out.append(Figure.end(List.of("series", "step", "value"), rows)).toString();
    }

    private static void line(StringBuilder out, Series series, int color, Axis x, Axis y) {
        List<Point> points = thinned(series.points());
        if (points.size() > 1) {
            out.append("<polyline class=\"line s")
                    .append(color)
                    .append(series.isHeldOut() ? " dashed" : "")
                    .append("\" points=\"");
            points.forEach(point ->
                    out.append(String.format(Locale.ROOT, "%.1f,%.1f ", x.at(point.step()), y.at(point.value()))));
            out.append("\"/>");
        }
        if (points.size() == 1 && series.isHeldOut()) { // one evaluation, at the end: a level to compare with
            out.append(Figure.line(
                    "line dashed s" + color,
                    LEFT,
                    y.at(points.get(0).value()),
                    WIDTH - RIGHT,
                    y.at(points.get(0).value())));
        }
        boolean few = points.size() <= 40;
        for (Point point : points) {
            out.append(String.format(
                    Locale.ROOT,
                    "<circle class=\"dot s%d%s\" cx=\"%.1f\" cy=\"%.1f\" r=\"%s\"><title>%s, step %s: %s</title></circle>",
                    color,
                    few ? "" : " faint",
                    x.at(point.step()),
                    y.at(point.value()),
                    few ? "2.5" : "5",
                    Html.escape(series.name()),
                    Html.number(point.step()),
                    Html.number(point.value())));
        }
    }

    private static String legend(List<Series> series) {
        if (series.size() < 2) {
            return "";
        }
        StringBuilder out = new StringBuilder("<span class=\"legend\">");
        for (int i = 0; i < series.size(); i++) {
            out.append("<i class=\"key s")
                    .append(i % STYLES + 1)
                    .append(series.get(i).isHeldOut() ? " dashed" : "")
                    .append("\"></i>")
                    .append(Html.escape(series.get(i).name()))
                    .append(" ");
        }
        return out.append("</span>").toString();
    }

    /** At most {@link #MOST_POINTS}, each the mean of its neighbours. */
    static List<Point> thinned(List<Point> points) {
        return Thinning.of(
                points,
                MOST_POINTS,
                some -> new Point(
                        some.get(some.size() - 1).step(),
                        some.stream().mapToDouble(Point::value).average().orElseThrow()));
    }

    private static double smallest(List<Series> series, boolean steps) {
        return series.stream()
                .flatMap(one -> one.points().stream())
                .mapToDouble(point -> steps ? point.step() : point.value())
                .min()
                .orElseThrow();
    }

    private static double largest(List<Series> series, boolean steps) {
        return series.stream()
                .flatMap(one -> one.points().stream())
                .mapToDouble(point -> steps ? point.step() : point.value())
                .max()
                .orElseThrow();
    }
}
