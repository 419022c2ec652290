package io.github.rlhf4j.core.train;

import io.github.rlhf4j.core.UserError;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** A loss or a gradient that is not finite. Nothing was updated with it. */
public final class NonFinite extends UserError {
    private static final long serialVersionUID = 1L;

    private final transient Map<String, Object> facts;
    private final transient List<Integer> examples;
    private final boolean areRows;

    /**
     * @param facts for the report
     * @param examples of the update that are to blame, by their place in it; empty where none is alone
     */
    NonFinite(String message, Map<String, Object> facts, List<Integer> examples) {
        this(message, facts, examples, false);
    }

    private NonFinite(String message, Map<String, Object> facts, List<Integer> examples, boolean areRows) {
        super(message);
        this.facts = new LinkedHashMap<>(facts);
        this.examples = List.copyOf(examples);
        this.areRows = areRows;
    }

    /** The same of an update whose examples are the step's rows, in their order. */
    public NonFinite ofRows() {
        return new NonFinite(String.valueOf(getMessage()), facts, examples, true);
    }

    /** What is known of it, by name. */
    public Map<String, Object> facts() {
        return facts;
    }

    /** The rows of the step that alone have a loss or a gradient that is not finite, by their place from 0; empty where that is not known. */
    public List<Integer> rows() {
        return areRows ? examples : List.of();
    }
}
