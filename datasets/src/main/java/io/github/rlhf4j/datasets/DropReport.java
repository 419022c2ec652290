package io.github.rlhf4j.datasets;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;

/**
 * Which rows of a dataset were left out, and why.
 *
 * @param reasons one entry a reason, in the order of first appearance; empty where nothing was dropped
 */
public record DropReport(List<Reason> reasons) {
    /** Nothing was dropped. */
    public static final DropReport NONE = new DropReport(List.of());

    private static final int LINES_KEPT = 5;

    public DropReport {
        reasons = List.copyOf(reasons);
    }

    /**
     * One reason.
     *
     * @param reason what is wrong with the rows, to follow "rows dropped: "
     * @param count rows
     * @param firstLines line numbers of the first of them, from 1; row numbers where the source has no lines
     */
    public record Reason(String reason, long count, List<Long> firstLines) {
        public Reason {
            firstLines = List.copyOf(firstLines);
        }
    }

    /** Rows dropped altogether. */
    public long total() {
        return reasons.stream().mapToLong(Reason::count).sum();
    }

    /** One line for each reason, to be printed: "pairs.jsonl: 3 rows dropped: chosen and rejected are equal (lines 4, 17, 30)". */
    public List<String> lines(String dataset) {
        List<String> lines = new ArrayList<>();
        for (Reason reason : reasons) {
            String numbers = reason.firstLines().stream().map(String::valueOf).collect(Collectors.joining(", "));
            String more = reason.count() > reason.firstLines().size() ? ", ..." : "";
            lines.add("%s: %d %s dropped: %s (%s %s%s)"
                    .formatted(
                            dataset,
                            reason.count(),
                            reason.count() == 1 ? "row" : "rows",
                            reason.reason(),
                            reason.count() == 1 ? "line" : "lines",
                            numbers,
                            more));
        }
        return lines;
    }

    /** This report with one more row. */
    public DropReport with(String reason, long line) {
        List<Reason> updated = new ArrayList<>(reasons);
        for (int i = 0; i < updated.size(); i++) {
            Reason known = updated.get(i);
            if (known.reason().equals(reason)) {
                List<Long> lines = new ArrayList<>(known.firstLines());
                if (lines.size() < LINES_KEPT) {
                    lines.add(line);
                }
                updated.set(i, new Reason(reason, known.count() + 1, lines));
                return new DropReport(updated);
            }
        }
        updated.add(new Reason(reason, 1, List.of(line)));
        return new DropReport(updated);
    }
}
