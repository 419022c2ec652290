package io.github.rlhf4j.charts;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.stream.DoubleStream;
import java.util.stream.Stream;

/** One value over another, a sign each, with intervals of both; with the front of those that nothing beats in both, and with curves. */
public final class ScatterChart extends DrawnChart {
    private static final int LONGEST_NAME = 26;

    /**
     * A place with its name.
     *
     * @param name beside the sign; empty for none
     * @param xError half of the interval to the right; 0 for none
     * @param yError half of the interval upwards; 0 for none
     */
    public record Dot(String name, double x, double y, double xError, double yError) {
        public Dot {
            xError = Double.isFinite(xError) ? xError : 0;
            yError = Double.isFinite(yError) ? yError : 0;
        }

        /** A place without intervals. */
        public static Dot of(String name, double x, double y) {
            return new Dot(name, x, y, 0, 0);
        }
    }

    private record Series(String name, List<Dot> dots, boolean isCurve) {}

    /** Which side is better. */
    private record Better(boolean moreX, boolean moreY) {}

    private final String x;
    private final String y;
    private final List<Series> series = new ArrayList<>();
    private final List<Better> fronts = new ArrayList<>();
    private boolean logX;
    private boolean logY;

    /**
     * A chart without dots.
     *
     * @param x what is to the right, with its unit
     * @param y what is up, with its unit
     */
    public ScatterChart(String title, String x, String y) {
        super(title);
        this.x = x;
        this.y = y;
    }

    /** Equal ratios to the right have equal lengths; what is not positive is not drawn. */
    public ScatterChart logX() {
        logX = true;
        return this;
    }

    /** Equal ratios upwards have equal lengths; what is not positive is not drawn. */
    public ScatterChart logY() {
        logY = true;
        return this;
    }

    /** Adds a series of signs. */
    public ScatterChart dots(String name, List<Dot> dots) {
        return add(name, dots, false);
    }

    /** Adds a curve, such as a fit. */
    public ScatterChart curve(String name, List<Point> points) {
        return add(
                name,
                points.stream().map(point -> Dot.of("", point.x(), point.y())).toList(),
                true);
    }

    private ScatterChart add(String name, List<Dot> dots, boolean isCurve) {
        series.add(new Series(
                name,
                dots.stream()
                        .filter(dot -> Double.isFinite(dot.x()) && Double.isFinite(dot.y()))
                        .toList(),
                isCurve));
        return this;
    }

    /**
     * Joins the dots of all series that no other beats in both values (Pareto's front).
     *
     * @param moreX whether more to the right is better, else less
     * @param moreY whether more upwards is better, else less
     */
    public ScatterChart front(boolean moreX, boolean moreY) {
        fronts.clear();
        fronts.add(new Better(moreX, moreY));
        return this;
    }

    @Override
    String drawn(Drawing drawing) {
        List<Drawing.Entry> entries = legend(
                series.stream().map(Series::name).toList(),
                i -> series.get(i).isCurve() ? Drawing.lineSample(i, false, true) : Mark.at(i, 22, 0));
        if (!fronts.isEmpty()) {
            entries.add(new Drawing.Entry(
                    "not beaten in both", "<line class=\"front\" x1=\"0\" x2=\"30\" y1=\"0\" y2=\"0\"/>"));
        }
        drawing.legend(entries);
        Frame frame = Frame.around(
                drawing,
                new Frame.Labels(x, y, logX, logY),
                all().flatMapToDouble(dot -> DoubleStream.of(dot.x() - dot.xError(), dot.x(), dot.x() + dot.xError())),
                all().flatMapToDouble(dot -> DoubleStream.of(dot.y() - dot.yError(), dot.y(), dot.y() + dot.yError())));
        for (Better better : fronts) {
            path(drawing, frame, front(better), "front");
        }
        Names names = new Names(frame);
        series.stream()
                .filter(one -> !one.isCurve())
                .flatMap(one -> one.dots().stream())
                .filter(dot -> frame.shows(dot.x(), dot.y()))
                .forEach(dot -> take(names, frame, dot));
        for (int i = 0; i < series.size(); i++) {
            if (series.get(i).isCurve()) {
                path(drawing, frame, series.get(i).dots(), "line thin " + Drawing.style(i));
            } else {
                for (Dot dot : series.get(i).dots()) {
                    draw(drawing, frame, dot, i, names);
                }
            }
        }
        return drawing.svg(frame.height());
    }

    /** No name over a sign or its intervals. */
    private static void take(Names names, Frame frame, Dot dot) {
        double x = frame.x(dot.x());
        double y = frame.y(dot.y());
        double left = frame.shows(dot.x() - dot.xError(), dot.y()) ? x - frame.x(dot.x() - dot.xError()) : 0;
        names.take(x, y, Math.max(6, left + 2), 6);
        names.take(x, y, 6, Math.max(6, frame.y(dot.y() - dot.yError()) - y + 2));
    }

    private Stream<Dot> all() {
        return series.stream().flatMap(one -> one.dots().stream());
    }

    private static void path(Drawing drawing, Frame frame, List<Dot> dots, String style) {
        StringBuilder path = new StringBuilder("<polyline class=\"" + style + "\" points=\"");
        dots.stream()
                .filter(dot -> frame.shows(dot.x(), dot.y()))
                .forEach(dot -> path.append(Texts.format("%.1f,%.1f ", frame.x(dot.x()), frame.y(dot.y()))));
        drawing.add(path.append("\"/>\n").toString());
    }

    private static void draw(Drawing drawing, Frame frame, Dot dot, int index, Names names) {
        if (!frame.shows(dot.x(), dot.y())) {
            return;
        }
        double atX = frame.x(dot.x());
        double atY = frame.y(dot.y());
        String bar = "bar s" + (index % Mark.KINDS + 1);
        if (dot.yError() > 0) {
            drawing.interval(bar, atX, frame.y(dot.y() - dot.yError()), atX, frame.y(dot.y() + dot.yError()));
        }
        if (dot.xError() > 0 && frame.shows(dot.x() - dot.xError(), dot.y())) {
            drawing.interval(bar, frame.x(dot.x() - dot.xError()), atY, frame.x(dot.x() + dot.xError()), atY);
        }
        drawing.add("<g><title>" + Texts.escape(inWords(dot)) + "</title>" + Mark.at(index, atX, atY) + "</g>\n");
        names.place(Texts.shortened(dot.name(), LONGEST_NAME), atX, atY).ifPresent(drawing::add);
    }

    private static String inWords(Dot dot) {
        return (dot.name().isEmpty() ? "" : dot.name() + ": ") + Texts.number(dot.x()) + error(dot.xError()) + ", "
                + Texts.number(dot.y()) + error(dot.yError());
    }

    private static String error(double error) {
        return error > 0 ? " ± " + Texts.brief(error) : "";
    }

    /** The dots that none beats in both values, from left to right. */
    private List<Dot> front(Better better) {
        List<Dot> dots = series.stream()
                .filter(one -> !one.isCurve())
                .flatMap(one -> one.dots().stream())
                .toList();
        return dots.stream()
                .filter(dot -> dots.stream().noneMatch(other -> beats(other, dot, better)))
                .sorted(Comparator.comparingDouble(Dot::x).thenComparingDouble(Dot::y))
                .toList();
    }

    private static boolean beats(Dot other, Dot dot, Better better) {
        double byX = better.moreX() ? other.x() - dot.x() : dot.x() - other.x();
        double byY = better.moreY() ? other.y() - dot.y() : dot.y() - other.y();
        return byX >= 0 && byY >= 0 && (byX > 0 || byY > 0);
    }

    @Override
    public String csv() {
        StringBuilder out = new StringBuilder("series,name,x,y,x_error,y_error\n");
        for (Series one : series) {
            for (Dot dot : one.dots()) {
                List<String> fields = new ArrayList<>(List.of(Texts.csvField(one.name()), Texts.csvField(dot.name())));
                Stream.of(dot.x(), dot.y(), dot.xError(), dot.yError())
                        .map(Texts::csvNumber)
                        .forEach(fields::add);
                out.append(String.join(",", fields)).append('\n');
            }
        }
        return out.toString();
    }
}
