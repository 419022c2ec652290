package io.github.rlhf4j.core.train;

import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/** Rows as messages name them: by file and line, where those are known. */
public final class RowPlaces {
    private static final int MOST = 3; // in a message

    private RowPlaces() {}

    /**
     * What to add to a message: "; from FILE:3, FILE:8", or nothing.
     *
     * @param rows what they were made of, as {@link ExampleOrder#describe} says it
     * @param areToBlame all of them, where otherwise some may be
     */
    public static String said(List<Map<String, Object>> rows, boolean areToBlame) {
        String listed = rows.stream()
                .filter(row -> row.containsKey("line"))
                .limit(MOST)
                .map(row -> row.get("file") + ":" + row.get("line"))
                .collect(Collectors.joining(", "));
        return listed.isEmpty()
                ? ""
                : "; " + (areToBlame ? "from " : "its rows are ") + listed
                        + (rows.size() > MOST ? " and " + (rows.size() - MOST) + " more" : "");
    }
}
