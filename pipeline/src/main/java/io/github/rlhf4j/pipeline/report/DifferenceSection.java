package io.github.rlhf4j.pipeline.report;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Paired differences: of every model to the baseline as charts, of all pairs as a table. */
final class DifferenceSection {
    private static final List<String> COMPARED = List.of("hidden_utility", "reward", "win_rate", "length");
    private static final int FEW = 6;

    private final EvaluationData data;

    DifferenceSection(EvaluationData data) {
        this.data = data;
    }

    String html() {
        if (data.models().size() < 2) {
            return "";
        }
        String baseline = data.baseline();
        StringBuilder charts = new StringBuilder();
        for (String metric : COMPARED) {
            List<IntervalChart.Interval> rows = data.models().stream()
                    .filter(model -> !model.equals(baseline))
                    .flatMap(model -> data.difference(model, baseline, metric).stream())
                    .toList();
            if (!rows.isEmpty()) {
                charts.append(IntervalChart.figure(Figure.caption(metric), metric + ", difference", rows, true));
            }
        }
        return charts.isEmpty()
                ? ""
                : "<h3>Differences, paired by prompt</h3><p class=\"note\">Each model less <b>" + Html.escape(baseline)
                        + "</b> on the same prompts. A bar that crosses the line at 0 is no clear difference.</p>"
                        + "<div class=\"charts\">" + charts + "</div>\n" + table();
    }

    /** Every pair once, the better model first. */
    private String table() {
        List<List<String>> rows = new ArrayList<>();
        for (String metric : COMPARED.subList(0, 2)) {
            List<String> ranked = data.ranked(metric);
            for (int better = 0; better < ranked.size(); better++) {
                for (int worse = better + 1; worse < ranked.size(); worse++) {
                    row(metric, ranked.get(better), ranked.get(worse)).ifPresent(rows::add);
                }
            }
        }
        String table = Html.table(
                "numbers",
                List.of("metric", "better − worse", "difference", "standard error", "in standard errors", "prompts"),
                rows);
        return rows.isEmpty() ? "" : rows.size() <= FEW ? table : Html.details("All " + rows.size() + " pairs", table);
    }

    private Optional<List<String>> row(String metric, String better, String worse) {
        return data.difference(better, worse, metric)
                .map(value -> List.of(
                        Html.escape(metric.replace('_', ' ')),
                        Html.escape(value.name()),
                        Html.brief(value.mean()),
                        value.standardError().isPresent()
                                ? Html.brief(value.standardError().getAsDouble())
                                : "",
                        value.standardError().orElse(0) > 0
                                ? Figure.format(
                                        "%.1f",
                                        value.mean() / value.standardError().getAsDouble())
                                : "",
                        String.valueOf(value.n())));
    }
}
