package io.github.rlhf4j.core.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.rlhf4j.core.kernels.cpu.CpuKernels;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class ChunksTest {
    private static List<List<Integer>> sizes(int rows, int bytesOfEach) {
        List<List<Integer>> jobs = new ArrayList<>();
        List<Integer> seen = new ArrayList<>();
        try (CpuKernels kernels = new CpuKernels(1, 1);
                Cluster one = new InProcessCluster(kernels)) {
            Chunks<Integer> chunks = new Chunks<>(IntStream.range(0, rows).iterator(), row -> bytesOfEach, one);
            for (List<List<Integer>> job = chunks.next(); !job.isEmpty(); job = chunks.next()) {
                jobs.add(job.stream().map(List::size).toList());
                job.forEach(seen::addAll);
            }
        }
        assertThat(seen).isEqualTo(IntStream.range(0, rows).boxed().toList());
        return jobs;
    }

    @Test
    void aChunkHasAThousandRowsOrAMebibyteAndAJobTwoForEachPiece() {
        assertThat(sizes(0, 1)).isEmpty();
        assertThat(sizes(1_000, 1)).containsExactly(List.of(1_000));
        assertThat(sizes(3_500, 1)).containsExactly(List.of(1_000, 1_000), List.of(1_000, 500));
        assertThat(sizes(5, 600 << 10)).containsExactly(List.of(2, 2), List.of(1));
        assertThat(sizes(3, 5 << 20)).containsExactly(List.of(1, 1), List.of(1));
        assertThat(sizes(3, 64 << 20)).containsExactly(List.of(1), List.of(1), List.of(1)); // long rows: fewer
    }

    @Test
    void noMoreIsReadThanAJobNeeds() {
        AtomicInteger read = new AtomicInteger();
        try (CpuKernels kernels = new CpuKernels(1, 1);
                Cluster one = new InProcessCluster(kernels)) {
            new Chunks<>(
                            IntStream.range(0, 10)
                                    .peek(row -> read.incrementAndGet())
                                    .iterator(),
                            row -> 1 << 20,
                            one)
                    .next();
        }
        assertThat(read).hasValue(2);
    }
}
