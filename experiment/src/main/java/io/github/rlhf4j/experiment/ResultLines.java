package io.github.rlhf4j.experiment;

import io.github.rlhf4j.charts.Texts;
import java.util.ArrayList;
import java.util.List;

/** Results for the terminal. */
final class ResultLines {
    private static final double CONFIDENCE = 0.95;

    private ResultLines() {}

    static List<String> of(ExperimentResults results) {
        List<List<String>> rows = new ArrayList<>();
        List<String> head = new ArrayList<>(List.of("group", "runs"));
        head.addAll(results.metrics());
        rows.add(head);
        for (Group group : results.groups()) {
            List<String> row = new ArrayList<>(
                    List.of(results.name(group), String.valueOf(group.runs().size())));
            for (String metric : results.metrics()) {
                Estimate estimate = group.metrics().get(metric);
                row.add(estimate == null ? "-" : Texts.measured(estimate.mean(), estimate.halfWidth(CONFIDENCE)));
            }
            rows.add(row);
        }
        List<String> lines = aligned(rows);
        lines.add("± is half of the 95 % interval over seeds (Student's t); results: "
                + results.folder().resolve("experiment.json") + ", "
                + results.folder().resolve("report.html"));
        return lines;
    }

    /** Cells in columns. */
    static List<String> aligned(List<List<String>> rows) {
        int columns = rows.stream().mapToInt(List::size).max().orElse(0);
        int[] widths = new int[columns];
        rows.forEach(row -> {
            for (int i = 0; i < row.size(); i++) {
                widths[i] = Math.max(widths[i], row.get(i).length());
            }
        });
        List<String> lines = new ArrayList<>();
        for (List<String> row : rows) {
            StringBuilder line = new StringBuilder();
            for (int i = 0; i < row.size(); i++) {
                line.append(row.get(i)).append(" ".repeat(widths[i] - row.get(i).length() + 2));
            }
            lines.add(line.toString().stripTrailing());
        }
        return lines;
    }
}
