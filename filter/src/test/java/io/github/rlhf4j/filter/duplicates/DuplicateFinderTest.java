package io.github.rlhf4j.filter.duplicates;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import io.github.rlhf4j.core.CounterRandom;
import io.github.rlhf4j.core.cluster.Cluster;
import io.github.rlhf4j.core.cluster.DistributedCluster;
import io.github.rlhf4j.core.cluster.InProcessCluster;
import io.github.rlhf4j.core.cluster.ThreadsBackend;
import io.github.rlhf4j.core.cluster.Traffic;
import io.github.rlhf4j.core.kernels.cpu.CpuKernels;
import io.github.rlhf4j.core.stage.Progress;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class DuplicateFinderTest {
    private static final CpuKernels KERNELS = new CpuKernels(1, 2);
    private static final int BANDS = 3;
    private static final int ROWS = 4_000;

    @TempDir
    private Path folder;

    @AfterAll
    static void closeKernels() {
        KERNELS.close();
    }

    /** Hashes of rows, of which some are those of an earlier one, and a third of all meets in the last band where {@code isHot}. */
    private static long[][] rows(boolean isHot) {
        CounterRandom random = CounterRandom.of(3);
        long[][] rows = new long[ROWS][];
        for (int row = 0; row < ROWS; row++) {
            long[] hashes = new long[DuplicateFinder.TEXT_COLUMNS + BANDS];
            for (int column = 0; column < hashes.length; column++) {
                hashes[column] = random.derive("hash")
                        .derive(column)
                        .bits(random.derive(column).below(row, 20_000));
            }
            if (row % 10 == 9) {
                rows[row] = rows[row - 7].clone(); // the same text
                continue;
            }
            if (row % 10 == 5) {
                hashes[0] = rows[row - 3][0]; // another text whose first hash is the same
            }
            if (isHot && row % 3 == 0) {
                hashes[hashes.length - 1] = 42;
            }
            rows[row] = hashes;
        }
        return rows;
    }

    /** By definition: the least row that can be reached, over rows with the same text or a band in common. */
    private static int[] firsts(long[][] rows, boolean[] isSame) {
        int[] first = IntStream.range(0, rows.length).toArray();
        Map<List<Long>, Integer> earliest = new HashMap<>();
        for (int row = 0; row < rows.length; row++) {
            Integer same = earliest.putIfAbsent(List.of(-1L, rows[row][0], rows[row][1]), row);
            isSame[row] = same != null;
            first[row] = same == null ? row : same;
        }
        for (boolean changed = true; changed; ) {
            changed = false;
            for (int column = DuplicateFinder.TEXT_COLUMNS; column < rows[0].length; column++) {
                Map<Long, Integer> least = new HashMap<>();
                for (int row = 0; row < rows.length; row++) {
                    if (!isSame[row]) {
                        least.merge(rows[row][column], first[row], Math::min);
                    }
                }
                for (int row = 0; row < rows.length; row++) {
                    int now = isSame[row] ? first[first[row]] : requireNonNull(least.get(rows[row][column]));
                    changed |= now < first[row];
                    first[row] = Math.min(first[row], now);
                }
            }
        }
        return first;
    }

    private static void assertFound(long[][] rows, DuplicateFinder finder) {
        boolean[] isSame = new boolean[rows.length];
        int[] first = firsts(rows, isSame);
        assertThat(IntStream.range(0, rows.length).filter(row -> isSame[row])).hasSizeGreaterThan(300);
        assertThat(IntStream.range(0, rows.length).filter(row -> !isSame[row] && first[row] != row))
                .hasSizeGreaterThan(300);
        for (int row = 0; row < rows.length; row++) {
            assertThat(finder.isSame(row)).as("row %s is the same", row).isEqualTo(isSame[row]);
            assertThat(finder.firstOf(row)).as("the first of row %s", row).isEqualTo(first[row]);
        }
    }

    private RowHashes written(long[][] rows) {
        RowHashes hashes = RowHashes.open(folder.resolve("work").resolve("hashes.bin"), rows[0].length);
        for (int row = 0; row < rows.length; row++) {
            hashes.add(row, rows[row]);
        }
        return hashes;
    }

    @Test
    void findsTheFirstOfAllThatAreLinked() {
        long[][] rows = rows(false);
        try (RowHashes hashes = written(rows);
                Cluster here = new InProcessCluster(KERNELS)) {
            assertFound(rows, new DuplicateFinder(hashes, here).find(Progress.NONE));
        }
    }

    /** However many buckets there are; one that a third of all rows is in is sorted here. */
    @ParameterizedTest
    @CsvSource({"2, false", "37, false", "4000, false", "64, true"})
    void workersFindTheSame(int buckets, boolean isHot) {
        long[][] rows = rows(isHot);
        List<Traffic> traffic = new ArrayList<>();
        try (RowHashes hashes = written(rows)) {
            try (Cluster there = new DistributedCluster(KERNELS, new ThreadsBackend(2, 1, 2), 3, true, traffic::add)) {
                assertFound(rows, new DuplicateFinder(hashes, there, buckets, 100).find(Progress.NONE));
            }
        }
        long columns = 1 + BANDS;
        long tasks = columns * buckets - (isHot ? 1 : 0);
        assertThat(traffic)
                .singleElement()
                .satisfies(cost -> assertThat(cost.pieces())
                        .isBetween(buckets < ROWS ? tasks : columns * ROWS / 10, tasks)); // no task of a single pair
    }

    @Test
    void workersAreGivenWhatIsWorthATask() {
        try (Cluster here = new InProcessCluster(KERNELS);
                Cluster there = new DistributedCluster(KERNELS, new ThreadsBackend(1, 1, 2), 4, true)) {
            assertThat(PairBuckets.count(1 << 30, here)).isEqualTo(1);
            assertThat(PairBuckets.count(8_000, there)).isEqualTo(1);
            assertThat(PairBuckets.count(9_500, there)).isEqualTo(2);
            assertThat(PairBuckets.count(200_000, there)).isEqualTo(4);
            assertThat(PairBuckets.count(1_000_000, there)).isEqualTo(15);
            assertThat(PairBuckets.count(Integer.MAX_VALUE, there)).isEqualTo(4_096);
        }
    }
}
