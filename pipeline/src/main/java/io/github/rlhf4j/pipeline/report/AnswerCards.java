package io.github.rlhf4j.pipeline.report;

import com.fasterxml.jackson.databind.JsonNode;
import io.github.rlhf4j.charts.Mark;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/** What the models answered to the same prompts, a card a prompt: the prompt on its own, the answers side by side with what was measured on each. A script filters and sorts them. */
final class AnswerCards {
    private static final int MOST_PROMPTS = 200;
    private static final int SHOWN = 8;
    private static final List<String> MEASURES = List.of("hidden_utility", "reward", "win_rate", "kl", "length");

    private final EvaluationData data;

    AnswerCards(EvaluationData data) {
        this.data = data;
    }

    String html() {
        List<JsonNode> samples = data.stage().lines("samples.jsonl").stream()
                .filter(sample -> sample.path("answers").isObject())
                .limit(MOST_PROMPTS)
                .toList();
        Set<String> names = new LinkedHashSet<>();
        samples.forEach(sample -> sample.path("answers").fieldNames().forEachRemaining(names::add));
        if (names.isEmpty()) {
            return "";
        }
        List<String> models = List.copyOf(names);
        String metric = data.deciding().orElse("reward");
        StringBuilder out =
                new StringBuilder("<h3>Answers to the same prompts</h3>\n<div class=\"answers\" data-shown=\"" + SHOWN
                        + "\">" + controls(models, metric));
        for (int i = 0; i < samples.size(); i++) {
            out.append(card(samples.get(i), i, models, metric));
        }
        return out.append("</div>\n").toString();
    }

    private String controls(List<String> models, String metric) {
        StringBuilder sorts = new StringBuilder("<option value=\"order\">in order</option>");
        String baseline = data.baseline();
        int base = models.indexOf(baseline);
        for (int i = 0; i < models.size() && base >= 0; i++) {
            if (i != base) {
                option(sorts, "gain:" + i + ":" + base, models.get(i) + " gains most over " + baseline);
                option(sorts, "gain:" + base + ":" + i, models.get(i) + " loses most to " + baseline);
            }
        }
        option(sorts, "spread", "models differ most");
        return "<form class=\"controls\" hidden><label>Find <input type=\"search\" placeholder=\"a word\"></label>"
                + "<label>Sort by " + Html.escape(metric.replace('_', ' ')) + " <select>" + sorts
                + "</select></label><span class=\"count\" role=\"status\"></span></form>\n";
    }

    private static void option(StringBuilder out, String value, String text) {
        out.append("<option value=\"")
                .append(value)
                .append("\">")
                .append(Html.escape(text))
                .append("</option>");
    }

    private String card(JsonNode sample, int index, List<String> models, String metric) {
        List<String> values = new ArrayList<>();
        StringBuilder cells = new StringBuilder();
        for (String model : models) {
            JsonNode answer = sample.path("answers").path(model);
            values.add(
                    answer.path(metric).isNumber()
                            ? String.valueOf(answer.path(metric).doubleValue())
                            : "null");
            cells.append(cell(model, answer));
        }
        String useCase = sample.path("use_case").asText().replace('_', ' ');
        return "<article class=\"card\" data-order=\"" + index + "\" data-values=\"[" + String.join(",", values)
                + "]\"><div class=\"prompt-line\"><small>prompt"
                + (useCase.isEmpty() ? "" : " · " + Html.escape(useCase))
                + "</small>" + Html.clamped(sample.path("prompt").asText().strip(), "prompt")
                + "</div><div class=\"cells\">" + cells + "</div></article>\n";
    }

    private String cell(String model, JsonNode answer) {
        String text = answer.path("text").asText().strip();
        List<String> measures = new ArrayList<>();
        for (String measure : MEASURES) {
            if (answer.path(measure).isNumber()) {
                measures.add(Html.escape(measure.replace('_', ' ')) + " "
                        + Html.brief(answer.path(measure).doubleValue()));
            }
        }
        if (answer.path("ended").isNumber() && answer.path("ended").doubleValue() == 0) {
            measures.add("did not end");
        }
        return "<div class=\"cell\"><div class=\"who\">" + Mark.inline(Math.max(0, data.mark(model))) + " "
                + Html.escape(model) + "</div>"
                + (text.isEmpty() ? "<div class=\"answer\"><small>(empty)</small></div>" : Html.clamped(text, "answer"))
                + "<small>" + String.join(" · ", measures) + "</small></div>";
    }
}
