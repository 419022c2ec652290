package io.github.rlhf4j.pipeline.report;

import io.github.rlhf4j.charts.Axis;
import java.util.List;
import java.util.Locale;

/** What all charts have in common: a caption with unit and direction, axes, and labels that stay inside. */
final class Figure {
    private Figure() {}

    /** The beginning of a figure, up to its drawing; {@link #end} ends it. */
    static String begin(String caption, String label, int width, int height) {
        return "<figure><figcaption>" + caption + "</figcaption><svg viewBox=\"0 0 " + width + " " + height
                + "\" role=\"img\" aria-label=\"" + Html.escape(label) + "\">";
    }

    /** The end of a figure, with the numbers that it shows. */
    static String end(List<String> head, List<List<?>> rows) {
        return "</svg>" + FigureFiles.numbers(head, rows) + "</figure>\n";
    }

    /** A metric's name with its unit and direction; its meaning on hovering and behind the link. */
    static String caption(String metric) {
        return MetricGuide.of(metric)
                .map(entry -> "<a class=\"metric\" href=\"#m-" + Html.escape(entry.name()) + "\" title=\""
                        + Html.escape(entry.what()) + "\">" + Html.escape(metric) + "</a> <small>"
                        + Html.escape(entry.brief()) + "</small>")
                .orElse(Html.escape(metric));
    }

    /** A tick of the x axis with a grid line; its label is moved inwards at the edges. */
    static String tickBelow(Axis x, double tick, int top, int bottom, int width) {
        String label = Html.brief(tick);
        double at = x.at(tick);
        double half = label.length() * 3.2;
        double inside = Math.max(half + 1, Math.min(width - half - 1, at));
        return format(
                "<line class=\"grid\" x1=\"%.1f\" x2=\"%.1f\" y1=\"%d\" y2=\"%d\"/><text class=\"tick\" x=\"%.1f\" y=\"%d\" text-anchor=\"middle\">%s</text>",
                at, at, top, bottom, inside, bottom + 14, label);
    }

    /** A tick of the y axis with a grid line. */
    static String tickLeft(Axis y, double tick, int left, int right) {
        return format(
                "<line class=\"grid\" x1=\"%d\" x2=\"%d\" y1=\"%.1f\" y2=\"%.1f\"/><text class=\"tick\" x=\"%d\" y=\"%.1f\" text-anchor=\"end\">%s</text>",
                left, right, y.at(tick), y.at(tick), left - 6, y.at(tick) + 4, Html.brief(tick));
    }

    static String text(String style, double x, double y, String anchor, String text) {
        return format(
                "<text class=\"%s\" x=\"%.1f\" y=\"%.1f\" text-anchor=\"%s\">%s</text>",
                style, x, y, anchor, Html.escape(text));
    }

    static String line(String style, double x1, double y1, double x2, double y2) {
        return format("<line class=\"%s\" x1=\"%.1f\" y1=\"%.1f\" x2=\"%.1f\" y2=\"%.1f\"/>", style, x1, y1, x2, y2);
    }

    static String format(String pattern, Object... values) {
        return String.format(Locale.ROOT, pattern, values);
    }

    /** A name that fits into so many characters. */
    static String shortened(String name, int most) {
        return name.length() > most ? name.substring(0, most - 1) + "…" : name;
    }
}
