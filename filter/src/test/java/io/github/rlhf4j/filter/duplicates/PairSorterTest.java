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
    void givesTheNumbersOfAKeyInTheirOrderHoweverFewFitIntoMemory(int inMemory) {
        CounterRandom random = CounterRandom.of(1);
        Map<Long, List<Long>> expected = new TreeMap<>(Long::compareUnsigned);
        List<List<Long>> found = new ArrayList<>();
        try (PairSorter sorter = new PairSorter(inMemory)) {
            for (long i = 0; i < 3_000; i++) {
                long key = random.derive("key").bits(random.below(i, 1_000)); // of all 64 bits, negative ones too
                sorter.add(key, i);
                expected.computeIfAbsent(key, k -> new ArrayList<>()).add(i);
            }
            sorter.forEachGroup(found::add);
        }
        assertThat(found)
                .isEqualTo(expected.values().stream()
                        .filter(numbers -> numbers.size() > 1)
                        .toList());
    }
}
