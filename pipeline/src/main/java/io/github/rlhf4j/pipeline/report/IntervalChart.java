package io.github.rlhf4j.pipeline.report;

import io.github.rlhf4j.charts.Axis;
import io.github.rlhf4j.charts.Mark;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalDouble;

/** Means side by side: a row a model, its sign at the mean, a bar over two standard errors to either side. */
final class IntervalChart {
    private static final int WIDTH = 360;
    private static final int ROW = 26;
    private static final int LEFT = 112;
    private static final int RIGHT = 74;
    private static final int LONGEST_NAME = 16;

    private IntervalChart() {}

    /**
     * A mean.
     *
     * @param mark whose sign it has
     * @param standardError absent where there is only one value
     */
    record Interval(String name, int mark, double mean, OptionalDouble standardError, long n) {
        double low() {
            return mean - 2 * standardError.orElse(0);
        }

        double high() {
            return mean + 2 * standardError.orElse(0);
        }

        String inWords() {
            return name + ": " + Html.number(mean)
                    + (standardError.isPresent()
                            ? " ± " + Html.number(standardError.getAsDouble()) + " (standard error)"
                            : "")
                    + ", n = " + n;
        }
    }

    /** The chart as a figure; there must be rows. */
    static String figure(String metric, List<Interval> rows) {
        return figure(Figure.caption(metric), metric, rows, false);
    }

    /**
     * The chart as a figure; there must be rows.
     *
     * @param caption HTML
     * @param zero whether 0 is shown, as of differences
     */
    static String figure(String caption, String label, List<Interval> rows, boolean zero) {
        double low = rows.stream().mapToDouble(Interval::low).min().orElseThrow();
        double high = rows.stream().mapToDouble(Interval::high).max().orElseThrow();
        Axis x = zero
                ? Axis.around(Math.min(0, low), Math.max(0, high), true, LEFT, WIDTH - RIGHT)
                : Axis.around(low, high, true, LEFT, WIDTH - RIGHT);
        int bottom = ROW * rows.size() + 6;
        StringBuilder out = new StringBuilder(Figure.begin(caption, label, WIDTH, bottom + 20));
        x.ticks(3).forEach(tick -> out.append(Figure.tickBelow(x, tick, 4, bottom, WIDTH)));
        if (zero) {
            out.append(Figure.line("zero", x.at(0), 4, x.at(0), bottom));
        }
        for (int i = 0; i < rows.size(); i++) {
            row(out, rows.get(i), x, ROW * i + ROW / 2 + 4);
        }
        List<List<?>> numbers = new ArrayList<>();
        rows.forEach(row -> numbers.add(List.of(
                row.name(),
                row.mean(),
                row.standardError().isPresent() ? row.standardError().getAsDouble() : "",
                row.n())));
        return out.append(Figure.end(List.of("name", "mean", "standard_error", "n"), numbers))
                .toString();
    }

    private static void row(StringBuilder out, Interval row, Axis x, int y) {
        out.append("<g><title>").append(Html.escape(row.inWords())).append("</title>");
        out.append(Figure.text("name", LEFT - 10, y + 4, "end", Figure.shortened(row.name(), LONGEST_NAME)));
        out.append(Figure.line("bar", x.at(row.low()), y, x.at(row.high()), y));
        out.append(Mark.at(row.mark(), x.at(row.mean()), y));
        out.append(Figure.text("value", WIDTH - RIGHT + 10, y + 4, "start", Html.brief(row.mean())));
        out.append("</g>");
    }
}
