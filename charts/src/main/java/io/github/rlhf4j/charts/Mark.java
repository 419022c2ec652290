package io.github.rlhf4j.charts;

/** A sign of a series in every chart: a shape and a colour, so that it is told apart in black and white too. */
public final class Mark {
    /** After so many the signs begin again. */
    public static final int KINDS = 6;

    private Mark() {}

    /** The sign as SVG, centred at a place. */
    public static String at(int series, double x, double y) {
        String style = "mark m" + (series % KINDS + 1);
        return switch (series % KINDS) {
            case 0 -> Texts.format("<circle class=\"%s\" cx=\"%.1f\" cy=\"%.1f\" r=\"4.5\"/>", style, x, y);
            case 1 ->
                Texts.format(
                        "<rect class=\"%s\" x=\"%.1f\" y=\"%.1f\" width=\"8\" height=\"8\"/>", style, x - 4, y - 4);
            case 2 -> polygon(style, x, y - 5.5, x + 5.2, y + 4, x - 5.2, y + 4);
            case 3 -> polygon(style, x, y - 6, x + 6, y, x, y + 6, x - 6, y);
            case 4 -> polygon(style, x, y + 5.5, x + 5.2, y - 4, x - 5.2, y - 4);
            default ->
                polygon(
                        style, x - 2, y - 6, x + 2, y - 6, x + 2, y - 2, x + 6, y - 2, x + 6, y + 2, x + 2, y + 2,
                        x + 2, y + 6, x - 2, y + 6, x - 2, y + 2, x - 6, y + 2, x - 6, y - 2, x - 2, y - 2);
        };
    }

    /** The sign in running text. */
    public static String inline(int series) {
        return "<svg class=\"sign\" viewBox=\"0 0 14 14\" aria-hidden=\"true\">" + at(series, 7, 7) + "</svg>";
    }

    private static String polygon(String style, double... points) {
        StringBuilder out = new StringBuilder("<polygon class=\"" + style + "\" points=\"");
        for (int i = 0; i < points.length; i += 2) {
            out.append(Texts.format("%.1f,%.1f ", points[i], points[i + 1]));
        }
        return out.append("\"/>").toString();
    }
}
