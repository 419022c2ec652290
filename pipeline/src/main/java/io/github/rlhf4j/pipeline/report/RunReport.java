package io.github.rlhf4j.pipeline.report;

import com.fasterxml.jackson.databind.JsonNode;
import io.github.rlhf4j.core.files.AtomicFiles;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * report.html of a run: one page that needs nothing else, made from the run's files alone, so it can be made again at any time, also while a stage runs.
 *
 * <p>It works without its script, which filters and sorts answers and switches the theme; a policy in the page allows that script and no other.
 */
public final class RunReport {
    private static final Pattern MEANING = Pattern.compile("href=\"#m-([^\"]+)\"");
    private static final String ENERGY = "energy_consumed";
    private static final List<String> FILES = List.of("summary.json", "run.log", "run.yaml");

    private RunReport() {}

    /** Writes report.html into a run's folder; nothing happens where there is none. */
    public static void write(Path run) {
        if (Files.isDirectory(run)) {
            AtomicFiles.writeString(run.resolve("report.html"), html(run));
        }
    }

    /** The same, at the end of a run, and every picture as SVG and CSV in the folder charts. */
    public static void finish(Path run) {
        FigureFiles figures = FigureFiles.of(page(run), name -> true);
        figures.write(run);
        AtomicFiles.writeString(run.resolve("report.html"), figures.html());
    }

    static String html(Path directory) {
        Path charts = directory.resolve(FigureFiles.FOLDER);
        return FigureFiles.of(page(directory), name -> Files.exists(charts.resolve(name + ".svg")))
                .html();
    }

    private static String page(Path directory) {
        RunFiles run = RunFiles.read(directory);
        String script = Resources.text("report.js");
        StringBuilder out = new StringBuilder(head(run, script) + "<body>\n" + navigation(run));
        out.append("<header><h1>")
                .append(Html.escape(run.name()))
                .append("</h1>")
                .append(facts(run));
        out.append("</header>\n<main>\n");
        out.append(new Headline(run).html()).append(overview(run));
        run.evaluations().forEach(stage -> out.append(new EvaluationSection(run, stage).html()));
        run.stages().stream()
                .filter(stage -> !stage.isEvaluation())
                .forEach(stage -> out.append(new StageSection(stage).html()));
        String content = out.toString();
        return content + glossary(content) + "</main>\n<script>" + script + "</script></body></html>\n";
    }

    private static String head(RunFiles run, String script) {
        String refresh = run.isComplete() ? "" : "<meta http-equiv=\"refresh\" content=\"30\">";
        return Page.head(run.name(), script, refresh, "");
    }

    private static String navigation(RunFiles run) {
        StringBuilder links = new StringBuilder("<a href=\"#short\">In short</a><a href=\"#stages\">Stages</a>");
        List<StageFiles> order = new ArrayList<>(run.evaluations());
        run.stages().stream().filter(stage -> !stage.isEvaluation()).forEach(order::add);
        order.forEach(stage -> links.append("<a href=\"#stage-")
                .append(Html.escape(stage.name()))
                .append("\">")
                .append(Html.escape(stage.name()))
                .append("</a>"));
        return "<nav>" + links + "<a href=\"#meanings\">Meanings</a>"
                + "<button type=\"button\" id=\"theme\" hidden>dark or light</button></nav>\n";
    }

    /** Seed, date, command line, machine; links to the run's files. */
    private static String facts(RunFiles run) {
        JsonNode provenance = run.stages().stream()
                .map(stage -> stage.json("provenance.json"))
                .filter(JsonNode::isObject)
                .reduce((first, second) -> second)
                .orElseGet(com.fasterxml.jackson.databind.node.MissingNode::getInstance);
        List<String> facts = new ArrayList<>();
        facts.add(Html.count(run.stages().size(), "stage"));
        if (!run.seed().isEmpty()) {
            facts.add("seed " + run.seed());
        }
        for (String pointer : List.of("/date", "/versions/rlhf4j", "/hardware/processor")) {
            String fact = provenance.at(pointer).asText();
            if (pointer.equals("/date")) {
                fact = fact.replaceFirst("T(\\d\\d:\\d\\d):.*Z", " $1 UTC");
            }
            if (!fact.isEmpty()) {
                facts.add((pointer.startsWith("/versions") ? "RLHF4J " : "") + fact);
            }
        }
        String command = provenance.path("command_line").asText();
        StringBuilder links = new StringBuilder();
        for (String file : FILES) {
            if (Files.isRegularFile(run.directory().resolve(file))) {
                links.append(Html.link(file, file)).append(" ");
            }
        }
        return "<p class=\"note\">" + Html.escape(String.join(" · ", facts)) + "</p>"
                + (command.isEmpty() ? "" : "<pre class=\"command\">" + Html.escape(command) + "</pre>")
                + (links.isEmpty() ? "" : "<p class=\"files\">" + links + "</p>");
    }

    private static String overview(RunFiles run) {
        boolean hasEnergy =
                run.stages().stream().anyMatch(stage -> stage.summary().has(ENERGY));
        List<List<String>> rows = new ArrayList<>();
        for (StageFiles stage : run.stages()) {
            JsonNode summary = stage.summary();
            List<JsonNode> timing = stage.lines("timing.jsonl");
            JsonNode last = timing.isEmpty() ? null : timing.get(timing.size() - 1);
            List<String> row = new ArrayList<>(List.of(
                    "<a href=\"#stage-" + Html.escape(stage.name()) + "\">" + Html.escape(stage.name()) + "</a>",
                    Html.escape(stage.type()),
                    stage.isDone() ? "complete" : "not complete",
                    last == null ? "" : last.path("step").asText(),
                    decimal(summary.path("seconds"), 1),
                    decimal(summary.path("prepare_seconds"), 1),
                    last == null ? "" : decimal(last.path("tokens_per_second"), 0),
                    decimal(summary.path("peak_rss_mb"), 0)));
            if (hasEnergy) {
                row.add(decimal(summary.path(ENERGY), 6));
            }
            rows.add(row);
        }
        List<String> columns = new ArrayList<>(List.of(
                "stage", "type", "state", "steps", "seconds", "of which preparation", "tokens/s", "peak memory, MB"));
        if (hasEnergy) {
            columns.add("energy, kWh");
        }
        return "<section id=\"stages\"><h2>Stages</h2>" + Html.table("numbers", columns, rows) + "</section>\n";
    }

    /** The meanings of the metrics that the page links to. */
    private static String glossary(String content) {
        List<List<String>> rows = new ArrayList<>();
        Set<String> named =
                MEANING.matcher(content).results().map(link -> link.group(1)).collect(Collectors.toSet());
        MetricGuide.all().values().stream()
                .filter(entry -> named.contains(entry.name()))
                .forEach(entry -> rows.add(List.of(
                        "<span id=\"m-" + entry.name() + "\">" + Html.escape(entry.name()) + "</span>",
                        Html.escape(entry.brief()),
                        Html.escape(entry.what()))));
        return "<section id=\"meanings\"><h2>What the numbers mean</h2><p class=\"note\">With eval_ before a name: the"
                + " same on held-out data. ± is one standard error.</p>"
                + Html.table("plain meanings", List.of("name", "unit, direction", "meaning"), rows) + "</section>\n";
    }

    private static String decimal(JsonNode value, int digits) {
        return value.isNumber() ? String.format(Locale.ROOT, "%,." + digits + "f", value.doubleValue()) : "";
    }
}
