package io.github.rlhf4j.evaluation;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/** The paired differences as lines to read: every pair of few models; of many, each model against the baseline and against the best. All pairs are in summary.json. */
final class DifferenceTable {
    private static final List<String> COMPARED = List.of("hidden_utility", "reward");
    private static final int FEW = 3;

    private final EvaluationSummary summary;
    private final List<String> compared;

    /** @param verified metrics that models are compared by beside those */
    DifferenceTable(EvaluationSummary summary, List<String> verified) {
        this.summary = summary;
        compared = Stream.concat(verified.stream(), COMPARED.stream()).toList();
    }

    List<String> lines() {
        List<String> lines = new ArrayList<>();
        List<String> names = summary.names();
        if (names.size() <= FEW) {
            for (int later = 1; later < names.size(); later++) {
                for (int earlier = 0; earlier < later; earlier++) {
                    pair(later, earlier, lines);
                }
            }
        } else {
            compared.forEach(metric -> table(metric, lines));
        }
        return lines;
    }

    private void pair(int later, int earlier, List<String> lines) {
        for (String metric : compared) {
            summary.difference(later, earlier, metric)
                    .ifPresent(value -> lines.add(summary.names().get(later) + " - "
                            + summary.names().get(earlier) + ": " + metric + " " + EvaluationTable.text(value)
                            + ", paired over " + value.n() + " prompts"));
        }
    }

    /** Best model first. */
    private void table(String metric, List<String> lines) {
        List<String> names = summary.names();
        List<Integer> order = IntStream.range(0, names.size())
                .boxed()
                .filter(model -> summary.mean(model, metric).isPresent())
                .sorted(Comparator.comparingDouble(
                        model -> -summary.mean(model, metric).orElse(0)))
                .toList();
        if (order.size() < 2) {
            return;
        }
        int best = order.get(0);
        int baseline = summary.baseline();
        long prompts =
                summary.difference(order.get(1), best, metric).map(Statistic::n).orElse(0L);
        int width = names.stream().mapToInt(String::length).max().orElse(0);
        String first = "less " + names.get(baseline);
        lines.add("differences of " + metric + ", paired over " + prompts + " prompts");
        lines.add(row("model", width, first, best == baseline ? "" : "less " + names.get(best)));
        for (int model : order) {
            lines.add(row(
                    names.get(model),
                    width,
                    difference(model, baseline, metric),
                    best == baseline ? "" : difference(model, best, metric)));
        }
    }

    private String difference(int model, int other, String metric) {
        Optional<Statistic> difference = model == other ? Optional.empty() : summary.difference(model, other, metric);
        return difference.map(EvaluationTable::text).orElse("-");
    }

    private static String row(String name, int width, String first, String second) {
        return (EvaluationTable.pad(name, width) + "  " + EvaluationTable.pad(first, 18) + "  " + second)
                .stripTrailing();
    }
}
