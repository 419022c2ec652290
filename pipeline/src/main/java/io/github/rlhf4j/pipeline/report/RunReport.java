package io.github.rlhf4j.pipeline.report;

import com.fasterxml.jackson.databind.JsonNode;
import io.github.rlhf4j.core.files.AtomicFiles;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** report.html of a run: one page without script or outside resources, made from the run's files alone, so it can be made again at any time. */
public final class RunReport {
    private RunReport() {}

    /** Writes report.html into a run's folder; nothing happens where the folder or its summary.json is missing. */
    public static void write(Path run) {
        if (Files.isRegularFile(run.resolve("summary.json"))) {
            AtomicFiles.writeString(run.resolve("report.html"), html(run));
        }
    }

    static String html(Path run) {
        JsonNode summary = StageFiles.readJson(run.resolve("summary.json"));
        List<StageFiles> stages = new ArrayList<>();
        summary.path("stages")
                .properties()
                .forEach(entry ->
                        stages.add(new StageFiles(entry.getKey(), run.resolve(entry.getKey()), entry.getValue())));
        String name = summary.path("name").asText();
        StringBuilder out = new StringBuilder("<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">"
                + "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\"><title>" + Html.escape(name)
                + " - RLHF4J</title>\n<style>\n" + style() + "</style></head><body>\n<header><h1>" + Html.escape(name)
                + "</h1><p class=\"note\">seed "
                + Html.escape(summary.path("seed").asText()) + ", "
                + stages.size() + " stages</p></header>\n<main>\n");
        out.append(overview(stages));
        stages.stream()
                .filter(RunReport::isEvaluation)
                .forEach(stage -> out.append(new EvaluationSection(stage).html()));
        stages.forEach(stage -> out.append(section(stage)));
        return out.append("</main></body></html>\n").toString();
    }

    private static boolean isEvaluation(StageFiles stage) {
        return stage.summary().has("models");
    }

    private static String section(StageFiles stage) {
        return new StageSection(stage).html();
    }

    private static String overview(List<StageFiles> stages) {
        List<List<String>> rows = new ArrayList<>();
        for (StageFiles stage : stages) {
            JsonNode summary = stage.summary();
            List<JsonNode> timing = stage.lines("timing.jsonl");
            JsonNode last = timing.isEmpty() ? null : timing.get(timing.size() - 1);
            rows.add(List.of(
                    "<a href=\"#stage-" + Html.escape(stage.name()) + "\">" + Html.escape(stage.name()) + "</a>",
                    Html.escape(summary.path("type").asText()),
                    last == null ? "" : last.path("step").asText(),
                    decimal(summary.path("seconds"), 1),
                    decimal(summary.path("prepare_seconds"), 1),
                    last == null ? "" : decimal(last.path("tokens_per_second"), 0),
                    decimal(summary.path("peak_rss_mb"), 0)));
        }
        return "<section><h2>Stages</h2>"
                + Html.table(
                        "numbers",
                        List.of(
                                "stage",
                                "type",
                                "steps",
                                "seconds",
                                "of which preparation",
                                "tokens/s",
                                "peak memory, MB"),
                        rows)
                + "</section>\n";
    }

    private static String decimal(JsonNode value, int digits) {
        return value.isNumber() ? String.format(Locale.ROOT, "%,." + digits + "f", value.doubleValue()) : "";
    }

    private static String style() {
        try (InputStream in = RunReport.class.getResourceAsStream("report.css")) {
            if (in == null) {
                throw new IllegalStateException("report.css is missing from the jar");
            }
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
