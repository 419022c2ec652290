package io.github.rlhf4j.pipeline.report;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/** A stage's part of the report: the numbers that matter, curves, calibration, samples, configuration, provenance. */
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
            "objective/raw_scores",
            "objective/scores",
            "objective/kl",
            "objective/response_length",
            "objective/entropy",
            "objective/rlhf_reward",
            "policy/clipfrac_avg",
            "loss/value_avg",
            "mean_token_accuracy",
            "grad_norm",
            "learning_rate");

    private static final Set<String> NEVER = Set.of("num_tokens", "episode", "epoch", "lr");
    private static final String EVAL = "eval_";

    private final StageFiles stage;

    StageSection(StageFiles stage) {
        this.stage = stage;
    }

    String html() {
        return "<section id=\"stage-" + Html.escape(stage.name()) + "\"><h2>" + Html.escape(stage.name())
                + " <small>" + Html.escape(stage.type()) + (stage.isDone() ? "" : ", not complete") + "</small></h2>\n"
                + new StageTiles(stage).html() + RemovedRows.html(stage.summary()) + curves()
                + new StageSamples(stage).html() + StageDetails.html(stage)
                + "</section>\n";
    }

    private String curves() {
        Map<String, List<LineChart.Series>> series = series();
        boolean isPpo = stage.type().equals("ppo"); // its loss says nothing: it is near 0 at each iteration's start
        List<String> first = FOREMOST.stream()
                .filter(series::containsKey)
                .filter(name -> !(isPpo && name.equals("loss")))
                .toList();
        List<String> rest =
                series.keySet().stream().filter(name -> !first.contains(name)).toList();
        boolean isUnknown = first.isEmpty();
        String shown = charts(isUnknown ? rest : first, series)
                + (isPpo ? RewardPlane.ofStage(stage) : "")
                + CalibrationChart.figure(stage.summary().at("/calibration/bins"))
                + BestOfNChart.figure(stage.summary().path("curve"));
        String hidden = isUnknown ? "" : charts(rest, series);
        return (shown.isEmpty() ? "" : "<div class=\"charts\">" + shown + "</div>\n")
                + Html.details(
                        Html.count(rest.size(), "more curve"),
                        hidden.isEmpty() ? "" : "<div class=\"charts\">" + hidden + "</div>");
    }

    private static String charts(List<String> names, Map<String, List<LineChart.Series>> series) {
        return names.stream()
                .map(name -> LineChart.figure(name, series.getOrDefault(name, List.of())))
                .collect(Collectors.joining());
    }

    /** Metric to its curves: while training, and on every held-out set. */
    private Map<String, List<LineChart.Series>> series() {
        Map<String, List<LineChart.Point>> metrics = stage.metrics();
        Set<String> names = new LinkedHashSet<>(metrics.keySet());
        names.removeAll(NEVER);
        Map<String, List<LineChart.Series>> series = new LinkedHashMap<>();
        for (String name : names) {
            boolean isHeldOut = name.startsWith(EVAL);
            String set = isHeldOut ? MetricGuide.evalSet(name) : "";
            String label = isHeldOut ? "held out" + (set.isEmpty() ? "" : ": " + set) : "training";
            List<LineChart.Series> curves =
                    series.computeIfAbsent(isHeldOut ? MetricGuide.base(name) : name, key -> new ArrayList<>());
            curves.add(
                    isHeldOut ? curves.size() : 0,
                    new LineChart.Series(label, metrics.getOrDefault(name, List.of()), isHeldOut));
        }
        return series;
    }
}
