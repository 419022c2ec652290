package io.github.rlhf4j.core.train;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.IntFunction;
import java.util.function.Supplier;

/** Rows as messages name them: by file and line, where those are known. */
public final class RowPlaces {
    private static final int MOST = 3; // in a message

    private RowPlaces() {}

    /**
     * What to add to a message: "; from FILE:3, FILE:8", or nothing. A row that is there several times is named once.
     *
     * @param rows what they were made of, as {@link ExampleOrder#describe} says it
     * @param areToBlame all of them, where otherwise some may be
     */
    public static String said(List<Map<String, Object>> rows, boolean areToBlame) {
        return said(rows, areToBlame ? "from " : "its rows are ");
    }

    /** The same of packs of rows, of which the first row is known: "; in the pack that begins at FILE:3". */
    public static String saidOfPacks(List<Map<String, Object>> packs) {
        return said(packs, packs.size() == 1 ? "in the pack that begins at " : "in the packs that begin at ");
    }

    private static String said(List<Map<String, Object>> rows, String lead) {
        List<String> places = rows.stream()
                .filter(row -> row.containsKey("line"))
                .map(row -> row.get("file") + ":" + row.get("line"))
                .distinct()
                .toList();
        if (places.isEmpty()) {
            return "";
        }
        long unknown =
                rows.stream().filter(row -> !row.containsKey("line")).distinct().count();
        List<String> listed = places.subList(0, Math.min(MOST, places.size()));
        long more = places.size() + unknown - listed.size();
        return "; " + lead + String.join(", ", listed) + (more > 0 ? " and " + more + " more" : "");
    }

    /**
     * What rows were made of, by their place, all read when the first is asked for: that may take as long as reading the data.
     *
     * @param rows those of a step, or of what else is looked at together
     */
    public static IntFunction<Map<String, Object>> once(Supplier<List<Map<String, Object>>> rows) {
        List<Map<String, Object>> read = new ArrayList<>();
        return place -> {
            if (read.isEmpty()) {
                read.addAll(rows.get());
            }
            return read.get(place);
        };
    }
}
