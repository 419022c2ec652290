package io.github.rlhf4j.pipeline.report;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** An evaluate stage's part of the report: the models side by side, their paired differences, what they paid for their reward, the rankings, and their answers to the same prompts. */
final class EvaluationSection {
    private static final List<String> FOREMOST = List.of(
            "hidden_utility",
            "reward",
            "win_rate",
            "kl",
            "length",
            "factual_accuracy",
            "invention_rate",
            "admission",
            "ended",
            "distinct_2");

    private final RunFiles run;
    private final EvaluationData data;

    EvaluationSection(RunFiles run, StageFiles stage) {
        this.run = run;
        this.data = new EvaluationData(stage);
    }

    String html() {
        StageFiles stage = data.stage();
        StringBuilder out = new StringBuilder("<section id=\"stage-" + Html.escape(stage.name()) + "\"><h2>"
                + (data.models().isEmpty() ? "Reward model on rankings" : "Models side by side") + " <small>"
                + Html.escape(stage.name()) + "</small></h2>\n");
        if (!data.models().isEmpty()) {
            out.append("<p class=\"note\">Sign: mean over the held-out prompts; bar: two standard errors to either"
                    + " side. KL and win rate are against <b>" + Html.escape(data.baseline()) + "</b>.</p>\n");
            out.append(means());
            out.append(new DifferenceSection(data).html());
            out.append(new RewardPlane(run, data).html());
            out.append(new HackingSigns(data).html());
        }
        out.append(rankings());
        out.append(useCases());
        out.append(new AnswerCards(data).html());
        return out.append(StageDetails.html(stage)).append("</section>\n").toString();
    }

    private String means() {
        Set<String> metrics = data.metrics();
        List<String> first = FOREMOST.stream().filter(metrics::contains).toList();
        List<String> rest =
                metrics.stream().filter(metric -> !first.contains(metric)).toList();
        return charts(first) + Html.details(Html.count(rest.size(), "more measure"), charts(rest));
    }

    private String charts(List<String> metrics) {
        StringBuilder out = new StringBuilder();
        for (String metric : metrics) {
            List<IntervalChart.Interval> rows = data.models().stream()
                    .flatMap(model -> data.mean(model, metric).stream())
                    .toList();
            out.append(IntervalChart.figure(metric, rows));
        }
        return out.isEmpty() ? "" : "<div class=\"charts\">" + out + "</div>\n";
    }

    /** How often the reward model agrees with labels, and what the hidden utility itself would reach. */
    private String rankings() {
        StringBuilder out = new StringBuilder();
        data.stage().summary().path("rankings").properties().forEach(entry -> {
            List<IntervalChart.Interval> rows = new ArrayList<>();
            EvaluationData.interval("reward model", 0, entry.getValue().path("accuracy"))
                    .ifPresent(rows::add);
            EvaluationData.interval("hidden utility", 1, entry.getValue().path("hidden_utility_accuracy"))
                    .ifPresent(rows::add);
            if (!rows.isEmpty()) {
                out.append(IntervalChart.figure(
                        Html.escape(entry.getKey()) + " <small>share of pairs ordered as the labels do</small>",
                        entry.getKey(),
                        rows,
                        false));
            }
        });
        return out.isEmpty()
                ? ""
                : "<h3>The reward model on rankings</h3><p class=\"note\">0.5 is guessing. On noisy labels nobody reaches"
                        + " 1; the hidden utility, where there is one, shows what a perfect judge would.</p>"
                        + "<div class=\"charts\">" + out + "</div>\n";
    }

    private String useCases() {
        Set<String> useCases = new LinkedHashSet<>();
        JsonNode models = data.stage().summary().path("models");
        models.forEach(model -> model.path("by_use_case").fieldNames().forEachRemaining(useCases::add));
        Optional<String> metric = data.deciding();
        if (useCases.isEmpty() || metric.isEmpty()) {
            return "";
        }
        List<String> headings = new ArrayList<>(List.of("use case"));
        headings.addAll(data.models());
        List<List<String>> rows = new ArrayList<>();
        for (String useCase : useCases) {
            List<String> row = new ArrayList<>(List.of(Html.escape(useCase.replace('_', ' '))));
            for (String model : data.models()) {
                JsonNode value =
                        models.path(model).path("by_use_case").path(useCase).path(metric.get());
                row.add(EvaluationData.interval("", 0, value)
                        .map(EvaluationSection::cell)
                        .orElse(""));
            }
            rows.add(row);
        }
        return Html.details(
                metric.get().replace('_', ' ') + " by use case (mean ± standard error)",
                Html.table("numbers", headings, rows));
    }

    private static String cell(IntervalChart.Interval value) {
        return Html.measured(value.mean(), value.standardError().orElse(0))
                .replaceFirst("( ± .*)", "<small>$1</small>");
    }
}
