package io.github.rlhf4j.pipeline.report;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.List;

/** What every stage's part ends with: configuration, provenance, self-checks, its files. */
final class StageDetails {
    private static final List<String> FILES = List.of(
            "metrics.jsonl", "timing.jsonl", "samples.jsonl", "messages.jsonl", "config.yaml", "provenance.json");

    private StageDetails() {}

    static String html(StageFiles stage) {
        return Html.details("Self-checks", list(stage.messages("check")))
                + configuration(stage)
                + provenance(stage)
                + files(stage);
    }

    static String list(List<String> lines) {
        StringBuilder out = new StringBuilder();
        lines.forEach(line -> out.append("<li>").append(Html.escape(line)).append("</li>"));
        return out.isEmpty() ? "" : "<ul>" + out + "</ul>";
    }

    private static String configuration(StageFiles stage) {
        List<List<String>> rows = new ArrayList<>();
        stage.json("provenance.json")
                .path("config")
                .properties()
                .forEach(entry -> rows.add(List.of(
                        code(entry.getKey()),
                        code(entry.getValue().path("value").asText()),
                        Html.escape(entry.getValue().path("origin").asText()))));
        String text = stage.config();
        return Html.details(
                "Configuration",
                rows.isEmpty()
                        ? text.isEmpty() ? "" : "<pre>" + Html.escape(text) + "</pre>"
                        : Html.table("plain", List.of("key", "value", "from"), rows));
    }

    private static String provenance(StageFiles stage) {
        List<List<String>> rows = new ArrayList<>();
        stage.json("provenance.json").properties().forEach(entry -> {
            if (!entry.getKey().equals("config")) {
                flatten(entry.getKey(), entry.getValue(), rows);
            }
        });
        return Html.details("Provenance", rows.isEmpty() ? "" : Html.table("plain", List.of("fact", "value"), rows));
    }

    private static void flatten(String path, JsonNode value, List<List<String>> rows) {
        if (value.isObject()) {
            value.properties().forEach(entry -> flatten(path + "." + entry.getKey(), entry.getValue(), rows));
        } else {
            rows.add(List.of(code(path), code(value.isTextual() ? value.textValue() : value.toString())));
        }
    }

    private static String files(StageFiles stage) {
        StringBuilder links = new StringBuilder();
        for (String file : FILES) {
            if (Files.isRegularFile(stage.directory().resolve(file))) {
                links.append(Html.link(stage.name() + "/" + file, file)).append(" ");
            }
        }
        return links.isEmpty() ? "" : "<p class=\"files\">" + links + "</p>\n";
    }

    private static String code(String text) {
        return "<code>" + Html.escape(text) + "</code>";
    }
}
