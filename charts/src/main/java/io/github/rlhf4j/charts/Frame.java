package io.github.rlhf4j.charts;

import java.util.List;
import java.util.stream.DoubleStream;

/** Two axes with ticks, grid lines and labels, laid out so that nothing overlaps. */
final class Frame {
    private static final int HEIGHT = 300; // of the plane
    private static final int RIGHT = 18;
    private static final int BELOW = 48;
    private static final int LABEL = 20;

    private final Axis x;
    private final Axis y;
    private final int left;
    private final int top;

    private Frame(Axis x, Axis y, int left, int top) {
        this.x = x;
        this.y = y;
        this.left = left;
        this.top = top;
    }

    /** Which axes are logarithmic and what they are. */
    record Labels(String x, String y, boolean logX, boolean logY) {}

    /** A frame that holds all values; those that a logarithmic axis cannot show are left out. */
    static Frame around(Drawing drawing, Labels labels, DoubleStream xs, DoubleStream ys) {
        double[] limitsX = limits(xs, labels.logX());
        double[] limitsY = limits(ys, labels.logY());
        int top = drawing.top();
        Axis y = axis(limitsY, labels.logY(), top + HEIGHT, top + 4);
        int widest = y.ticks(6).stream()
                .mapToInt(tick -> (int) Math.ceil(Texts.width(Texts.brief(tick))))
                .max()
                .orElse(0);
        int left = LABEL + widest + 14;
        Axis x = axis(limitsX, labels.logX(), left, Drawing.WIDTH - RIGHT);
        Frame frame = new Frame(x, y, left, top);
        frame.draw(drawing, labels);
        return frame;
    }

    private static double[] limits(DoubleStream values, boolean isLog) {
        double[] shown = values.filter(value -> Double.isFinite(value) && (!isLog || value > 0))
                .toArray();
        return shown.length == 0
                ? new double[] {isLog ? 1 : 0, isLog ? 10 : 1}
                : new double[] {
                    DoubleStream.of(shown).min().orElseThrow(),
                    DoubleStream.of(shown).max().orElseThrow()
                };
    }

    private static Axis axis(double[] limits, boolean isLog, double from, double to) {
        return isLog
                ? Axis.logAround(limits[0], limits[1], from, to)
                : Axis.around(limits[0], limits[1], true, from, to);
    }

    private void draw(Drawing drawing, Labels labels) {
        int right = Drawing.WIDTH - RIGHT;
        int bottom = bottom();
        for (double tick : y.ticks(6)) {
            drawing.line("grid", left, y.at(tick), right, y.at(tick));
            drawing.text("tick", left - 7, y.at(tick) + 4, "end", Texts.brief(tick));
        }
        double free = 0;
        List<Double> ticks = x.ticks(8);
        for (double tick : ticks) {
            drawing.line("grid", x.at(tick), top + 4, x.at(tick), bottom);
            String text = Texts.brief(tick);
            double half = Texts.width(text) / 2;
            double at = Math.min(Drawing.WIDTH - half - 2, x.at(tick));
            if (at - half > free) {
                drawing.text("tick", at, bottom + 16, "middle", text);
                free = at + half + 6;
            }
        }
        drawing.text("label", (left + right) / 2.0, bottom + 38, "middle", labels.x());
        drawing.add(Texts.format(
                "<text class=\"label\" transform=\"translate(14 %.1f) rotate(-90)\" text-anchor=\"middle\">%s</text>\n",
                (top + bottom) / 2.0, Texts.escape(labels.y())));
    }

    boolean shows(double valueX, double valueY) {
        return Double.isFinite(valueX)
                && Double.isFinite(valueY)
                && (!x.isLog() || valueX > 0)
                && (!y.isLog() || valueY > 0);
    }

    double x(double value) {
        return x.at(value);
    }

    /** The position of a value; what a logarithmic axis cannot show is at its end. */
    double y(double value) {
        return y.isLog() && value <= y.low() ? y.at(y.low()) : y.at(value);
    }

    int left() {
        return left;
    }

    static int right() {
        return Drawing.WIDTH - RIGHT;
    }

    int top() {
        return top;
    }

    int bottom() {
        return top + HEIGHT;
    }

    /** Of the whole picture. */
    int height() {
        return bottom() + BELOW;
    }
}
