package io.github.rlhf4j.charts;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.DoubleStream;
import java.util.stream.Stream;

/** Values side by side, a row each, with their intervals: bars from 0, or signs alone where 0 is far away. Rows of one category are together, with a sign for each series. */
public final class BarChart extends DrawnChart {
    private static final int ROW = 20;
    private static final int GAP = 8;
    private static final int LONGEST_NAME = 44;
    private static final int BELOW = 44;
    private static final int VALUE = 70;

    private record Bar(String category, String series, Point value) {}

    private final String label;
    private final List<Bar> bars = new ArrayList<>();
    private boolean fromZero = true;

    /**
     * A chart without bars.
     *
     * @param label what is measured, with its unit
     */
    public BarChart(String title, String label) {
        super(title);
        this.label = label;
    }

    /** Signs with intervals and no bars, on an axis that need not hold 0. */
    public BarChart signs() {
        fromZero = false;
        return this;
    }

    /** Adds a bar without an interval to the only series. */
    public BarChart bar(String category, double value) {
        return bar(category, "", Point.of(0, value));
    }

    /**
     * Adds a bar.
     *
     * @param series empty where there is only one
     * @param value of which y is the value, and low and high its interval
     */
    public BarChart bar(String category, String series, Point value) {
        bars.add(new Bar(category, series, value));
        return this;
    }

    @Override
    String drawn(Drawing drawing) {
        Set<String> series = new LinkedHashSet<>();
        Map<String, List<Bar>> categories = new LinkedHashMap<>();
        for (Bar bar : bars) {
            if (bar.value().isFinite()) {
                series.add(bar.series());
                categories
                        .computeIfAbsent(bar.category(), name -> new ArrayList<>())
                        .add(bar);
            }
        }
        List<String> order = List.copyOf(series);
        drawing.legend(legend(order, i -> Mark.at(i, 22, 0)));
        double left = 24
                + categories.keySet().stream()
                        .mapToDouble(name -> Texts.width(Texts.shortened(name, LONGEST_NAME)))
                        .max()
                        .orElse(0);
        int rows = categories.values().stream().mapToInt(List::size).sum();
        int bottom = drawing.top() + rows * ROW + categories.size() * GAP;
        Axis axis = axis(left);
        frame(drawing, axis, bottom);
        double y = drawing.top() + GAP / 2.0;
        for (Map.Entry<String, List<Bar>> category : categories.entrySet()) {
            int count = category.getValue().size();
            drawing.text(
                    "name",
                    left - 10,
                    y + count * ROW / 2.0 + 4,
                    "end",
                    Texts.shortened(category.getKey(), LONGEST_NAME));
            for (Bar bar : category.getValue()) {
                draw(drawing, axis, bar, order.indexOf(bar.series()), y + ROW / 2.0);
                y += ROW;
            }
            y += GAP;
        }
        return drawing.svg(bottom + BELOW);
    }

    private Axis axis(double left) {
        double[] all = bars.stream()
                .map(Bar::value)
                .filter(Point::isFinite)
                .flatMapToDouble(value -> DoubleStream.of(value.low(), value.y(), value.high()))
                .toArray();
        double low = DoubleStream.of(all).min().orElse(0);
        double high = DoubleStream.of(all).max().orElse(1);
        return fromZero
                ? Axis.around(Math.min(0, low), Math.max(0, high), low < 0, left, Drawing.WIDTH - VALUE)
                : Axis.around(low, high, true, left, Drawing.WIDTH - VALUE);
    }

    private void frame(Drawing drawing, Axis axis, int bottom) {
        double free = 0;
        for (double tick : axis.ticks(6)) {
            String text = Texts.brief(tick);
            double half = Texts.width(text) / 2;
            drawing.line("grid", axis.at(tick), drawing.top(), axis.at(tick), bottom);
            if (axis.at(tick) - half > free) {
                drawing.text("tick", axis.at(tick), bottom + 15, "middle", text);
                free = axis.at(tick) + half + 6;
            }
        }
        if (axis.low() <= 0 && axis.high() >= 0) {
            drawing.line("zero", axis.at(0), drawing.top(), axis.at(0), bottom);
        }
        drawing.text("label", (axis.from() + axis.to()) / 2, bottom + 35, "middle", label);
    }

    private void draw(Drawing drawing, Axis axis, Bar bar, int series, double y) {
        Point value = bar.value();
        double at = axis.at(value.y());
        String color = String.valueOf(series % Mark.KINDS + 1);
        if (fromZero) {
            drawing.add(Texts.format(
                    "<rect class=\"block f%s s%s\" x=\"%.1f\" y=\"%.1f\" width=\"%.1f\" height=\"%d\"/>",
                    color, color, Math.min(axis.at(0), at), y - ROW / 2.0 + 2, Math.abs(at - axis.at(0)), ROW - 4));
        }
        if (value.hasInterval()) {
            drawing.interval("bar s" + color, axis.at(value.low()), y, axis.at(value.high()), y);
        }
        drawing.add("<g><title>"
                + Texts.escape(bar.category() + (bar.series().isEmpty() ? "" : ", " + bar.series()) + ": "
                        + Texts.number(value.y()))
                + "</title>" + Mark.at(series, at, y) + "</g>\n");
        drawing.text("value", Drawing.WIDTH - VALUE + 10, y + 4, "start", Texts.brief(value.y()));
    }

    @Override
    public String csv() {
        StringBuilder out = new StringBuilder("category,series,value,low,high\n");
        for (Bar bar : bars) {
            Stream<String> numbers = Stream.of(
                            bar.value().y(), bar.value().low(), bar.value().high())
                    .map(Texts::csvNumber);
            out.append(Texts.csvField(bar.category()))
                    .append(',')
                    .append(Texts.csvField(bar.series()))
                    .append(',')
                    .append(String.join(",", numbers.toList()))
                    .append('\n');
        }
        return out.toString();
    }
}
