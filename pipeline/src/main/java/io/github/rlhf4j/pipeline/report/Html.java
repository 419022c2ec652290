package io.github.rlhf4j.pipeline.report;

import io.github.rlhf4j.charts.Texts;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Locale;

/** Pieces of HTML; every text that comes from outside goes through {@link #escape}. */
public final class Html {
    private static final int MOST_CHARACTERS = 6000;
    private static final int SHORT = 320;
    private static final int FEW_LINES = 5;

    private Html() {}

    /** Safe as text and inside a quoted attribute, in HTML and in inline SVG. */
    public static String escape(String text) {
        return Texts.escape(text);
    }

    /** A table; the cells are HTML already, the headings are texts. */
    public static String table(String style, List<String> headings, List<List<String>> rows) {
        StringBuilder out = new StringBuilder("<div class=\"scroll\"><table class=\"" + style + "\"><thead><tr>");
        headings.forEach(heading -> out.append("<th>").append(escape(heading)).append("</th>"));
        out.append("</tr></thead><tbody>\n");
        for (List<String> row : rows) {
            out.append("<tr>");
            row.forEach(cell -> out.append("<td>").append(cell).append("</td>"));
            out.append("</tr>\n");
        }
        return out.append("</tbody></table></div>\n").toString();
    }

    /** A text that may be long: its first lines, and all of it on a click. */
    public static String clamped(String text, String style) {
        String whole = text.length() > MOST_CHARACTERS
                ? text.substring(0, MOST_CHARACTERS) + "\n[cut here; whole in samples.jsonl]"
                : text;
        boolean isLong = whole.length() > SHORT || whole.lines().count() > FEW_LINES;
        return isLong
                ? "<details class=\"" + style + " long\"><summary><span>" + escape(whole)
                        + "</span></summary></details>"
                : "<div class=\"" + style + "\">" + escape(whole) + "</div>";
    }

    /** A link to a file beside the page. */
    public static String link(String path, String text) {
        StringBuilder encoded = new StringBuilder();
        for (byte b : path.getBytes(StandardCharsets.UTF_8)) {
            char c = (char) (b & 0xff);
            boolean isPlain = c < 128 && (Character.isLetterOrDigit(c) || "/-_.".indexOf(c) >= 0);
            encoded.append(isPlain ? String.valueOf(c) : String.format(Locale.ROOT, "%%%02X", b & 0xff));
        }
        return "<a href=\"./" + encoded + "\">" + escape(text) + "</a>";
    }

    /** Behind a click. */
    public static String details(String summary, String html) {
        return html.isEmpty() ? "" : "<details><summary>" + escape(summary) + "</summary>" + html + "</details>\n";
    }

    /** "1 stage", "2 stages". */
    public static String count(long number, String noun) {
        return number + " " + noun + (number == 1 ? "" : "s");
    }

    /** A number for people: four significant digits, no trailing zeros. */
    public static String number(double value) {
        return Texts.number(value);
    }

    /** A mean with its standard error, both to the second digit of the error. */
    public static String measured(double mean, double error) {
        return Texts.measured(mean, error);
    }

    /** A number for a chart: three significant digits, no trailing zeros. */
    public static String brief(double value) {
        return Texts.brief(value);
    }
}
