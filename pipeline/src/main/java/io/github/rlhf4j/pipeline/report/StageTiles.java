package io.github.rlhf4j.pipeline.report;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** The few numbers that say how a stage went: where it began and where it ended, each the mean of a tenth of its steps, since a single batch is noise; all others behind a click. */
final class StageTiles {
    private static final int MOST = 6;
    private static final Map<String, List<String>> CHOSEN = Map.ofEntries(
            entry("pretrain", "eval_loss", "loss", "eval_bits_per_byte", "eval_mean_token_accuracy"),
            entry("sft", "eval_loss", "loss", "eval_bits_per_byte", "eval_mean_token_accuracy", "trained_to_stop"),
            entry("reward", "eval_accuracy", "accuracy", "eval_margin", "eval_calibration_error", "score_std"),
            entry("process_reward", "eval_first_error_f1", "eval_f1", "eval_accuracy", "accuracy", "eval_loss", "loss"),
            entry("dpo", "eval_rewards/accuracies", "eval_loss", "loss", "eval_rewards/margins", "logps/chosen"),
            entry("kto", "eval_loss", "loss", "rewards/margins", "eval_rewards/margins", "logps/chosen", "kl"),
            entry("best_of_n", "reward_of_best", "reward", "reward_std", "kept", "loss", "completions/mean_length"),
            entry("distill", "eval_loss", "loss", "mean_token_accuracy", "entropy", "on_policy"),
            entry(
                    "online_dpo",
                    "objective/scores",
                    "objective/scores_margin",
                    "objective/kl",
                    "loss",
                    "rewards/accuracies",
                    "completions/mean_length"),
            entry("grpo", "reward", "reward_std", "frac_reward_zero_std", "kl", "entropy", "completions/mean_length"),
            entry("rloo", "reward", "reward_std", "frac_reward_zero_std", "kl", "entropy", "completions/mean_length"),
            entry("judge", "rows_written", "eval_accuracy", "eval_kappa", "judge/consistency", "judge/accuracy_true"),
            entry("filter", "rows_read", "rows_written", "kept", "quality/auc"),
            entry("revise", "rows_written", "revised", "hidden_utility", "hidden_utility_revised"),
            entry(
                    "ppo",
                    "objective/raw_scores",
                    "objective/scores",
                    "objective/kl",
                    "objective/response_length",
                    "objective/entropy",
                    "completions/clipped_ratio"));

    private static Map.Entry<String, List<String>> entry(String type, String... metrics) {
        return Map.entry(type, List.of(metrics));
    }

    private final StageFiles stage;

    StageTiles(StageFiles stage) {
        this.stage = stage;
    }

    String html() {
        Map<String, String> values = values();
        List<String> chosen = CHOSEN.getOrDefault(stage.type(), List.copyOf(values.keySet())).stream()
                .filter(values::containsKey)
                .limit(MOST)
                .toList();
        StringBuilder tiles = new StringBuilder();
        chosen.forEach(metric -> tiles.append(tile(metric, values.getOrDefault(metric, ""))));
        List<List<String>> rows = new ArrayList<>();
        stage.summary().path("metrics").properties().forEach(entry -> {
            if (entry.getValue().isNumber()) {
                rows.add(List.of(
                        Figure.caption(entry.getKey()),
                        Html.number(entry.getValue().doubleValue())));
            }
        });
        return (tiles.isEmpty() ? "" : "<div class=\"tiles\">" + tiles + "</div>\n")
                + Html.details(
                        "All final values (of the last logged step)",
                        rows.isEmpty() ? "" : Html.table("numbers", List.of("metric", "value"), rows));
    }

    /** Metric to what its tile says. */
    private Map<String, String> values() {
        Map<String, String> values = new LinkedHashMap<>();
        stage.metrics().forEach((metric, points) -> values.put(metric, firstToLast(points)));
        JsonNode metrics = stage.summary().path("metrics");
        metrics.properties().forEach(entry -> {
            if (entry.getValue().isNumber() && !values.containsKey(entry.getKey())) {
                values.put(entry.getKey(), Html.brief(entry.getValue().doubleValue()));
            }
        });
        for (String metric : List.of("eval_accuracy", "eval_rewards/accuracies")) {
            JsonNode value = metrics.path(metric);
            JsonNode error = metrics.path(metric + "_se");
            if (value.isNumber() && error.isNumber()) {
                values.put(metric, Html.measured(value.doubleValue(), error.doubleValue()));
            }
        }
        return values;
    }

    private static String firstToLast(List<LineChart.Point> points) {
        int tenth = Math.max(1, points.size() / 10);
        String last = Html.brief(mean(points.subList(points.size() - tenth, points.size())));
        return points.size() == 1 ? last : Html.brief(mean(points.subList(0, tenth))) + " → " + last;
    }

    private static double mean(List<LineChart.Point> points) {
        return points.stream().mapToDouble(LineChart.Point::value).average().orElseThrow();
    }

    private static String tile(String metric, String value) {
        return "<div class=\"tile\"><b>" + Html.escape(value) + "</b><span>" + Figure.caption(metric) + "</span></div>";
    }
}
