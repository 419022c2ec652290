package io.github.rlhf4j.pipeline.report;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What reward cost in distance: all models, and PPO's iterations where they were scored by the same reward model, over the root of the KL, as Gao et al. 2022 (arXiv:2210.10760) draw it. Their curve for
 * reinforcement learning is laid through the iterations where it fits.
 */
final class RewardPlane {
    private static final int CURVE_POINTS = 60;
    private static final String RAW = "objective/raw_scores";

    private final RunFiles run;
    private final EvaluationData data;

    RewardPlane(RunFiles run, EvaluationData data) {
        this.run = run;
        this.data = data;
    }

    String html() {
        StringBuilder charts = new StringBuilder();
        chart("reward").ifPresent(charts::append);
        chart("hidden_utility").ifPresent(charts::append);
        return charts.isEmpty()
                ? ""
                : "<h3>What it cost: reward over distance</h3><p class=\"note\">To the right: farther from <b>"
                        + Html.escape(data.baseline())
                        + "</b>, as the root of the KL in nats. Up: better. A judge's reward can be bought with distance;"
                        + " where it rises and the true worth (or another judge's reward) does not, the model follows the"
                        + " judge's mistakes.</p><div class=\"charts\">" + charts + "</div>\n";
    }

    private Optional<String> chart(String metric) {
        ScatterChart chart = new ScatterChart(
                Figure.caption(metric) + " <small>over √KL</small>", metric + " over the root of KL", "√KL, nats");
        int dots = 0;
        for (String model : data.models()) {
            Optional<IntervalChart.Interval> value = data.mean(model, metric);
            Optional<IntervalChart.Interval> kl = data.mean(model, "kl");
            if (value.isPresent() && kl.isPresent()) {
                chart.dot(new ScatterChart.Dot(
                        model,
                        data.mark(model),
                        Math.sqrt(Math.max(0, kl.get().mean())),
                        value.get().mean(),
                        2 * value.get().standardError().orElse(0)));
                dots++;
            }
        }
        if (dots < 2) {
            return Optional.empty();
        }
        if (metric.equals("reward")) {
            run.stages().stream().filter(stage -> stage.type().equals("ppo")).forEach(ppo -> iterations(ppo, chart));
        }
        return Optional.of(chart.figure());
    }

    /** Adds the way of a PPO stage whose raw scores are comparable with the judge's. */
    private void iterations(StageFiles ppo, ScatterChart chart) {
        String judge = data.stage().setting("reward_model");
        List<LineChart.Point> way = way(ppo, shift(judge));
        if (way.size() < 2 || !judge.equals(ppo.setting("reward_model")) || !isFromBaseline(ppo)) {
            return;
        }
        drawn(ppo.name(), way, chart);
    }

    /** Whether the stage's KL is against the evaluation's baseline. */
    private boolean isFromBaseline(StageFiles ppo) {
        String reference = ppo.setting("ref_model");
        return data.baseline().equals(reference.isEmpty() ? ppo.setting("model") : reference);
    }

    /** A PPO stage's own plane: what its iterations scored over their distance from the reference; empty before two are logged. */
    static String ofStage(StageFiles ppo) {
        List<LineChart.Point> way = way(ppo, 0);
        String metric = RAW;
        if (way.isEmpty()) {
            metric = "objective/scores";
            way = way(ppo, metric, 0);
        }
        if (way.size() < 2) {
            return "";
        }
        ScatterChart chart = new ScatterChart(
                Figure.caption(metric) + " <small>over √KL</small>", metric + " over the root of KL", "√KL, nats");
        drawn(ppo.name(), way, chart);
        LineChart.Point first = way.get(0);
        LineChart.Point last = way.get(way.size() - 1);
        chart.dot(new ScatterChart.Dot("first", 0, first.step(), first.value(), 0));
        chart.dot(new ScatterChart.Dot("last", 1, last.step(), last.value(), 0));
        return chart.figure();
    }

    private static void drawn(String name, List<LineChart.Point> way, ScatterChart chart) {
        chart.path(new ScatterChart.Path(
                "way", name + "'s iterations", name + "'s iterations, scored by the same reward model", way));
        CurveFit.through(way).ifPresent(fit -> {
            OverOptimization curve = fit.curve();
            double furthest =
                    way.stream().mapToDouble(LineChart.Point::step).max().orElse(0);
            List<LineChart.Point> points = new ArrayList<>();
            for (int i = 0; i <= CURVE_POINTS; i++) {
                double d = furthest * i / CURVE_POINTS;
                points.add(new LineChart.Point(d, fit.start() + curve.reinforcement(d)));
            }
            chart.path(new ScatterChart.Path(
                    "curve",
                    "Gao et al.'s curve",
                    "Gao et al.: R = " + Html.brief(fit.start()) + " + d (" + Html.brief(curve.alpha()) + " - "
                            + Html.brief(curve.beta()) + " log d), R² " + Html.brief(fit.explained())
                            + ", its peak at d = "
                            + Html.brief(curve.reinforcementPeak()),
                    points));
        });
    }

    /** (root of KL, raw score + shift) of each logged iteration; empty where raw scores were not logged. */
    static List<LineChart.Point> way(StageFiles ppo, double shift) {
        return way(ppo, RAW, shift);
    }

    private static List<LineChart.Point> way(StageFiles ppo, String metric, double shift) {
        Map<String, List<LineChart.Point>> metrics = ppo.metrics();
        List<LineChart.Point> kl = metrics.getOrDefault("objective/kl", List.of());
        List<LineChart.Point> scores = metrics.getOrDefault(metric, List.of());
        List<LineChart.Point> way = new ArrayList<>();
        for (int i = 0; i < Math.min(kl.size(), scores.size()); i++) {
            way.add(new LineChart.Point(
                    Math.sqrt(Math.max(0, kl.get(i).value())), scores.get(i).value() + shift));
        }
        return way;
    }

    private double shift(String judge) {
        return run.stage(judge)
                .map(stage -> stage.summary().at("/metrics/score_shift").asDouble())
                .orElse(0.0);
    }
}
