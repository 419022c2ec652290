package io.github.rlhf4j.datasets;

import java.util.Collections;
import java.util.Map;
import java.util.TreeMap;

/**
 * What is known about a row besides its text; the empty string means not known.
 *
 * @param id names the row in its source (the synthetic world finds its question again by it)
 * @param useCase one of InstructGPT's use cases, or any other label that results are reported by
 * @param columns the row's further columns, for reward functions: texts, numbers, booleans, lists and maps, as JSON has them; sorted by name
 */
public record RowTags(String id, String useCase, Map<String, Object> columns) {
    /** Nothing is known. */
    public static final RowTags NONE = new RowTags("", "");

    public RowTags {
        columns = Collections.unmodifiableMap(new TreeMap<>(columns));
    }

    /** Without further columns. */
    public RowTags(String id, String useCase) {
        this(id, useCase, Map.of());
    }
}
