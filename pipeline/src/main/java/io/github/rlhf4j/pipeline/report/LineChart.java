package io.github.rlhf4j.pipeline.report;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** A small chart of one metric over the steps: what was logged while training, and on held-out data where there is some. */
final class LineChart {
    private static final int WIDTH = 360;
    private static final int HEIGHT = 190;
    private static final int LEFT = 52;
    private static final int BOTTOM = 24;
    private static final int MOST_POINTS = 240;

    private LineChart() {}

    /** A value at a step. */
    record Point(double step, double value) {}

    /** A line. */
    record Series(String name, List<Point> points) {}

    /** The chart as a figure; the series must have points. */
    static String figure(String title, List<Series> series) {
        Axis x = Axis.around(smallest(series, true), largest(series, true), false, LEFT, WIDTH - 12);
        Axis y = Axis.around(smallest(series, false), largest(series, false), true, HEIGHT - BOTTOM, 12);
        StringBuilder out = new StringBuilder("<figure><figcaption>" + Html.escape(title) + legend(series)
                + "</figcaption><svg viewBox=\"0 0 " + WIDTH + " " + HEIGHT + "\" role=\"img\" aria-label=\""
                + Html.escape(title) + "\">");
        for (double tick : y.ticks(4)) {
            out.append(String.format(
                    Locale.ROOT,
                    "<line class=\"grid\" x1=\"%d\" x2=\"%d\" y1=\"%.1f\" y2=\"%.1f\"/><text class=\"tick\" x=\"%d\" y=\"%.1f\" text-anchor=\"end\">%s</text>",
                    LEFT,
                    WIDTH - 12,
                    y.at(tick),
                    y.at(tick),
                    LEFT - 6,
                    y.at(tick) + 4,
                    Html.brief(tick)));
        }
        for (double tick : x.ticks(4)) {
            if (tick == Math.rint(tick)) {
                out.append(String.format(
                        Locale.ROOT,
                        "<text class=\"tick\" x=\"%.1f\" y=\"%d\" text-anchor=\"middle\">%s</text>",
                        x.at(tick),
                        HEIGHT - 6,
                        Html.brief(tick)));
            }
        }
        for (int i = 0; i < series.size(); i++) {
            line(out, series.get(i), i + 1, x, y);
        }
        return out.append("</svg></figure>\n").toString();
    }

    private static void line(StringBuilder out, Series series, int color, Axis x, Axis y) {
        List<Point> points = thinned(series.points());
        if (points.size() > 1) {
            out.append("<polyline class=\"line s").append(color).append("\" points=\"");
            points.forEach(point ->
                    out.append(String.format(Locale.ROOT, "%.1f,%.1f ", x.at(point.step()), y.at(point.value()))));
            out.append("\"/>");
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
                    .append(i + 1)
                    .append("\"></i>")
                    .append(Html.escape(series.get(i).name()))
                    .append(" ");
        }
        return out.append("</span>").toString();
    }

    /** At most {@link #MOST_POINTS}, each the mean of its neighbours. */
    static List<Point> thinned(List<Point> points) {
        int group = (points.size() + MOST_POINTS - 1) / MOST_POINTS;
        if (group <= 1) {
            return points;
        }
        List<Point> thinned = new ArrayList<>();
        for (int first = 0; first < points.size(); first += group) {
            List<Point> some = points.subList(first, Math.min(points.size(), first + group));
            double mean = some.stream().mapToDouble(Point::value).average().orElseThrow();
            thinned.add(new Point(some.get(some.size() - 1).step(), mean));
        }
        return thinned;
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
