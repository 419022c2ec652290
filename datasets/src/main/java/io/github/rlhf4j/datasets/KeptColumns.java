package io.github.rlhf4j.datasets;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.rlhf4j.core.UserError;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * Which columns of a dataset stay with its rows, for reward functions: the run file's {@code keep}. The column of the prompt is never among them: it is the prompt.
 *
 * @param all every column that holds no raw bytes
 * @param names the columns, by the names that the file has; empty where {@code all}
 */
public record KeptColumns(boolean all, Set<String> names) {
    /** Nothing is said: no column stays, unless a reward function wants them. */
    public static final KeptColumns UNSAID = new KeptColumns(false, Set.of());

    /** All of them. */
    public static final KeptColumns ALL = new KeptColumns(true, Set.of());

    public KeptColumns {
        names = Set.copyOf(names);
    }

    /** These. */
    public static KeptColumns of(String... names) {
        return new KeptColumns(false, Set.of(names));
    }

    /** Whether a run file says anything. */
    public boolean isSaid() {
        return all || !names.isEmpty();
    }

    /** Whether that column stays. */
    boolean contains(String column) {
        return all || names.contains(column);
    }

    /**
     * Checks that a file has them.
     *
     * @param file how messages name it
     * @param found its columns
     */
    void check(String file, Set<String> found) {
        for (String name : new TreeSet<>(names)) {
            if (!found.contains(name)) {
                throw new UserError("dataset.keep names the column \"%s\", but %s has %s"
                        .formatted(name, file, RowFormat.named(found)));
            }
        }
    }

    /** What stays of a row, without what is null. */
    Map<String, Object> of(ObjectNode row, String promptColumn) {
        if (!isSaid()) {
            return Map.of();
        }
        Map<String, Object> kept = new TreeMap<>();
        row.properties().forEach(column -> {
            String name = column.getKey();
            JsonNode value = column.getValue();
            if (contains(name) && !name.equals(promptColumn) && !value.isNull() && !holdsBytes(value)) {
                kept.put(name, ColumnValues.of(value));
            }
        });
        return kept;
    }

    /** What stays of what a bound source gives. */
    Map<String, Object> of(Map<String, Object> columns) {
        Map<String, Object> kept = new TreeMap<>(columns);
        kept.keySet().removeIf(name -> !contains(name));
        return kept;
    }

    private static boolean holdsBytes(JsonNode value) {
        if (value.isBinary()) {
            return true;
        }
        for (JsonNode part : value) {
            if (holdsBytes(part)) {
                return true;
            }
        }
        return false;
    }
}
