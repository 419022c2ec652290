package io.github.rlhf4j.experiment;

import io.github.rlhf4j.charts.Texts;
import io.github.rlhf4j.core.UserError;
import io.github.rlhf4j.core.files.AtomicFiles;
import io.github.rlhf4j.pipeline.report.Html;
import io.github.rlhf4j.pipeline.report.MetricGuide;
import io.github.rlhf4j.pipeline.report.Page;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Runs that exist, side by side, also of different run files: how their configurations differ, their metrics, their answers to the same prompts. Runs that differ in their seeds alone are one group, of which
 * means are shown; the first run's group is what the others are compared with.
 */
public final class RunComparison {
    private static final double CONFIDENCE = 0.95;
    private static final double NORMAL = 1.96; // 95 % of many prompts
    private static final Set<String> OF_NO_INTEREST = Set.of(
            "grad_norm",
            "learning_rate",
            "lr",
            "num_tokens",
            "epoch",
            "episode",
            "min_reward",
            "max_reward",
            "mean_reward");
    private static final int SHOWN_PROMPTS = 3;

    private final List<ExistingRun> runs;
    private final Set<String> differences;
    private final Map<Values, ExistingRun> byValues = new LinkedHashMap<>();
    private final ExperimentResults results;

    private RunComparison(List<ExistingRun> runs) {
        this.runs = runs;
        this.differences = ExistingRun.differences(runs);
        List<RunResult> all = new ArrayList<>();
        Set<String> metrics = new LinkedHashSet<>();
        ExistingRun.values(runs, differences).forEach((run, values) -> {
            byValues.put(values, run);
            all.add(new RunResult(values, run.metrics(), run.folder(), Optional.empty()));
            run.metrics().keySet().stream().filter(RunComparison::isOfInterest).forEach(metrics::add);
        });
        List<String> names = List.copyOf(metrics);
        List<Group> groups = Group.of(all, names);
        this.results = new ExperimentResults(Path.of(""), names, all, groups, groups.get(0));
    }

    /**
     * Reads the runs.
     *
     * @param folders at least two
     * @throws UserError where one holds no run with results, or is given twice
     */
    public static RunComparison of(List<Path> folders) {
        Set<Path> seen = new HashSet<>();
        List<ExistingRun> runs = new ArrayList<>();
        for (Path folder : folders) {
            if (!seen.add(folder.toAbsolutePath().normalize())) {
                throw new UserError(folder + " is given twice");
            }
            runs.add(ExistingRun.read(folder));
        }
        if (runs.size() < 2) {
            throw new UserError("give at least two runs to compare");
        }
        Set<String> names = new HashSet<>();
        boolean isAmbiguous = runs.stream().anyMatch(run -> !names.add(run.name()));
        return new RunComparison(
                isAmbiguous
                        ? runs.stream()
                                .map(run -> run.named(run.folder().toString()))
                                .toList()
                        : runs);
    }

    private static boolean isOfInterest(String metric) {
        String name = metric.substring(metric.indexOf('.') + 1);
        boolean isError = name.endsWith("_se");
        return !isError && !OF_NO_INTEREST.contains(name.replaceFirst("^eval_", ""));
    }

    /** The groups and the comparison for programs. */
    public ExperimentResults results() {
        return results;
    }

    /** For the terminal: differences of the configurations, metrics, and some answers. */
    public List<String> lines() {
        List<String> lines = new ArrayList<>();
        lines.add("configuration" + (differences.isEmpty() ? ": the same but for seeds" : ", where it differs:"));
        if (!differences.isEmpty()) {
            lines.addAll(ResultLines.aligned(configuration(40)));
        }
        lines.add("");
        lines.add("metrics (± is half of the 95 % interval: over seeds where there are several, else over prompts):");
        List<List<String>> rows = metrics();
        List<List<String>> differing = rows.stream()
                .filter(row -> row.equals(rows.get(0))
                        || row.subList(1, row.size()).stream().distinct().count() > 1)
                .toList();
        lines.addAll(ResultLines.aligned(differing));
        if (differing.size() < rows.size()) {
            lines.add((rows.size() - differing.size())
                    + " metrics are the same in all; with --out DIR they are shown too");
        }
        List<AnswersSideBySide.Row> answers = AnswersSideBySide.of(byValues.values());
        if (!answers.isEmpty()) {
            lines.add("");
            lines.add("answers to the same prompts (" + Math.min(SHOWN_PROMPTS, answers.size()) + " of "
                    + answers.size() + "; all by --out DIR):");
        }
        answers.stream().limit(SHOWN_PROMPTS).forEach(row -> lines.addAll(row.lines()));
        return lines;
    }

    private List<String> names() {
        return results.groups().stream()
                .map(group -> group.values().text("run"))
                .toList();
    }

    private ExistingRun first(Group group) {
        return java.util.Objects.requireNonNull(byValues.get(group.runs().get(0).values()));
    }

    private List<List<String>> configuration(int most) {
        List<List<String>> rows = new ArrayList<>();
        List<String> head = new ArrayList<>(List.of("key"));
        head.addAll(names());
        rows.add(head);
        for (String key : differences) {
            List<String> row = new ArrayList<>(List.of(key));
            results.groups()
                    .forEach(group -> row.add(Texts.shortened(first(group).value(key), most)));
            rows.add(row);
        }
        return rows;
    }

    /** A row a metric. */
    private List<List<String>> metrics() {
        List<List<String>> rows = new ArrayList<>();
        List<String> head = new ArrayList<>(List.of("metric"));
        for (Group group : results.groups()) {
            head.add(group.values().text("run")
                    + (group.runs().size() > 1 ? " (" + group.runs().size() + " runs)" : ""));
        }
        rows.add(head);
        for (String metric : results.metrics()) {
            List<String> row = new ArrayList<>(List.of(metric));
            for (Group group : results.groups()) {
                Estimate mean = group.metrics().get(metric);
                row.add(mean == null ? "-" : Texts.measured(mean.mean(), halfWidth(group, mean, metric)));
            }
            rows.add(row);
        }
        return rows;
    }

    private double halfWidth(Group group, Estimate mean, String metric) {
        return mean.n() > 1 ? mean.halfWidth(CONFIDENCE) : NORMAL * first(group).error(metric);
    }

    /**
     * Writes report.html, comparison.csv and the folder charts.
     *
     * @throws UserError where something else has the name of the folder
     */
    public void write(Path folder) {
        ExperimentResults there =
                new ExperimentResults(folder, results.metrics(), results.runs(), results.groups(), results.baseline());
        ChartFiles charts = new ChartFiles(folder);
        Statistics statistics = new Statistics(there, charts);
        Page page = new Page(
                "Comparison of runs",
                runs.size() + " runs: "
                        + String.join(", ", runs.stream().map(ExistingRun::name).toList()));
        page.section("Configuration", table("plain", configuration(400), "The same but for seeds."));
        page.section(
                "Metrics",
                "<p class=\"note\">± is half of the 95 % interval: over seeds where there are several (Student's t), else over"
                        + " prompts. A click on a heading sorts.</p>"
                        + table("numbers sortable", metricsWithMeanings(), ""));
        page.section("Against the first", statistics.differences());
        page.section("Curves", statistics.curves());
        page.section("Answers", AnswersSideBySide.html(AnswersSideBySide.of(byValues.values())));
        AtomicFiles.writeString(folder.resolve("comparison.csv"), there.csv());
        AtomicFiles.writeString(folder.resolve("report.html"), page.html());
    }

    private List<List<String>> metricsWithMeanings() {
        List<List<String>> rows = new ArrayList<>();
        for (List<String> row : metrics()) {
            List<String> more = new ArrayList<>(row);
            more.add(
                    rows.isEmpty()
                            ? "unit"
                            : Measure.guide(row.get(0))
                                    .map(MetricGuide.Entry::brief)
                                    .orElse(""));
            rows.add(more);
        }
        return rows;
    }

    private static String table(String style, List<List<String>> rows, String otherwise) {
        return rows.size() < 2
                ? "<p>" + Html.escape(otherwise) + "</p>"
                : Html.table(
                        style,
                        rows.get(0),
                        rows.subList(1, rows.size()).stream()
                                .map(row -> row.stream().map(Html::escape).toList())
                                .toList());
    }
}
