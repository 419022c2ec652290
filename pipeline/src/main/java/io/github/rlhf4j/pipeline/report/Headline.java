package io.github.rlhf4j.pipeline.report;

import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/** The run in a few sentences: what won, by how much, what to distrust; of a run without an evaluation where its last stage arrived. */
final class Headline {
    private static final double CLEAR = 2; // standard errors
    private static final long FEW_PROMPTS = 100;
    private static final int MOST_WARNINGS = 8;

    private final RunFiles run;

    Headline(RunFiles run) {
        this.run = run;
    }

    String html() {
        List<String> sentences = new ArrayList<>();
        List<String> doubts = new ArrayList<>();
        for (StageFiles stage : run.stages()) {
            if (!stage.isDone()) {
                sentences.add("Stage <b>" + Html.escape(stage.name()) + "</b> is not complete: " + progress(stage)
                        + ". This page is of " + now() + " and is renewed while the run continues.");
            }
        }
        for (StageFiles stage : run.evaluations()) {
            evaluation(new EvaluationData(stage), sentences, doubts);
        }
        if (run.evaluations().isEmpty()) {
            run.stages().stream()
                    .filter(StageFiles::isDone)
                    .reduce((first, second) -> second)
                    .flatMap(Headline::arrival)
                    .ifPresent(sentences::add);
        }
        int warnings = warningsOfStages().size();
        if (warnings > 0) {
            doubts.add(Html.count(warnings, "warning") + " below.");
        }
        return "<section id=\"short\"><h2>In short</h2>\n" + paragraphs(sentences, "lead") + list(doubts) + warnings()
                + "</section>\n";
    }

    private static String progress(StageFiles stage) {
        String most = stage.setting("max_steps");
        long step = stage.step();
        if (step == 0) {
            return "nothing is logged yet";
        }
        String newest = newest(stage).map(value -> ", " + value).orElse("");
        return "step " + step + (most.matches("[1-9][0-9]*") ? " of " + most : "") + newest;
    }

    private static void evaluation(EvaluationData data, List<String> sentences, List<String> doubts) {
        Optional<String> deciding = data.deciding();
        List<String> ranked = deciding.map(data::ranked).orElse(List.of());
        if (ranked.size() < 2) {
            return;
        }
        String metric = deciding.get();
        String best = ranked.get(0);
        String baseline = data.baseline();
        String called = metric.replace('_', ' ');
        if (best.equals(baseline)) {
            sentences.add("No model has more " + called + " than the baseline <b>" + Html.escape(baseline) + "</b> ("
                    + number(data, baseline, metric) + ").");
        } else {
            data.difference(best, baseline, metric)
                    .ifPresent(value -> sentences.add("<b>" + Html.escape(best) + "</b> has the most " + called + ": "
                            + amount(value) + " more than <b>" + Html.escape(baseline) + "</b>, over "
                            + Html.count(value.n(), "prompt") + clear(value) + "."));
        }
        String second = ranked.get(1);
        if (!best.equals(baseline) && !second.equals(baseline)) {
            data.difference(best, second, metric)
                    .ifPresent(value -> sentences.add("The next is <b>" + Html.escape(second) + "</b>, " + amount(value)
                            + " behind" + clear(value) + "."));
        }
        if (data.hasTruth() && data.metrics().contains("reward")) {
            String rewarded = data.ranked("reward").get(0);
            if (!rewarded.equals(best) && isClear(data.difference(best, rewarded, metric))) {
                doubts.add("The reward model prefers <b>" + Html.escape(rewarded) + "</b>, the hidden utility <b>"
                        + Html.escape(best) + "</b>: more reward does not mean better answers here.");
            }
        }
        if (!data.hasTruth()) {
            doubts.add(
                    "Better means here: what the judging reward model scores higher. Nobody has read the answers yet.");
        }
        new HackingSigns(data)
                .found()
                .forEach(line -> doubts.add("Sign of reward hacking, " + Html.escape(line) + "."));
        data.mean(best, metric)
                .filter(mean -> mean.n() < FEW_PROMPTS)
                .ifPresent(mean -> doubts.add(
                        "Only " + Html.count(mean.n(), "prompt") + ": small differences cannot be seen with so few."));
    }

    private static String number(EvaluationData data, String model, String metric) {
        return data.mean(model, metric).map(mean -> Html.brief(mean.mean())).orElse("");
    }

    private static String amount(IntervalChart.Interval value) {
        return Html.measured(value.mean(), value.standardError().orElse(0));
    }

    private static boolean isClear(Optional<IntervalChart.Interval> difference) {
        return difference.isPresent() && clear(difference.get()).isEmpty();
    }

    private static String clear(IntervalChart.Interval value) {
        return Math.abs(value.mean()) < CLEAR * value.standardError().orElse(Double.MAX_VALUE)
                ? ", which is no clear difference"
                : "";
    }

    private static String now() {
        return DateTimeFormatter.ofPattern("HH:mm:ss 'UTC'", Locale.ROOT)
                .withZone(ZoneOffset.UTC)
                .format(Instant.now());
    }

    private static Optional<String> arrival(StageFiles stage) {
        return newest(stage).map(value -> "Stage <b>" + Html.escape(stage.name()) + "</b> ended with " + value + ".");
    }

    /** A stage's newest value of the metric that says most. */
    private static Optional<String> newest(StageFiles stage) {
        for (String metric : List.of("eval_loss", "eval_accuracy", "objective/rlhf_reward", "loss")) {
            List<LineChart.Point> points = stage.metrics().getOrDefault(metric, List.of());
            if (!points.isEmpty()) {
                String last = Html.brief(points.get(points.size() - 1).value());
                return Optional.of(Html.escape(metric) + " " + last);
            }
        }
        return Optional.empty();
    }

    private static String paragraphs(List<String> lines, String style) {
        return lines.isEmpty() ? "" : "<p class=\"" + style + "\">" + String.join(" ", lines) + "</p>\n";
    }

    private static String list(List<String> lines) {
        return lines.isEmpty()
                ? ""
                : "<p>What to distrust:</p><ul class=\"doubts\"><li>" + String.join("</li><li>", lines)
                        + "</li></ul>\n";
    }

    private String warnings() {
        Map<String, List<String>> stagesOf = warningsOfStages();
        StringBuilder items = new StringBuilder();
        stagesOf.forEach((line, stages) -> items.append("<li>")
                .append(Html.escape(line))
                .append(" <small>")
                .append(Html.escape(String.join(", ", stages)))
                .append("</small></li>"));
        if (items.isEmpty()) {
            return "";
        }
        String list = "<ul>" + items + "</ul>";
        return "<div class=\"warnings\">"
                + (stagesOf.size() <= MOST_WARNINGS
                        ? "<h3>Warnings</h3>" + list
                        : Html.details("All " + stagesOf.size() + " warnings", list))
                + "</div>\n";
    }

    /** Each warning once, with the stages that it was given in. */
    private Map<String, List<String>> warningsOfStages() {
        Map<String, List<String>> stagesOf = new LinkedHashMap<>();
        for (StageFiles stage : run.stages()) {
            List<String> lines = new ArrayList<>(stage.messages("warning"));
            lines.addAll(stage.failedChecks());
            lines.forEach(line ->
                    stagesOf.computeIfAbsent(line, key -> new ArrayList<>()).add(stage.name()));
        }
        return stagesOf;
    }
}
