package io.github.rlhf4j.lab;

import io.github.rlhf4j.charts.Chart;
import io.github.rlhf4j.charts.ChartStyle;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;

/** report.html of a page: question, expectations, pictures, claims, and all means in tables. */
final class LabReport {
    private static final String STYLE = """
            body { font-family: system-ui, sans-serif; max-width: 60rem; margin: 2rem auto; padding: 0 1rem; line-height: 1.5; color: #1b1b1a; background: #fff; }
            table { border-collapse: collapse; font-variant-numeric: tabular-nums; display: block; overflow-x: auto; }
            th, td { padding: .2rem .7rem; border-bottom: 1px solid #ddd; text-align: left; }
            .yes { color: #00664b; } .no { color: #a33b00; }
            @media (prefers-color-scheme: dark) { body { color: #f2f1ec; background: #1c1c1a; } th, td { border-color: #444; } .yes { color: #35c49a; } .no { color: #f08a45; } }
            """;

    private LabReport() {}

    static String html(LabResults results, Map<Page.Picture, Chart> charts) {
        Page page = results.page();
        StringBuilder html = new StringBuilder("<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">"
                        + "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\"><title>")
                .append(escape(page.title()))
                .append("</title><style>\n")
                .append(STYLE)
                .append(ChartStyle.css())
                .append("</style></head><body>\n<h1>")
                .append(escape(page.title()))
                .append("</h1>\n<p>")
                .append(escape(page.question()))
                .append("</p>\n<h2>Expected</h2>\n<ul>\n");
        page.expectations()
                .forEach(text -> html.append("<li>").append(escape(text)).append("</li>\n"));
        html.append("</ul>\n<h2>Measured</h2>\n<p>Mode ")
                .append(results.mode())
                .append(", ")
                .append(results.observations().stream()
                        .filter(one -> one.values().containsKey("seed"))
                        .map(one -> Group.text(one.values().getOrDefault("seed", "")))
                        .distinct()
                        .count())
                .append(" seeds. Intervals are 95 % (t) over seeds.</p>\n");
        charts.forEach((picture, chart) -> html.append("<h3>")
                .append(escape(chart.title()))
                .append("</h3>\n")
                .append(chart.inline())
                .append("<p><a href=\"")
                .append(picture.name())
                .append(".svg\">SVG</a>, <a href=\"")
                .append(picture.name())
                .append(".csv\">CSV</a></p>\n"));
        claims(html, results.verdicts());
        html.append("<h2>All means</h2>\n");
        results.groups().stream()
                .map(group -> group.metrics().keySet())
                .distinct()
                .forEach(metrics -> table(
                        html,
                        results.groups().stream()
                                .filter(group -> group.metrics().keySet().equals(metrics))
                                .toList()));
        return html.append("</body></html>\n").toString();
    }

    private static void claims(StringBuilder html, List<Verdict> verdicts) {
        if (verdicts.isEmpty()) {
            return;
        }
        html.append("<h2>Claims</h2>\n<table><tr><th>claim</th><th>holds</th><th>numbers</th></tr>\n");
        verdicts.forEach(verdict -> html.append("<tr><td>")
                .append(escape(verdict.says()))
                .append(verdict.holds() ? "</td><td class=\"yes\">yes" : "</td><td class=\"no\">no")
                .append("</td><td>")
                .append(escape(verdict.numbers()))
                .append("</td></tr>\n"));
        html.append("</table>\n");
    }

    private static void table(StringBuilder html, List<Group> groups) {
        Set<String> values = new LinkedHashSet<>();
        groups.forEach(group -> values.addAll(group.values().keySet()));
        Set<String> metrics = groups.get(0).metrics().keySet();
        html.append("<table><tr>");
        values.forEach(name -> html.append("<th>").append(escape(name)).append("</th>"));
        metrics.forEach(name -> html.append("<th>").append(escape(name)).append("</th>"));
        html.append("</tr>\n");
        for (Group group : groups) {
            html.append("<tr>");
            values.forEach(name -> html.append("<td>")
                    .append(escape(Group.text(group.values().getOrDefault(name, ""))))
                    .append("</td>"));
            metrics.forEach(name -> {
                double error = Pictures.error(group, name);
                html.append("<td>").append(number(group.number(name)));
                if (error > 0) {
                    html.append(" ± ").append(number(error));
                }
                html.append("</td>");
            });
            html.append("</tr>\n");
        }
        html.append("</table>\n");
    }

    private static String number(double number) {
        return String.format(Locale.ROOT, "%.4g", number);
    }

    private static String escape(String text) {
        return text.replace("&", "&amp;")
                .replace("<", "&lt;")
                .replace(">", "&gt;")
                .replace("\"", "&quot;");
    }
}
