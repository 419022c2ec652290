package io.github.rlhf4j.pipeline.report;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;

/** An evaluate stage's part of the report: the models side by side, by use case, their paired differences, and their answers to the same prompts. */
final class EvaluationSection {
    private static final List<String> FOREMOST =
            List.of("hidden_utility", "factual_accuracy", "invention_rate", "reward", "kl", "win_rate", "length");
    private static final int MOST_PROMPTS = 12;

    private final StageFiles stage;

    EvaluationSection(StageFiles stage) {
        this.stage = stage;
    }

    String html() {
        return "<section id=\"stage-" + Html.escape(stage.name()) + "\"><h2>Models side by side <small>"
                + Html.escape(stage.name())
                + "</small></h2>\n<p class=\"note\">Dot: mean over the held-out prompts; bar: two"
                + " standard errors to either side.</p>\n" + means() + differences() + useCases() + answers()
                + "</section>\n";
    }

    private String means() {
        Set<String> metrics = new LinkedHashSet<>();
        models().forEach(model -> model.getValue().properties().forEach(entry -> {
            if (entry.getValue().has("mean")) {
                metrics.add(entry.getKey());
            }
        }));
        List<String> order =
                new ArrayList<>(FOREMOST.stream().filter(metrics::contains).toList());
        metrics.stream().filter(metric -> !order.contains(metric)).forEach(order::add);
        StringBuilder out = new StringBuilder("<div class=\"charts\">");
        for (String metric : order) {
            List<IntervalChart.Interval> rows = new ArrayList<>();
            for (Map.Entry<String, JsonNode> model : models()) {
                JsonNode value = model.getValue().path(metric);
                if (value.has("mean")) {
                    rows.add(new IntervalChart.Interval(
                            model.getKey(),
                            value.path("mean").asDouble(),
                            value.path("se").asDouble(),
                            value.path("n").asLong()));
                }
            }
            out.append(IntervalChart.figure(metric, rows));
        }
        return out.append("</div>\n").toString();
    }

    private String differences() {
        List<List<String>> rows = new ArrayList<>();
        stage.summary().path("differences").properties().forEach(pair -> {
            JsonNode value = pair.getValue().path("hidden_utility");
            double mean = value.path("mean").asDouble();
            double error = value.path("se").asDouble();
            if (value.has("mean") && mean >= 0) {
                rows.add(List.of(
                        Html.escape(pair.getKey()),
                        Html.number(mean),
                        Html.number(error),
                        error > 0 ? String.format(Locale.ROOT, "%.1f", mean / error) : "",
                        value.path("n").asText()));
            }
        });
        return rows.isEmpty()
                ? ""
                : "<h3>Differences of hidden utility, paired by prompt</h3>"
                        + Html.table(
                                "numbers",
                                List.of("better - worse", "difference", "standard error", "in standard errors", "n"),
                                rows);
    }

    private String useCases() {
        Set<String> useCases = new LinkedHashSet<>();
        models().forEach(model ->
                model.getValue().path("by_use_case").fieldNames().forEachRemaining(useCases::add));
        if (useCases.isEmpty()) {
            return "";
        }
        List<String> headings = new ArrayList<>(List.of("use case"));
        models().forEach(model -> headings.add(model.getKey()));
        List<List<String>> rows = new ArrayList<>();
        for (String useCase : useCases) {
            List<String> row = new ArrayList<>(List.of(Html.escape(useCase.replace('_', ' '))));
            for (Map.Entry<String, JsonNode> model : models()) {
                JsonNode value =
                        model.getValue().path("by_use_case").path(useCase).path("hidden_utility");
                row.add(
                        value.has("mean")
                                ? Html.number(value.path("mean").asDouble()) + " <small>± "
                                        + Html.number(value.path("se").asDouble()) + "</small>"
                                : "");
            }
            rows.add(row);
        }
        return "<h3>Hidden utility by use case (mean ± standard error)</h3>" + Html.table("numbers", headings, rows);
    }

    private String answers() {
        List<JsonNode> samples = stage.lines("samples.jsonl");
        Set<String> names = new LinkedHashSet<>();
        samples.forEach(sample -> sample.path("answers").fieldNames().forEachRemaining(names::add));
        if (names.isEmpty()) {
            return "";
        }
        List<String> headings = new ArrayList<>(List.of("prompt"));
        headings.addAll(names);
        List<List<String>> rows = new ArrayList<>();
        for (JsonNode sample : samples.subList(0, Math.min(MOST_PROMPTS, samples.size()))) {
            List<String> row = new ArrayList<>(
                    List.of(Html.escape(sample.path("prompt").asText().strip()) + "<br><small>"
                            + Html.escape(sample.path("use_case").asText().replace('_', ' ')) + "</small>"));
            for (String name : names) {
                JsonNode answer = sample.path("answers").path(name);
                JsonNode utility = answer.path("hidden_utility");
                row.add(Html.escape(answer.path("text").asText().strip())
                        + (utility.isNumber()
                                ? "<br><small>utility " + Html.number(utility.doubleValue()) + "</small>"
                                : ""));
            }
            rows.add(row);
        }
        return "<h3>Answers to the same prompts</h3>" + Html.table("texts", headings, rows);
    }

    private Set<Map.Entry<String, JsonNode>> models() {
        return stage.summary().path("models").properties();
    }
}
