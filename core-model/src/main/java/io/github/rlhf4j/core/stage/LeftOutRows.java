package io.github.rlhf4j.core.stage;

import io.github.rlhf4j.core.train.BatchScorer;
import io.github.rlhf4j.core.train.Examples;
import io.github.rlhf4j.core.train.RowPlaces;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.function.Function;

/** Held-out rows that one evaluation leaves out, with {@code on_nonfinite: skip}, since the model gives them no finite numbers. They are counted, and a line says which they are. */
public final class LeftOutRows {
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
        List<T> finite = new ArrayList<>();
        for (int i = 0; i < some.size(); i++) {
            if (Double.isFinite(evaluation.apply(List.of(some.get(i))).loss())) {
                finite.add(some.get(i));
            } else {
                add(first + i);
            }
        }
        return evaluation.apply(finite.isEmpty() ? some : finite);
    }

    /** To be called once all rows are evaluated: counts and names those that are left out. */
    public void report(Map<String, Double> metrics) {
        if (indices.isEmpty()) {
            return;
        }
        metrics.put("nonfinite_rows", (double) indices.size());
        List<Map<String, Object>> described =
                rows.describe(indices.stream().mapToLong(index -> index).toArray());
        warn.accept("%d of %d held-out rows have no finite loss, so the evaluation is without them%s"
                .formatted(indices.size(), rows.size(), RowPlaces.said(described, true)));
    }
}
