package io.github.rlhf4j.experiment;

import io.github.rlhf4j.charts.Texts;
import io.github.rlhf4j.core.files.AtomicFiles;
import io.github.rlhf4j.pipeline.report.Html;
import io.github.rlhf4j.pipeline.report.Page;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/** report.html of an experiment: means with intervals, differences to the baseline, pictures, and every run. */
final class ExperimentReport {
    private final ExperimentResults results;
    private final List<Scatter> scatters;
    private final ChartFiles charts;
    private final Statistics statistics;

    private ExperimentReport(ExperimentResults results, List<Scatter> scatters) {
        this.results = results;
        this.scatters = scatters;
        this.charts = new ChartFiles(results.folder());
        this.statistics = new Statistics(results, charts);
    }

    static void write(ExperimentResults results, List<Scatter> scatters) {
        ExperimentReport report = new ExperimentReport(results, scatters);
        AtomicFiles.writeString(results.folder().resolve("report.html"), report.html());
        report.charts.removeOthers();
    }

    private String html() {
        long complete = results.runs().stream().filter(RunResult::isComplete).count();
        String name =
                String.valueOf(results.folder().toAbsolutePath().normalize().getFileName());
        Page page = new Page(
                name,
                complete + " of " + results.runs().size() + " runs complete, "
                        + results.groups().size() + " groups; compared with "
                        + results.name(results.baseline()));
        page.section("Means", statistics.means());
        page.section("Against the baseline", statistics.differences());
        page.section("Pictures", pictures());
        page.section("Curves", statistics.curves());
        page.section("Runs", runs());
        return page.html();
    }

    private String pictures() {
        StringBuilder out = new StringBuilder();
        List<Scatter> wanted = new ArrayList<>(scatters);
        List<String> metrics = results.metrics();
        if (wanted.isEmpty() && metrics.size() > 1) {
            wanted.add(new Scatter(
                    metrics.get(1) + " over " + metrics.get(0), List.of(metrics.get(0)), List.of(metrics.get(1))));
        }
        wanted.forEach(scatter -> out.append(charts.figure(Pictures.scatter(scatter, results))));
        metrics.forEach(metric -> Pictures.byKey(results, metric).forEach(chart -> out.append(charts.figure(chart))));
        return out.toString();
    }

    private String runs() {
        Set<String> keys = new LinkedHashSet<>();
        results.runs().forEach(run -> keys.addAll(run.values().byKey().keySet()));
        List<String> headings = new ArrayList<>(keys);
        headings.addAll(results.metrics());
        headings.add("run");
        List<List<String>> rows = new ArrayList<>();
        for (RunResult run : results.runs()) {
            List<String> row = new ArrayList<>();
            for (String key : keys) {
                row.add(
                        run.values().byKey().containsKey(key)
                                ? Html.escape(run.values().text(key))
                                : "");
            }
            for (String metric : results.metrics()) {
                Double value = run.metrics().get(metric);
                row.add(value == null ? "" : Texts.number(value));
            }
            String folder = String.valueOf(run.folder().getFileName());
            row.add(run.failure().map(Html::escape).orElseGet(() -> Html.link(folder + "/report.html", "report")));
            rows.add(row);
        }
        return Html.table("numbers sortable", headings, rows)
                + "<p class=\"files\">" + Html.link("experiment.json", "experiment.json") + " "
                + Html.link("experiment.csv", "experiment.csv") + "</p>";
    }
}
