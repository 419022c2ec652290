package io.github.rlhf4j.experiment;

import io.github.rlhf4j.charts.Texts;
import io.github.rlhf4j.pipeline.report.Html;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Means, differences and curves of groups as parts of a page. */
final class Statistics {
    private static final double CONFIDENCE = 0.95;

    private final ExperimentResults results;
    private final ChartFiles charts;

    Statistics(ExperimentResults results, ChartFiles charts) {
        this.results = results;
        this.charts = charts;
    }

    /** A row a group. */
    String means() {
        List<String> headings = new ArrayList<>(List.of("group", "runs"));
        headings.addAll(results.metrics());
        List<List<String>> rows = new ArrayList<>();
        for (Group group : results.groups()) {
            List<String> row = new ArrayList<>(List.of(
                    Html.escape(results.name(group)),
                    String.valueOf(group.runs().size())));
            for (String metric : results.metrics()) {
                Estimate mean = group.metrics().get(metric);
                row.add(mean == null ? "" : Texts.measured(mean.mean(), mean.halfWidth(CONFIDENCE)));
            }
            rows.add(row);
        }
        return "<p class=\"note\">± is half of the 95 % interval of the mean over seeds (Student's t); without it there is one"
                + " run. A click on a heading sorts.</p>"
                + Html.table("numbers sortable", headings, rows);
    }

    /** Every group against the baseline, by metric; empty where nothing can be compared. */
    String differences() {
        StringBuilder out = new StringBuilder();
        for (String metric : results.metrics()) {
            List<Contrast> contrasts = Contrast.of(results.groups(), results.baseline(), metric);
            List<List<String>> rows = new ArrayList<>();
            for (Group group : results.groups()) {
                Optional<Contrast> contrast = contrasts.stream()
                        .filter(one -> one.group().equals(group.values()))
                        .findFirst();
                Optional<HierarchicalBootstrap> prompts =
                        group.values().equals(results.baseline().values())
                                ? Optional.empty()
                                : PromptValues.difference(group, results.baseline(), metric);
                if (contrast.isPresent() || prompts.isPresent()) {
                    rows.add(row(results.name(group), contrast, prompts));
                }
            }
            if (!rows.isEmpty()) {
                out.append("<h3>").append(Html.escape(metric)).append("</h3>");
                if (!contrasts.isEmpty()) {
                    out.append(charts.figure(Pictures.differences(metric, contrasts, results)));
                }
                out.append(Html.table("numbers sortable", HEADINGS, rows));
            }
        }
        return out.isEmpty()
                ? ""
                : "<p class=\"note\">Differences to <b>"
                        + Html.escape(results.name(results.baseline()))
                        + "</b>. Seeds that both have are paired; without"
                        + " such, the groups are independent samples (Welch). p is of Student's t, Holm's p is corrected for"
                        + " all comparisons of the metric; g is Hedges' effect size. Over prompts: the same paired by seed and"
                        + " prompt, with a bootstrap of seeds and prompts.</p>" + out;
    }

    private static final List<String> HEADINGS = List.of(
            "group", "difference", "95 % interval", "paired seeds", "p", "Holm's p", "g", "over prompts", "prompts");

    private static List<String> row(
            String label, Optional<Contrast> contrast, Optional<HierarchicalBootstrap> prompts) {
        List<String> row = new ArrayList<>(List.of(Html.escape(label)));
        row.addAll(contrast.map(one -> List.of(
                        Texts.brief(one.difference()),
                        interval(one.low(), one.high()),
                        one.pairs() == 0 ? "none" : String.valueOf(one.pairs()),
                        shown(one.p()),
                        shown(one.holm()),
                        shown(one.effect())))
                .orElse(List.of("", "", "", "", "", "")));
        row.add(prompts.map(one -> Texts.brief(one.mean()) + " " + interval(one.low(), one.high()))
                .orElse(""));
        row.add(prompts.map(one -> String.valueOf(one.prompts())).orElse(""));
        return row;
    }

    private static String interval(double low, double high) {
        return "[" + Texts.brief(low) + ", " + Texts.brief(high) + "]";
    }

    private static String shown(double value) {
        return Double.isFinite(value) ? Texts.brief(value) : "";
    }

    /** Metrics over steps. */
    String curves() {
        StringBuilder out = new StringBuilder();
        for (String metric : results.metrics()) {
            Curves.of(results, metric).ifPresent(chart -> out.append(charts.figure(chart)));
        }
        return out.isEmpty() ? "" : "<p class=\"note\">Bands are 95 % intervals of the mean over seeds.</p>" + out;
    }
}
