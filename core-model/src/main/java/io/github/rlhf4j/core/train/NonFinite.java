package io.github.rlhf4j.core.train;

import io.github.rlhf4j.core.UserError;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.IntFunction;
import java.util.function.IntUnaryOperator;

/** A number that must be finite and is not: a loss, a gradient, or what an update was to learn from. Nothing was updated with it. */
public final class NonFinite extends UserError {
    private static final long serialVersionUID = 1L;

    private final transient Map<String, Object> facts;
    private final transient List<Integer> examples;
    private final boolean areRows;
    private final transient List<Map<String, Object>> described;

    /**
     * Of numbers that were there before an update.
     *
     * @param facts for the report
     * @param examples those to blame, by their place, which {@link #at} tells the rows of
     */
    public NonFinite(String message, Map<String, Object> facts, List<Integer> examples) {
        this(message, facts, examples, false, List.of());
    }

    private NonFinite(
            String message,
            Map<String, Object> facts,
            List<Integer> examples,
            boolean areRows,
            List<Map<String, Object>> described) {
        super(message);
        this.facts = new LinkedHashMap<>(facts);
        this.examples = List.copyOf(examples);
        this.areRows = areRows;
        this.described = List.copyOf(described);
    }

    /** The same of an update whose examples are the step's rows, in their order. */
    public NonFinite ofRows() {
        return new NonFinite(String.valueOf(getMessage()), facts, examples, true, List.of());
    }

    /** The same, where examples have other places than those that were known when it was thrown. */
    public NonFinite moved(IntUnaryOperator place) {
        return new NonFinite(
                String.valueOf(getMessage()),
                facts,
                examples.stream().map(place::applyAsInt).toList(),
                areRows,
                described);
    }

    /** The same of an update whose examples were made of rows; of each example what its row was made of. */
    public NonFinite at(IntFunction<Map<String, Object>> row) {
        List<Map<String, Object>> rows = new ArrayList<>();
        for (int example : examples) {
            Map<String, Object> of = row.apply(example);
            if (!rows.contains(of)) {
                rows.add(of);
            }
        }
        return new NonFinite(String.valueOf(getMessage()), facts, examples, false, rows);
    }

    /** What is known of it, by name. */
    public Map<String, Object> facts() {
        return facts;
    }

    /** The rows of the step that alone have a loss or a gradient that is not finite, by their place from 0; empty where that is not known. */
    public List<Integer> rows() {
        return areRows ? examples : List.of();
    }

    /** What the rows to blame were made of; empty where {@link #rows} tells, or nobody knows. */
    public List<Map<String, Object>> described() {
        return described;
    }
}
