package io.github.rlhf4j.pipeline.report;

import io.github.rlhf4j.charts.Axis;
import io.github.rlhf4j.charts.Mark;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.DoubleStream;

/** Points in a plane with error bars and names, lines beneath them. */
final class ScatterChart {
    private static final int WIDTH = 360;
    private static final int HEIGHT = 240;
    private static final int LEFT = 56;
    private static final int RIGHT = 16;
    private static final int BOTTOM = 42;
    private static final int LONGEST_NAME = 18;

    private final String caption;
    private final String label;
    private final String below;
    private final List<Dot> dots = new ArrayList<>();
    private final List<Path> paths = new ArrayList<>();
    private final List<Box> taken = new ArrayList<>();

    /**
     * @param caption HTML
     * @param label what is drawn, for those who cannot see it
     * @param below what the x axis shows
     */
    ScatterChart(String caption, String label, String below) {
        this.caption = caption;
        this.label = label;
        this.below = below;
    }

    /** A named point; {@code error} to either side. */
    record Dot(String name, int mark, double x, double y, double error) {}

    /** A line through places; {@code brief} is its name in the legend. */
    record Path(String style, String brief, String name, List<LineChart.Point> points) {}

    ScatterChart dot(Dot dot) {
        dots.add(dot);
        return this;
    }

    ScatterChart path(Path path) {
        paths.add(path);
        return this;
    }

    /** The chart as a figure; there must be a point. */
    String figure() {
        Axis x = axis(true, LEFT, WIDTH - RIGHT);
        Axis y = axis(false, HEIGHT - BOTTOM, 12);
        StringBuilder out = new StringBuilder(Figure.begin(caption + legend(), label, WIDTH, HEIGHT));
        y.ticks(4).forEach(tick -> out.append(Figure.tickLeft(y, tick, LEFT, WIDTH - RIGHT)));
        x.ticks(4).forEach(tick -> out.append(Figure.tickBelow(x, tick, 12, HEIGHT - BOTTOM, WIDTH)));
        out.append(Figure.text("tick", (LEFT + WIDTH - RIGHT) / 2.0, HEIGHT - 8, "middle", below));
        paths.forEach(path -> path(out, path, x, y));
        for (Dot dot : dots) { // no name over a sign
            taken.add(new Box(x.at(dot.x()) - 6, y.at(dot.y()) + 4, 12));
        }
        for (Dot dot : dots) {
            dot(out, dot, x, y);
        }
        List<List<?>> rows = new ArrayList<>();
        dots.forEach(dot -> rows.add(List.of(dot.name(), dot.x(), dot.y(), dot.error())));
        paths.forEach(path ->
                path.points().forEach(point -> rows.add(List.of(path.brief(), point.step(), point.value(), ""))));
        return out.append(Figure.end(List.of("name", "x", "y", "error"), rows)).toString();
    }

    private String legend() {
        StringBuilder out = new StringBuilder();
        paths.forEach(path -> out.append("<span class=\"legend\" title=\"")
                .append(Html.escape(path.name()))
                .append("\"><i class=\"key ")
                .append(path.style())
                .append("\"></i>")
                .append(Html.escape(path.brief()))
                .append("</span>"));
        return out.toString();
    }

    private Axis axis(boolean horizontal, double from, double to) {
        DoubleStream ofDots = dots.stream()
                .flatMapToDouble(dot -> horizontal
                        ? DoubleStream.of(dot.x())
                        : DoubleStream.of(dot.y() - dot.error(), dot.y() + dot.error()));
        DoubleStream ofPaths = paths.stream()
                .flatMap(path -> path.points().stream())
                .mapToDouble(point -> horizontal ? point.step() : point.value());
        double[] all = DoubleStream.concat(ofDots, ofPaths).toArray();
        double low = DoubleStream.of(all).min().orElseThrow();
        double high = DoubleStream.of(all).max().orElseThrow();
        return Axis.around(low, high, true, from, to);
    }

    private static void path(StringBuilder out, Path path, Axis x, Axis y) {
        out.append("<g><title>").append(Html.escape(path.name())).append("</title><polyline class=\"line ");
        out.append(path.style()).append("\" points=\"");
        path.points()
                .forEach(point -> out.append(Figure.format("%.1f,%.1f ", x.at(point.step()), y.at(point.value()))));
        out.append("\"/></g>");
    }

    /** A place for a name that is free: beside the sign, or above or below it. */
    private Box place(String name, double x, double y) {
        double width = name.length() * 6.8;
        List<Box> places = new ArrayList<>();
        for (double down : new double[] {-6, 12, -18, 24, -30}) {
            places.add(new Box(x + 10, y + down, width));
            places.add(new Box(x - 10 - width, y + down, width));
        }
        Box free = places.stream()
                .filter(Box::isInside)
                .filter(box -> taken.stream().noneMatch(box::overlaps))
                .findFirst()
                .orElse(places.get(x < WIDTH * 0.6 ? 0 : 1));
        taken.add(free);
        return free;
    }

    /** Where a name is: its left end on the base line. */
    private record Box(double left, double base, double width) {
        boolean isInside() {
            return left > LEFT && left + width < WIDTH - 2 && base > 10 && base < HEIGHT - BOTTOM;
        }

        boolean overlaps(Box other) {
            return left < other.left + other.width && other.left < left + width && Math.abs(base - other.base) < 12;
        }
    }

    private void dot(StringBuilder out, Dot dot, Axis x, Axis y) {
        double at = x.at(dot.x());
        String name = Figure.shortened(dot.name(), LONGEST_NAME);
        Box place = place(name, at, y.at(dot.y()));
        out.append("<g><title>")
                .append(Html.escape(dot.name() + ": " + Html.number(dot.x()) + ", " + Html.number(dot.y())
                        + (dot.error() > 0 ? " ± " + Html.number(dot.error() / 2) : "")))
                .append("</title>");
        out.append(Figure.line("bar thin", at, y.at(dot.y() - dot.error()), at, y.at(dot.y() + dot.error())));
        out.append(Mark.at(dot.mark(), at, y.at(dot.y())));
        out.append(Figure.text("name", place.left(), place.base(), "start", name));
        out.append("</g>");
    }
}
