package io.github.rlhf4j.filter.duplicates;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.rlhf4j.core.CounterRandom;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PairSorterTest {
    @ParameterizedTest
    @ValueSource(ints = {2, 7, 100, 5_000})
    void linksTheRowsOfAHashToTheFirstInTheirOrderHoweverFewFitIntoMemory(int inMemory) {
        CounterRandom random = CounterRandom.of(1);
        Map<Long, List<Integer>> byHash = new TreeMap<>(Long::compareUnsigned);
        List<List<Integer>> found = new ArrayList<>();
        try (PairSorter sorter = new PairSorter(inMemory)) {
            for (int row = 0; row < 3_000; row++) {
                long hash = random.derive("key").bits(random.below(row, 1_000)); // of all 64 bits, negative ones too
                sorter.add(hash, row);
                byHash.computeIfAbsent(hash, key -> new ArrayList<>()).add(row);
            }
            sorter.forEachLink((first, row) -> found.add(List.of(first, row)));
        }
        List<List<Integer>> expected = new ArrayList<>();
        byHash.values()
                .forEach(rows -> rows.subList(1, rows.size()).forEach(row -> expected.add(List.of(rows.get(0), row))));
        assertThat(found).isEqualTo(expected);
    }
}
