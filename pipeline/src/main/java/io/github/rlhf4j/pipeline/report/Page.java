package io.github.rlhf4j.pipeline.report;

import io.github.rlhf4j.charts.Chart;
import io.github.rlhf4j.charts.ChartStyle;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * A page in the looks of report.html that needs nothing else: sections with a navigation, tables that sort, pictures with links to their files. It works without its script; a policy in the page allows that script and no
 * other.
 */
public final class Page {
    private final String title;
    private final String facts;
    private final Map<String, String> sections = new LinkedHashMap<>();

    /** @param facts a line below the title */
    public Page(String title, String facts) {
        this.title = title;
        this.facts = facts;
    }

    /** Adds a section of HTML; nothing where that is empty. */
    public Page section(String heading, String html) {
        if (!html.isEmpty()) {
            sections.put(heading, html);
        }
        return this;
    }

    /**
     * A picture with its title and links to its files.
     *
     * @param file its place beside the page without an ending: there are a .svg and a .csv
     */
    public static String figure(Chart chart, String file) {
        return "<figure class=\"wide\"><figcaption>" + Html.escape(chart.title()) + " <small>"
                + Html.link(file + ".svg", "SVG") + " " + Html.link(file + ".csv", "CSV") + "</small></figcaption>"
                + chart.inline() + "</figure>\n";
    }

    /** The whole page. */
    public String html() {
        String script = Resources.text("report.js") + Resources.text("tables.js");
        StringBuilder out = new StringBuilder(head(title, script, "", ChartStyle.css())).append("<body>\n<nav>");
        sections.keySet()
                .forEach(heading -> out.append("<a href=\"#")
                        .append(id(heading))
                        .append("\">")
                        .append(Html.escape(heading))
                        .append("</a>"));
        out.append("<button type=\"button\" id=\"theme\" hidden>dark or light</button></nav>\n<header><h1>")
                .append(Html.escape(title))
                .append("</h1><p class=\"note\">")
                .append(Html.escape(facts))
                .append("</p></header>\n<main>\n");
        sections.forEach((heading, html) -> out.append("<section id=\"")
                .append(id(heading))
                .append("\"><h2>")
                .append(Html.escape(heading))
                .append("</h2>")
                .append(html)
                .append("</section>\n"));
        return out.append("</main>\n<script>")
                .append(script)
                .append("</script></body></html>\n")
                .toString();
    }

    private static String id(String heading) {
        return heading.toLowerCase(java.util.Locale.ROOT).replaceAll("[^a-z0-9]+", "-");
    }

    /**
     * A page up to its body.
     *
     * @param more HTML for the head
     * @param css beside that of all pages
     */
    static String head(String title, String script, String more, String css) {
        return "<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">"
                + "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline';"
                + " script-src 'sha256-" + digest(script) + "'\">"
                + "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">" + more + "<title>"
                + Html.escape(title) + " - RLHF4J</title>\n<style>\n" + Resources.text("report.css") + css
                + "</style></head>";
    }

    private static String digest(String script) {
        try {
            byte[] hash = MessageDigest.getInstance("SHA-256").digest(script.getBytes(StandardCharsets.UTF_8));
            return Base64.getEncoder().encodeToString(hash);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }
}
