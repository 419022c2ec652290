package io.github.rlhf4j.charts;

import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;

/** Numbers and names as pages and pictures show them. */
public final class Texts {
    private static final double CHARACTER = 6.7; // pixels of a character of the usual size, on the wide side

    private Texts() {}

    /** Safe as text and inside a quoted attribute, in HTML and in SVG. */
    public static String escape(String text) {
        StringBuilder out = new StringBuilder(text.length() + 16);
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            switch (c) {
                case '&' -> out.append("&amp;");
                case '<' -> out.append("&lt;");
                case '>' -> out.append("&gt;");
                case '"' -> out.append("&quot;");
                case '\'' -> out.append("&#39;");
                default -> out.append(c < ' ' && c != '\n' && c != '\t' ? '\uFFFD' : c);
            }
        }
        return out.toString();
    }

    /** A number for people: four significant digits. */
    public static String number(double value) {
        if (Double.isNaN(value) || Double.isInfinite(value)) {
            return String.valueOf(value);
        }
        if (value == Math.rint(value) && Math.abs(value) < 1e6) {
            return String.valueOf((long) value);
        }
        double size = Math.abs(value);
        if (size < 1e-3 || size >= 1e6) {
            return format("%.2e", value);
        }
        int decimals = Math.max(0, 3 - (int) Math.floor(Math.log10(size)));
        return format("%." + decimals + "f", value);
    }

    /** A number for a chart: three significant digits, no trailing zeros. */
    public static String brief(double value) {
        double size = Math.abs(value);
        if (size < 1e-12) {
            return "0";
        }
        if (size < 1e-3 || size >= 1e6) {
            return format("%.1e", value)
                    .replace(".0e", "e")
                    .replaceFirst("e([-+])0", "e$1")
                    .replace("e+", "e");
        }
        int decimals = Math.max(0, 2 - (int) Math.floor(Math.log10(size)));
        String text = format("%." + decimals + "f", value);
        return text.contains(".") ? text.replaceFirst("\\.?0+$", "") : text;
    }

    /** A mean with its standard error, both to the second digit of the error. */
    public static String measured(double mean, double error) {
        if (!(error > 0) || !Double.isFinite(error)) {
            return brief(mean);
        }
        int decimals = Math.min(9, Math.max(0, 1 - (int) Math.floor(Math.log10(error))));
        return format("%." + decimals + "f ± %." + decimals + "f", mean, error);
    }

    /** A name that fits into so many characters. */
    public static String shortened(String name, int most) {
        return name.length() > most ? name.substring(0, most - 1) + "…" : name;
    }

    /** A field of a CSV file, in quotes where it needs them. */
    public static String csvField(String text) {
        return text.matches("(?s).*[\",\\r\\n].*") || text.startsWith(" ") || text.endsWith(" ")
                ? "\"" + text.replace("\"", "\"\"") + "\""
                : text;
    }

    /** A line of a CSV file. */
    public static String csvRow(List<?> cells) {
        return cells.stream().map(cell -> csvField(String.valueOf(cell))).collect(Collectors.joining(",")) + "\n";
    }

    /** A number as CSV and JSON have it: all digits, and nothing where there is none. */
    static String csvNumber(double value) {
        return Double.isFinite(value) ? String.valueOf(value) : "";
    }

    /** Pixels that a text takes at most. */
    static double width(String text) {
        return text.length() * CHARACTER;
    }

    static String format(String pattern, Object... values) {
        return String.format(Locale.ROOT, pattern, values);
    }
}
