package io.github.rlhf4j.core.stage;

import io.github.rlhf4j.core.train.BatchScorer;
import io.github.rlhf4j.core.train.Examples;
import io.github.rlhf4j.core.train.RowPlaces;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.function.Function;

/** Held-out rows, or packs of rows, that one evaluation leaves out, with {@code on_nonfinite: skip}, since the model gives them no finite numbers. They are counted, and a line says which they are. */
public final class LeftOutRows {
    /** How many they are. */
    static final String METRIC = "nonfinite_rows";

    private static final int MOST_PASSES = 4; // over the rows of an evaluation by halves of halves

    private final boolean areAllowed;
    private final Examples<?> rows;
    private final Consumer<String> warn;
    private final List<Long> indices = new ArrayList<>();

    /**
     * None so far.
     *
     * @param training of the stage
     * @param rows all that are held out
     * @param warn takes the line
     */
    public LeftOutRows(TrainingConfig training, Examples<?> rows, Consumer<String> warn) {
        this.areAllowed = training.numbers().onNonfinite() == NumbersConfig.OnNonfinite.SKIP;
        this.rows = rows;
        this.warn = warn;
    }

    /** Whether rows may be left out. */
    public boolean areAllowed() {
        return areAllowed;
    }

    /** Leaves out one more. */
    public void add(long index) {
        indices.add(index);
    }

    /** Rows that are not left out. */
    public long kept() {
        return rows.size() - indices.size();
    }

    /**
     * An evaluation of some rows; where its loss is not finite, of those that alone have a finite one, as far as rows may be left out and there are such.
     *
     * @param first index of the first row
     * @param evaluation of a list of them; may be asked several times, the last result counts
     */
    public <T> BatchScorer.Evaluation evaluate(
            List<T> some, long first, Function<List<T>, BatchScorer.Evaluation> evaluation) {
        BatchScorer.Evaluation all = evaluation.apply(some);
        if (!areAllowed || Double.isFinite(all.loss())) {
            return all;
        }
        BitSet wrong = wrong(some, evaluation);
        List<T> finite = new ArrayList<>();
        for (int i = 0; i < some.size(); i++) {
            if (wrong.get(i)) {
                add(first + i);
            } else {
                finite.add(some.get(i));
            }
        }
        return evaluation.apply(finite.isEmpty() ? some : finite);
    }

    /** Those that alone have no finite loss, of rows that together have none. By halves, since most are sound; one by one where so many are wrong that halves would take longer. */
    private static <T> BitSet wrong(List<T> some, Function<List<T>, BatchScorer.Evaluation> evaluation) {
        BitSet wrong = new BitSet();
        Deque<Part> parts = new ArrayDeque<>(List.of(new Part(0, some.size())));
        long evaluated = 0;
        while (!parts.isEmpty()) {
            Part part = parts.pop();
            if (part.size() == 1) {
                wrong.set(part.from());
                continue;
            }
            for (Part smaller : part.cut(evaluated < (long) MOST_PASSES * some.size() ? 2 : part.size())) {
                evaluated += smaller.size();
                List<T> rows = some.subList(smaller.from(), smaller.to());
                if (!Double.isFinite(evaluation.apply(rows).loss())) {
                    parts.push(smaller);
                }
            }
        }
        return wrong;
    }

    /** Rows from one to before another. */
    private record Part(int from, int to) {
        int size() {
            return to - from;
        }

        List<Part> cut(int pieces) {
            List<Part> parts = new ArrayList<>();
            for (int i = 0; i < pieces; i++) {
                parts.add(new Part(
                        from + (int) ((long) size() * i / pieces), from + (int) ((long) size() * (i + 1) / pieces)));
            }
            return parts;
        }
    }

    /** To be called once all rows are evaluated: counts and names those that are left out. */
    public void report(Map<String, Double> metrics) {
        if (indices.isEmpty()) {
            return;
        }
        metrics.put(METRIC, (double) indices.size());
        List<Map<String, Object>> described =
                rows.describe(indices.stream().mapToLong(index -> index).toArray());
        warn.accept("%d of %d held-out %s have no finite loss, so the evaluation is without them%s"
                .formatted(
                        indices.size(),
                        rows.size(),
                        rows.arePacks() ? "packs" : "rows",
                        rows.arePacks() ? RowPlaces.saidOfPacks(described) : RowPlaces.said(described, true)));
    }
}
