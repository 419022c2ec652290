package io.github.rlhf4j.core.train;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.rlhf4j.core.CounterRandom;
import java.util.HashSet;
import java.util.Set;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PermutationTest {
    private static final CounterRandom RANDOM = CounterRandom.of(7).derive("order");

    private static long[] epoch(CounterRandom random, long size, int epoch) {
        return LongStream.range(0, size)
                .map(new Permutation(size, random.derive(epoch))::at)
                .toArray();
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 7, 64, 65, 1000, 4097})
    void everyEpochHasEveryIndexOnce(long size) {
        for (int epoch = 0; epoch < 3; epoch++) {
            assertThat(LongStream.of(epoch(RANDOM, size, epoch)).sorted().toArray())
                    .isEqualTo(LongStream.range(0, size).toArray());
        }
    }

    @Test
    void epochsAndKeysHaveOrdersOfTheirOwn() {
        assertThat(epoch(RANDOM, 1000, 0))
                .isEqualTo(epoch(RANDOM, 1000, 0))
                .isNotEqualTo(epoch(RANDOM, 1000, 1))
                .isNotEqualTo(epoch(RANDOM.derive("other"), 1000, 0));
    }

    @Test
    void allSixOrdersOfThreeOccurAboutEquallyOften() {
        int[] counts = new int[27];
        for (int epoch = 0; epoch < 6000; epoch++) {
            long[] order = epoch(RANDOM, 3, epoch);
            counts[(int) (order[0] * 9 + order[1] * 3 + order[2])]++;
        }
        Set<Integer> seen = new HashSet<>();
        for (int code = 0; code < counts.length; code++) {
            if (counts[code] > 0) {
                seen.add(code);
                assertThat(counts[code]).isBetween(860, 1140); // 1000 +- 5 standard deviations of 29
            }
        }
        assertThat(seen).hasSize(6);
    }

    @Test
    void neighboursDoNotStayTogether() {
        long[] order = epoch(RANDOM, 10_000, 0);
        long adjacent = 0;
        double product = 0;
        for (int i = 1; i < order.length; i++) {
            adjacent += Math.abs(order[i] - order[i - 1]) == 1 ? 1 : 0;
            product += (order[i] - 4999.5) * (order[i - 1] - 4999.5);
        }
        double correlation = product / order.length / (10_000.0 * 10_000.0 / 12);

        assertThat(adjacent).isLessThan(15); // 2 expected
        assertThat(Math.abs(correlation)).isLessThan(0.05); // 5 standard deviations of .01
    }

    @Test
    void sizesBeyondIntsWork() {
        Permutation order = new Permutation(1L << 40, RANDOM);

        assertThat(LongStream.range(0, 1000).map(order::at).distinct().count()).isEqualTo(1000);
        assertThat(LongStream.range(0, 1000).map(order::at).average().orElseThrow())
                .isBetween(0.45 * (1L << 40), 0.55 * (1L << 40));
    }
}
