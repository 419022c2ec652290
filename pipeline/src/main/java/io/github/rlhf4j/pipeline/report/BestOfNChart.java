package io.github.rlhf4j.pipeline.report;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalDouble;

/** What the best of n responses is worth by n, with intervals over prompts, as a best_of_n stage leaves it in summary.json. */
final class BestOfNChart {
    private BestOfNChart() {}

    /** The charts, by reward and by what else measures, and of several rewards each; empty where there are no points. */
    static String figure(JsonNode curve) {
        StringBuilder charts =
                new StringBuilder(chart(curve.path("points"), "reward", "Reward of the best of n responses")
                        + chart(curve.path("points"), "accuracy", "Accuracy of the best of n responses"));
        curve.path("by")
                .properties()
                .forEach(reward -> charts.append(chart(
                        reward.getValue(),
                        "accuracy",
                        "Accuracy of the best of n responses by " + Html.escape(reward.getKey()) + " alone")));
        return charts.toString();
    }

    private static String chart(JsonNode points, String name, String caption) {
        List<IntervalChart.Interval> rows = new ArrayList<>();
        for (JsonNode point : points) {
            if (point.has(name)) {
                JsonNode error = point.path(name + "_se");
                rows.add(new IntervalChart.Interval(
                        "n = " + point.path("n").asInt(),
                        rows.size(),
                        point.path(name).asDouble(),
                        error.isNumber() ? OptionalDouble.of(error.asDouble()) : OptionalDouble.empty(),
                        point.path(point.has(name + "_prompts") ? name + "_prompts" : "prompts")
                                .asLong()));
            }
        }
        return rows.isEmpty() ? "" : IntervalChart.figure(caption, "best of n: " + name, rows, false);
    }
}
