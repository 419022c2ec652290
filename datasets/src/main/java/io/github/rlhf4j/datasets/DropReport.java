package io.github.rlhf4j.datasets;

import java.util.ArrayList;
import java.util.List;

/**
 * Which rows of a dataset were left out, and why.
 *
 * @param reasons one entry a reason, in the order of first appearance; empty where nothing was dropped
 */
public record DropReport(List<Reason> reasons) {
    /** Nothing was dropped. */
    public static final DropReport NONE = new DropReport(List.of());

    private static final int PLACES_KEPT = 5;

    public DropReport {
        reasons = List.copyOf(reasons);
    }

    /**
     * One reason.
     *
     * @param reason what is wrong with the rows, to follow "rows dropped: "
     * @param count rows
     * @param first where the first of them stand, such as "line 4", or "b.jsonl line 4" in a dataset of several files
     */
    public record Reason(String reason, long count, List<String> first) {
        public Reason {
            first = List.copyOf(first);
        }
    }

    /** Rows dropped altogether. */
    public long total() {
        return reasons.stream().mapToLong(Reason::count).sum();
    }

    /** One line for each reason, to be printed: "pairs.jsonl: 3 rows dropped: chosen and rejected are equal (line 4, line 17, line 30)". */
    public List<String> lines(String dataset) {
        List<String> lines = new ArrayList<>();
        for (Reason reason : reasons) {
            String more = reason.count() > reason.first().size() ? ", ..." : "";
            lines.add("%s: %d %s dropped: %s (%s%s)"
                    .formatted(
                            dataset,
                            reason.count(),
                            reason.count() == 1 ? "row" : "rows",
                            reason.reason(),
                            String.join(", ", reason.first()),
                            more));
        }
        return lines;
    }

    /** This report with one more row. */
    public DropReport with(String reason, String place) {
        List<Reason> updated = new ArrayList<>(reasons);
        for (int i = 0; i < updated.size(); i++) {
            Reason known = updated.get(i);
            if (known.reason().equals(reason)) {
                List<String> first = new ArrayList<>(known.first());
                if (first.size() < PLACES_KEPT) {
                    first.add(place);
                }
                updated.set(i, new Reason(reason, known.count() + 1, first));
                return new DropReport(updated);
            }
        }
        updated.add(new Reason(reason, 1, List.of(place)));
        return new DropReport(updated);
    }
}
