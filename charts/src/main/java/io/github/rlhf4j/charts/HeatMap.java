package io.github.rlhf4j.charts;

import java.util.Arrays;
import java.util.List;
import java.util.stream.DoubleStream;

/** A value for each pair of a row and a column as a shade: darker is more, in black and white too. */
public final class HeatMap extends DrawnChart {
    private static final int MOST_NUMBERS = 14; // columns that leave room for numbers
    private static final int LONGEST_NAME = 24;
    private static final int RIGHT = 82;
    private static final int[] LEAST = {247, 251, 255};
    private static final int[] MOST = {8, 48, 107};

    private final String x;
    private final String y;
    private final List<String> columns;
    private final List<String> rows;
    private final double[][] values;

    /**
     * A map.
     *
     * @param x what the columns are
     * @param y what the rows are
     * @param values (rows, columns); a cell that is not finite is empty
     */
    public HeatMap(String title, String x, String y, List<String> columns, List<String> rows, double[][] values) {
        super(title);
        boolean fits =
                values.length == rows.size() && Arrays.stream(values).allMatch(row -> row.length == columns.size());
        if (!fits) {
            throw new IllegalArgumentException("values must be (" + rows.size() + ", " + columns.size() + ")");
        }
        this.x = x;
        this.y = y;
        this.columns = List.copyOf(columns);
        this.rows = List.copyOf(rows);
        this.values = Arrays.stream(values).map(double[]::clone).toArray(double[][]::new);
    }

    private DoubleStream finite() {
        return Arrays.stream(values).flatMapToDouble(Arrays::stream).filter(Double::isFinite);
    }

    @Override
    String drawn(Drawing drawing) {
        double low = finite().min().orElse(0);
        double high = finite().max().orElse(1);
        double left = 36 + longest(rows);
        double width = (Drawing.WIDTH - RIGHT - left) / Math.max(1, columns.size());
        double height = Math.max(10, Math.min(28, width));
        double top = drawing.top();
        double bottom = top + height * rows.size();
        for (int row = 0; row < rows.size(); row++) {
            double middle = top + height * (row + 0.5);
            if (row % every(height) == 0) {
                drawing.text("tick", left - 6, middle + 4, "end", Texts.shortened(rows.get(row), LONGEST_NAME));
            }
            for (int column = 0; column < columns.size(); column++) {
                cell(
                        drawing,
                        row,
                        column,
                        new double[] {left + width * column, top + height * row, width, height},
                        low,
                        high);
            }
        }
        boolean isTilted = longest(columns) > width - 4;
        for (int column = 0; column < columns.size(); column++) {
            double at = left + width * (column + 0.5);
            String name = Texts.shortened(columns.get(column), LONGEST_NAME);
            if (!isTilted) {
                drawing.text("tick", at, bottom + 15, "middle", name);
            } else if (column % every(width) == 0) {
                drawing.add(Texts.format(
                        "<text class=\"tick\" transform=\"translate(%.1f %.1f) rotate(-90)\" text-anchor=\"end\">%s</text>",
                        at + 4, bottom + 8, Texts.escape(name)));
            }
        }
        double names = isTilted ? longest(columns) + 12 : 18;
        drawing.text("label", (left + Drawing.WIDTH - RIGHT) / 2, bottom + names + 16, "middle", x);
        drawing.add(Texts.format(
                "<text class=\"label\" transform=\"translate(14 %.1f) rotate(-90)\" text-anchor=\"middle\">%s</text>\n",
                (top + bottom) / 2, Texts.escape(y)));
        scale(drawing, top, Math.max(bottom, top + 60), low, high);
        return drawing.svg((int) Math.ceil(Math.max(bottom, top + 60) + names + 28));
    }

    /** Every so many-th name, so that lines of text do not overlap. */
    private static int every(double step) {
        return (int) Math.ceil(13 / step);
    }

    private static double longest(List<String> names) {
        return names.stream()
                .mapToDouble(name -> Texts.width(Texts.shortened(name, LONGEST_NAME)))
                .max()
                .orElse(0);
    }

    private void cell(Drawing drawing, int row, int column, double[] box, double low, double high) {
        double value = values[row][column];
        if (!Double.isFinite(value)) {
            return;
        }
        double share = high > low ? (value - low) / (high - low) : 0.5;
        drawing.add(Texts.format(
                "<rect x=\"%.1f\" y=\"%.1f\" width=\"%.1f\" height=\"%.1f\" fill=\"%s\"><title>%s</title></rect>",
                box[0],
                box[1],
                box[2] + 0.4,
                box[3] + 0.4,
                shade(share),
                Texts.escape(rows.get(row) + ", " + columns.get(column) + ": " + Texts.number(value))));
        if (columns.size() <= MOST_NUMBERS && box[3] >= 14) {
            drawing.add(Texts.format(
                    "<text x=\"%.1f\" y=\"%.1f\" text-anchor=\"middle\" style=\"fill:%s;font-size:11px\">%s</text>\n",
                    box[0] + box[2] / 2,
                    box[1] + box[3] / 2 + 4,
                    share > 0.55 ? "#ffffff" : "#1b1b1a",
                    Texts.brief(value)));
        }
    }

    private static void scale(Drawing drawing, double top, double bottom, double low, double high) {
        int steps = 24;
        double height = (bottom - top) / steps;
        double left = Drawing.WIDTH - RIGHT + 14;
        for (int step = 0; step < steps; step++) {
            drawing.add(Texts.format(
                    "<rect x=\"%.1f\" y=\"%.1f\" width=\"12\" height=\"%.1f\" fill=\"%s\"/>",
                    left, bottom - height * (step + 1), height + 0.4, shade((step + 0.5) / steps)));
        }
        drawing.text("tick", left + 16, top + 9, "start", Texts.brief(high));
        drawing.text("tick", left + 16, bottom, "start", Texts.brief(low));
    }

    private static String shade(double share) {
        int[] color = new int[3];
        for (int i = 0; i < 3; i++) {
            color[i] = (int) Math.round(LEAST[i] + share * (MOST[i] - LEAST[i]));
        }
        return "#%02x%02x%02x".formatted(color[0], color[1], color[2]);
    }

    @Override
    public String csv() {
        StringBuilder out = new StringBuilder("row,column,value\n");
        for (int row = 0; row < rows.size(); row++) {
            for (int column = 0; column < columns.size(); column++) {
                out.append(Texts.csvField(rows.get(row)))
                        .append(',')
                        .append(Texts.csvField(columns.get(column)))
                        .append(',')
                        .append(Texts.csvNumber(values[row][column]))
                        .append('\n');
            }
        }
        return out.toString();
    }
}
