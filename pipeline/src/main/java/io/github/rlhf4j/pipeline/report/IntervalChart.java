package io.github.rlhf4j.pipeline.report;

import java.util.List;
import java.util.Locale;

/** Means side by side: a row a model, a dot at the mean, a bar over two standard errors to either side. */
final class IntervalChart {
    private static final int WIDTH = 360;
    private static final int ROW = 26;
    private static final int LEFT = 104;
    private static final int RIGHT = 58;

    private IntervalChart() {}

    /** A model's mean and its standard error. */
    record Interval(String name, double mean, double standardError, long n) {}

    /** The chart as a figure; there must be rows. */
    static String figure(String title, List<Interval> rows) {
        double low = rows.stream()
                .mapToDouble(row -> row.mean() - 2 * row.standardError())
                .min()
                .orElseThrow();
        double high = rows.stream()
                .mapToDouble(row -> row.mean() + 2 * row.standardError())
                .max()
                .orElseThrow();
        Axis x = Axis.around(low, high, true, LEFT, WIDTH - RIGHT);
        int bottom = ROW * rows.size() + 6;
        StringBuilder out = new StringBuilder("<figure><figcaption>" + Html.escape(title)
                + "</figcaption><svg viewBox=\"0 0 " + WIDTH + " " + (bottom + 20) + "\" role=\"img\" aria-label=\""
                + Html.escape(title) + "\">");
        for (double tick : x.ticks(3)) {
            out.append(String.format(
                    Locale.ROOT,
                    "<line class=\"grid\" x1=\"%.1f\" x2=\"%.1f\" y1=\"4\" y2=\"%d\"/><text class=\"tick\" x=\"%.1f\" y=\"%d\" text-anchor=\"middle\">%s</text>",
                    x.at(tick),
                    x.at(tick),
                    bottom,
                    x.at(tick),
                    bottom + 14,
                    Html.brief(tick)));
        }
        for (int i = 0; i < rows.size(); i++) {
            row(out, rows.get(i), x, ROW * i + ROW / 2 + 4);
        }
        return out.append("</svg></figure>\n").toString();
    }

    private static void row(StringBuilder out, Interval row, Axis x, int y) {
        String name = row.name().length() > 15 ? row.name().substring(0, 14) + "…" : row.name();
        out.append(String.format(
                Locale.ROOT,
                "<g><title>%s: %s ± %s (standard error), n = %d</title>"
                        + "<text class=\"name\" x=\"%d\" y=\"%d\" text-anchor=\"end\">%s</text>"
                        + "<line class=\"bar s1\" x1=\"%.1f\" x2=\"%.1f\" y1=\"%d\" y2=\"%d\"/>"
                        + "<circle class=\"dot s1\" cx=\"%.1f\" cy=\"%d\" r=\"4\"/>"
                        + "<text class=\"value\" x=\"%d\" y=\"%d\">%s</text></g>",
                Html.escape(row.name()),
                Html.number(row.mean()),
                Html.number(row.standardError()),
                row.n(),
                LEFT - 10,
                y + 4,
                Html.escape(name),
                x.at(row.mean() - 2 * row.standardError()),
                x.at(row.mean() + 2 * row.standardError()),
                y,
                y,
                x.at(row.mean()),
                y,
                WIDTH - RIGHT + 10,
                y + 4,
                Html.brief(row.mean())));
    }
}
