package io.github.rlhf4j.core.train;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.IntFunction;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

class RowPlacesTest {
    private static List<Map<String, Object>> lines(long... lines) {
        return LongStream.of(lines)
                .mapToObj(line -> Map.<String, Object>of("file", "a.jsonl", "line", line))
                .toList();
    }

    @Test
    void namesEachRowOnce() {
        assertThat(RowPlaces.said(lines(2, 2, 5, 2), true)).isEqualTo("; from a.jsonl:2, a.jsonl:5");
        assertThat(RowPlaces.said(lines(2, 2, 2, 2, 2), false)).isEqualTo("; its rows are a.jsonl:2");
    }

    @Test
    void countsThoseThatItDoesNotName() {
        List<Map<String, Object>> some = new ArrayList<>(lines(1, 1));
        some.add(Map.of("row", "x"));

        assertThat(RowPlaces.said(lines(1, 2, 3, 4, 5, 5), true))
                .isEqualTo("; from a.jsonl:1, a.jsonl:2, a.jsonl:3 and 2 more");
        assertThat(RowPlaces.said(some, true)).isEqualTo("; from a.jsonl:1 and 1 more");
        assertThat(RowPlaces.said(List.of(Map.of("row", "x")), true)).isEmpty();
    }

    @Test
    void aPackIsWhereItBegins() {
        assertThat(RowPlaces.saidOfPacks(lines(4))).isEqualTo("; in the pack that begins at a.jsonl:4");
        assertThat(RowPlaces.saidOfPacks(lines(4, 9))).isEqualTo("; in the packs that begin at a.jsonl:4, a.jsonl:9");
    }

    @Test
    void rowsAreReadOnceAndOnlyWhereTheyAreAskedFor() {
        List<String> read = new ArrayList<>();
        IntFunction<Map<String, Object>> rows = RowPlaces.once(() -> {
            read.add("all");
            return lines(3, 4);
        });

        assertThat(read).isEmpty();
        assertThat(rows.apply(1)).containsEntry("line", 4L);
        assertThat(rows.apply(0)).containsEntry("line", 3L);
        assertThat(read).containsExactly("all");
    }
}
