package io.github.rlhf4j.evaluation;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Stream;

/** An evaluation as lines to read: a row a model, then the paired differences. */
final class EvaluationTable {
    private static final List<String> COLUMNS = List.of(
            "hidden_utility",
            "factual_accuracy",
            "invention_rate",
            "admission",
            "reward",
            "kl",
            "win_rate",
            "length",
            "ended",
            "distinct_2");

    private final EvaluationSummary summary;
    private final List<String> verified;

    /** @param verified the metrics of a program that scores */
    EvaluationTable(EvaluationSummary summary, List<String> verified) {
        this.summary = summary;
        this.verified = verified;
    }

    List<String> lines() {
        List<Map<String, Statistic>> rows = new ArrayList<>();
        List<String> names = summary.names();
        for (int model = 0; model < names.size(); model++) {
            rows.add(summary.metrics(model));
        }
        List<String> columns = Stream.concat(verified.stream(), COLUMNS.stream())
                .filter(column -> rows.stream().anyMatch(row -> row.containsKey(column)))
                .toList();
        int width = Math.max(5, names.stream().mapToInt(String::length).max().orElse(0));
        List<String> lines = new ArrayList<>();
        lines.add("mean +- standard error over prompts");
        lines.add(header(columns, width));
        for (int model = 0; model < names.size(); model++) {
            lines.add(row(names.get(model), rows.get(model), columns, width));
        }
        lines.addAll(new DifferenceTable(summary, verified.stream().limit(1).toList()).lines());
        return lines;
    }

    private static String header(List<String> columns, int width) {
        StringBuilder line = new StringBuilder(pad("model", width));
        columns.forEach(column -> line.append("  ").append(pad(column, cell(column))));
        return line.toString().stripTrailing();
    }

    private static String row(String name, Map<String, Statistic> values, List<String> columns, int width) {
        StringBuilder line = new StringBuilder(pad(name, width));
        for (String column : columns) {
            Statistic value = values.get(column);
            line.append("  ").append(pad(value == null ? "-" : text(value), cell(column)));
        }
        return line.toString().stripTrailing();
    }

    static String text(Statistic value) {
        int digits = Math.abs(value.mean()) < 10 ? 3 : 1;
        String mean = String.format(Locale.ROOT, "%." + digits + "f", value.mean());
        return value.standardError().isPresent()
                ? mean
                        + String.format(
                                Locale.ROOT,
                                " +- %." + digits + "f",
                                value.standardError().getAsDouble())
                : mean;
    }

    private static int cell(String column) {
        return Math.max(16, column.length());
    }

    static String pad(String text, int width) {
        return text + " ".repeat(Math.max(0, width - text.length()));
    }
}
