package io.github.rlhf4j.pipeline.report;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/** A stage's part of the report: curves, final metrics, samples, configuration, provenance. */
final class StageSection {
    /** Shown at once, in this order; the others are behind a click. */
    private static final List<String> FOREMOST = List.of(
            "loss",
            "rewards/margins",
            "rewards/accuracies",
            "rewards/chosen",
            "rewards/rejected",
            "accuracy",
            "margin",
            "mean_reward",
            "objective/scores",
            "objective/kl",
            "objective/rlhf_reward",
            "objective/entropy",
            "policy/clipfrac_avg",
            "loss/value_avg",
            "grad_norm",
            "learning_rate");

    private static final Set<String> NEVER = Set.of("num_tokens", "episode", "epoch");

    private final StageFiles stage;

    StageSection(StageFiles stage) {
        this.stage = stage;
    }

    String html() {
        String type = stage.summary().path("type").asText("");
        return "<section id=\"stage-" + Html.escape(stage.name()) + "\"><h2>" + Html.escape(stage.name())
                + " <small>" + Html.escape(type) + "</small></h2>\n" + finalMetrics() + curves() + samples()
                + configuration() + provenance() + "</section>\n";
    }

    private String finalMetrics() {
        List<String> tiles = new ArrayList<>();
        stage.summary().path("metrics").properties().forEach(entry -> {
            if (entry.getValue().isNumber()) {
                tiles.add(
                        "<div class=\"tile\"><b>" + Html.number(entry.getValue().doubleValue()) + "</b><span>"
                                + Html.escape(entry.getKey()) + "</span></div>");
            }
        });
        return tiles.isEmpty() ? "" : "<div class=\"tiles\">" + String.join("", tiles) + "</div>\n";
    }

    private String curves() {
        Map<String, List<LineChart.Point>> metrics = stage.metrics();
        Map<String, String> charts = new LinkedHashMap<>();
        Set<String> names = new LinkedHashSet<>(metrics.keySet());
        names.removeAll(NEVER);
        for (String name : names) {
            String base = name.startsWith("eval_") ? name.substring(5) : name;
            charts.computeIfAbsent(base, key -> chart(key, metrics));
        }
        if (charts.isEmpty()) {
            return "";
        }
        List<String> first = FOREMOST.stream().filter(charts::containsKey).toList();
        String shown = first.stream().map(charts::get).collect(Collectors.joining());
        List<String> rest =
                charts.keySet().stream().filter(name -> !first.contains(name)).toList();
        String hidden = rest.stream().map(charts::get).collect(Collectors.joining());
        return "<div class=\"charts\">" + shown + "</div>\n"
                + (rest.isEmpty()
                        ? ""
                        : "<details><summary>" + rest.size() + " more curves</summary><div class=\"charts\">" + hidden
                                + "</div></details>\n");
    }

    private static String chart(String name, Map<String, List<LineChart.Point>> metrics) {
        List<LineChart.Series> series = new ArrayList<>();
        if (metrics.containsKey(name)) {
            series.add(new LineChart.Series("training", metrics.getOrDefault(name, List.of())));
        }
        if (metrics.containsKey("eval_" + name)) {
            series.add(new LineChart.Series("held out", metrics.getOrDefault("eval_" + name, List.of())));
        }
        return LineChart.figure(name, series);
    }

    /** The newest samples of a stage that is not an evaluation. */
    private String samples() {
        List<JsonNode> lines = stage.lines("samples.jsonl");
        if (lines.isEmpty() || lines.get(0).has("answers")) {
            return "";
        }
        long last = lines.get(lines.size() - 1).path("step").asLong();
        List<JsonNode> newest = lines.stream()
                .filter(line -> line.path("step").asLong() == last)
                .limit(8)
                .toList();
        Set<String> keys = new LinkedHashSet<>();
        newest.forEach(line -> line.fieldNames().forEachRemaining(keys::add));
        keys.remove("step");
        List<List<String>> rows = newest.stream()
                .map(line -> keys.stream().map(key -> cell(line.path(key))).toList())
                .toList();
        return "<details><summary>Samples of step " + last + "</summary>" + Html.table("texts", List.copyOf(keys), rows)
                + "</details>\n";
    }

    private static String cell(JsonNode value) {
        return value.isNumber()
                ? Html.number(value.doubleValue())
                : Html.escape(value.isTextual() ? value.textValue() : value.isMissingNode() ? "" : value.toString());
    }

    private String configuration() {
        List<List<String>> rows = new ArrayList<>();
        stage.json("provenance.json")
                .path("config")
                .properties()
                .forEach(entry -> rows.add(List.of(
                        "<code>" + Html.escape(entry.getKey()) + "</code>",
                        "<code>" + Html.escape(entry.getValue().path("value").asText()) + "</code>",
                        Html.escape(entry.getValue().path("origin").asText()))));
        if (rows.isEmpty()) {
            String text = stage.config();
            return text.isEmpty()
                    ? ""
                    : "<details><summary>Configuration</summary><pre>" + Html.escape(text) + "</pre></details>\n";
        }
        return "<details><summary>Configuration</summary>" + Html.table("plain", List.of("key", "value", "from"), rows)
                + "</details>\n";
    }

    private String provenance() {
        List<List<String>> rows = new ArrayList<>();
        stage.json("provenance.json").properties().forEach(entry -> {
            if (!entry.getKey().equals("config")) {
                flatten(entry.getKey(), entry.getValue(), rows);
            }
        });
        return rows.isEmpty()
                ? ""
                : "<details><summary>Provenance</summary>" + Html.table("plain", List.of("fact", "value"), rows)
                        + "</details>\n";
    }

    private static void flatten(String path, JsonNode value, List<List<String>> rows) {
        if (value.isObject()) {
            value.properties().forEach(entry -> flatten(path + "." + entry.getKey(), entry.getValue(), rows));
        } else {
            rows.add(List.of(
                    "<code>" + Html.escape(path) + "</code>",
                    "<code>" + Html.escape(value.isTextual() ? value.textValue() : value.toString()) + "</code>"));
        }
    }
}
