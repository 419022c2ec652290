package io.github.rlhf4j.charts;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.stream.DoubleStream;
import java.util.stream.Stream;

/** Values over values as lines: with bands where their points have intervals, measured points with error bars, fits, and levels to compare with. */
public final class LineChart extends DrawnChart {
    private static final int MOST_POINTS = 400;
    private static final int MOST_MARKS = 24;
    private static final int SOME_MARKS = 8;

    private enum Kind {
        LINE,
        MEASURED,
        FIT,
        LEVEL
    }

    private record Series(String name, Kind kind, List<Point> points) {}

    private final String x;
    private final String y;
    private final List<Series> series = new ArrayList<>();
    private boolean logX;
    private boolean logY;

    /**
     * A chart without lines.
     *
     * @param x what is to the right, with its unit
     * @param y what is up, with its unit
     */
    public LineChart(String title, String x, String y) {
        super(title);
        this.x = x;
        this.y = y;
    }

    /** Equal ratios to the right have equal lengths; what is not positive is not drawn. */
    public LineChart logX() {
        logX = true;
        return this;
    }

    /** Equal ratios upwards have equal lengths; what is not positive is not drawn. */
    public LineChart logY() {
        logY = true;
        return this;
    }

    /** Adds a line; its points' intervals are a band. */
    public LineChart line(String name, List<Point> points) {
        return add(name, Kind.LINE, points);
    }

    /** Adds measured points with error bars, joined by a thin line. */
    public LineChart measured(String name, List<Point> points) {
        return add(name, Kind.MEASURED, points);
    }

    /** Adds a curve that was fitted: thin and without signs. */
    public LineChart fit(String name, List<Point> points) {
        return add(name, Kind.FIT, points);
    }

    /** Adds a level to compare with. */
    public LineChart level(String name, double value) {
        return add(name, Kind.LEVEL, List.of(Point.of(0, value)));
    }

    private LineChart add(String name, Kind kind, List<Point> points) {
        series.add(new Series(
                name,
                kind,
                points.stream()
                        .filter(Point::isFinite)
                        .sorted(Comparator.comparingDouble(Point::x))
                        .toList()));
        return this;
    }

    @Override
    String drawn(Drawing drawing) {
        drawing.legend(legend(series.stream().map(Series::name).toList(), i -> {
            Kind kind = series.get(i).kind();
            return Drawing.lineSample(i, kind == Kind.LINE || kind == Kind.MEASURED, kind != Kind.LINE);
        }));
        Frame frame = Frame.around(
                drawing,
                new Frame.Labels(x, y, logX, logY),
                series.stream()
                        .filter(one -> one.kind() != Kind.LEVEL)
                        .flatMap(one -> one.points().stream())
                        .mapToDouble(Point::x),
                series.stream()
                        .flatMap(one -> one.points().stream())
                        .flatMapToDouble(point -> DoubleStream.of(point.low(), point.y(), point.high())));
        for (boolean bands : new boolean[] {true, false}) {
            for (int i = 0; i < series.size(); i++) {
                draw(drawing, frame, series.get(i), i, bands);
            }
        }
        return drawing.svg(frame.height());
    }

    private static void draw(Drawing drawing, Frame frame, Series series, int index, boolean bands) {
        List<Point> points = series.points().stream()
                .filter(point -> series.kind() == Kind.LEVEL || frame.shows(point.x(), point.y()))
                .toList();
        if (points.isEmpty()) {
            return;
        }
        if (series.kind() == Kind.LEVEL) {
            if (!bands && frame.shows(1, points.get(0).y())) {
                double level = frame.y(points.get(0).y());
                drawing.line("line thin " + Drawing.style(index), frame.left(), level, Frame.right(), level);
            }
            return;
        }
        List<Point> few = Thinning.of(
                points,
                MOST_POINTS,
                some -> new Point(
                        some.get(some.size() - 1).x(),
                        mean(some.stream().mapToDouble(Point::y)),
                        mean(some.stream().mapToDouble(Point::low)),
                        mean(some.stream().mapToDouble(Point::high))));
        if (bands) {
            if (series.kind() == Kind.LINE && few.stream().anyMatch(Point::hasInterval)) {
                band(drawing, frame, few, index);
            }
            return;
        }
        String style = series.kind() == Kind.LINE ? "line " : "line thin ";
        StringBuilder path = new StringBuilder("<polyline class=\"" + style + Drawing.style(index) + "\" points=\"");
        few.forEach(point -> path.append(Texts.format("%.1f,%.1f ", frame.x(point.x()), frame.y(point.y()))));
        drawing.add(path.append("\"/>\n").toString());
        if (series.kind() != Kind.FIT) {
            marks(drawing, frame, series, few, index);
        }
    }

    private static void band(Drawing drawing, Frame frame, List<Point> points, int index) {
        StringBuilder area = new StringBuilder("<polygon class=\"band f" + (index % Mark.KINDS + 1) + "\" points=\"");
        points.forEach(point -> area.append(Texts.format("%.1f,%.1f ", frame.x(point.x()), frame.y(point.high()))));
        for (int i = points.size() - 1; i >= 0; i--) {
            Point point = points.get(i);
            area.append(Texts.format("%.1f,%.1f ", frame.x(point.x()), frame.y(point.low())));
        }
        drawing.add(area.append("\"/>\n").toString());
    }

    /** All signs where there are few points; else some, at other places for each series. */
    private static void marks(Drawing drawing, Frame frame, Series series, List<Point> points, int index) {
        int every = points.size() <= MOST_MARKS ? 1 : points.size() / SOME_MARKS;
        for (int i = every == 1 ? 0 : index * every / Mark.KINDS % every; i < points.size(); i += every) {
            Point point = points.get(i);
            if (series.kind() == Kind.MEASURED && point.hasInterval()) {
                drawing.interval(
                        "bar s" + (index % Mark.KINDS + 1),
                        frame.x(point.x()),
                        frame.y(point.low()),
                        frame.x(point.x()),
                        frame.y(point.high()));
            }
            drawing.add("<g><title>" + Texts.escape(series.name() + ": " + inWords(point)) + "</title>"
                    + Mark.at(index, frame.x(point.x()), frame.y(point.y())) + "</g>\n");
        }
    }

    private static String inWords(Point point) {
        return Texts.number(point.x()) + ", " + Texts.number(point.y())
                + (point.hasInterval()
                        ? " [" + Texts.number(point.low()) + ", " + Texts.number(point.high()) + "]"
                        : "");
    }

    private static double mean(DoubleStream values) {
        return values.average().orElseThrow();
    }

    @Override
    public String csv() {
        StringBuilder out = new StringBuilder("series,x,y,low,high\n");
        for (Series one : series) {
            for (Point point : one.points()) {
                Stream<String> numbers = Stream.of(
                                one.kind() == Kind.LEVEL ? Double.NaN : point.x(), point.y(), point.low(), point.high())
                        .map(Texts::csvNumber);
                out.append(Texts.csvField(one.name()))
                        .append(',')
                        .append(String.join(",", numbers.toList()))
                        .append('\n');
            }
        }
        return out.toString();
    }
}
