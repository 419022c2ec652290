package io.github.rlhf4j.charts;

import java.util.ArrayList;
import java.util.List;

/** A picture in the making: size, title and what is drawn. */
final class Drawing {
    static final int WIDTH = 640;
    private static final int TITLE = 26;
    private static final int ROW = 19;
    private static final int SAMPLE = 30;
    private static final int EDGE = 10;

    private final String title;
    private final boolean isFile;
    private final StringBuilder out = new StringBuilder();
    private int top;

    /** @param isFile whether it is a file of its own, with title and style */
    Drawing(String title, boolean isFile) {
        this.title = title;
        this.isFile = isFile;
        this.top = isFile ? TITLE + EDGE : EDGE;
    }

    /** The first free row. */
    int top() {
        return top;
    }

    /** An entry of the legend. */
    record Entry(String name, String sample) {}

    /** Names of series in rows that fit, below the title. */
    void legend(List<Entry> entries) {
        if (entries.isEmpty()) {
            return;
        }
        double x = EDGE;
        List<String> drawn = new ArrayList<>();
        for (Entry entry : entries) {
            String name = Texts.shortened(entry.name(), 84);
            double width = SAMPLE + 6 + Texts.width(name) + 14;
            if (x > EDGE && x + width > WIDTH - EDGE) {
                x = EDGE;
                top += ROW;
            }
            drawn.add(Texts.format("<g transform=\"translate(%.1f %d)\">%s</g>", x, top + 8, entry.sample()));
            drawn.add(textAt("legend", x + SAMPLE + 6, top + 12, "start", name));
            x += width;
        }
        drawn.forEach(out::append);
        top += ROW + 4;
    }

    /** A sample of a line with its sign, centred on a row at 0. */
    static String lineSample(int series, boolean hasMark, boolean isThin) {
        return "<line class=\"line " + (isThin ? "thin " : "") + style(series) + "\" x1=\"0\" x2=\"" + SAMPLE
                + "\" y1=\"0\" y2=\"0\"/>" + (hasMark ? Mark.at(series, SAMPLE / 2.0, 0) : "");
    }

    /** The colour and the dashes of a series. */
    static String style(int series) {
        return "s" + (series % Mark.KINDS + 1) + " d" + ((series + series / Mark.KINDS) % Mark.KINDS + 1);
    }

    Drawing add(String svg) {
        out.append(svg);
        return this;
    }

    void text(String style, double x, double y, String anchor, String text) {
        out.append(textAt(style, x, y, anchor, text));
    }

    static String textAt(String style, double x, double y, String anchor, String text) {
        return Texts.format(
                "<text class=\"%s\" x=\"%.1f\" y=\"%.1f\" text-anchor=\"%s\">%s</text>",
                style, x, y, anchor, Texts.escape(text));
    }

    void line(String style, double x1, double y1, double x2, double y2) {
        out.append(Texts.format(
                "<line class=\"%s\" x1=\"%.1f\" y1=\"%.1f\" x2=\"%.1f\" y2=\"%.1f\"/>\n", style, x1, y1, x2, y2));
    }

    /** An interval with its ends. */
    void interval(String style, double x1, double y1, double x2, double y2) {
        line(style, x1, y1, x2, y2);
        boolean isUpright = x1 == x2;
        for (boolean first : new boolean[] {true, false}) {
            double x = first ? x1 : x2;
            double y = first ? y1 : y2;
            line(style, isUpright ? x - 3 : x, isUpright ? y : y - 3, isUpright ? x + 3 : x, isUpright ? y : y + 3);
        }
    }

    String svg(int height) {
        String head = "<svg" + (isFile ? " xmlns=\"http://www.w3.org/2000/svg\"" : "")
                + " class=\"rlchart\" viewBox=\"0 0 " + WIDTH + " " + height
                + "\" width=\"" + WIDTH + "\" height=\"" + height + "\" role=\"img\" aria-label=\""
                + Texts.escape(title) + "\">\n";
        String style = isFile ? "<style>\n" + ChartStyle.css() + "</style>\n" : "";
        String paper = "<rect class=\"paper\" width=\"" + WIDTH + "\" height=\"" + height + "\"/>\n";
        String caption = isFile ? textAt("title", EDGE, TITLE - 4, "start", Texts.shortened(title, 84)) + "\n" : "";
        return head + style + (isFile ? paper : "") + caption + out + "</svg>\n";
    }
}
