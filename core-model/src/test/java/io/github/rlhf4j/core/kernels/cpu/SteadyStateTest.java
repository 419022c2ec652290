package io.github.rlhf4j.core.kernels.cpu;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.management.ThreadMXBean;
import io.github.rlhf4j.core.kernels.AllocationSites;
import io.github.rlhf4j.core.kernels.AttentionLayout;
import io.github.rlhf4j.core.kernels.Kernels;
import io.github.rlhf4j.core.kernels.LogitStatistics;
import io.github.rlhf4j.core.kernels.LogitStatistics.Column;
import io.github.rlhf4j.core.kernels.OwnProcess;
import io.github.rlhf4j.core.kernels.conformance.KernelRun;
import io.github.rlhf4j.core.kernels.conformance.Scenarios;
import io.github.rlhf4j.core.tensor.Tensor;
import java.lang.management.ManagementFactory;
import java.util.EnumSet;
import java.util.Set;
import java.util.concurrent.atomic.AtomicIntegerArray;
import org.junit.jupiter.api.Test;

/** CpuKernels once warm: no garbage, every tile once, errors of a tile reach the caller. */
class SteadyStateTest {
    private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();

    @Test
    void callsAllocateNothingOnceWarm() {
        OwnProcess.run(Calls.class);
    }

    /** Kernels until they are warm, in a process of its own. */
    static final class Calls {
        private Calls() {}

        public static void main(String[] arguments) {
            allocateNothingOnceWarm();
        }
    }

    private static void allocateNothingOnceWarm() {
        try (CpuKernels kernels = new CpuKernels(2);
                KernelRun run = new KernelRun(kernels)) {
            Runnable step = step(run, kernels);
            long[] threads = kernelThreads();
            long fewest = Long.MAX_VALUE;
            for (int attempt = 0; attempt < 400 && fewest >= 100 * 100; attempt++) { // the JIT may take its time
                long before = allocatedBy(threads);
                for (int i = 0; i < 100; i++) {
                    step.run();
                }
                fewest = Math.min(fewest, allocatedBy(threads) - before);
            }
            assertThat(fewest / 100.0)
                    .as(() -> "bytes a step; " + AllocationSites.of(step, 2000))
                    .isLessThan(100);
        }
    }

    private static Runnable step(KernelRun run, CpuKernels kernels) {
        int[][] tree = Scenarios.layout(new int[] {40, 30, 70}, new int[] {-1, 0, 0});
        AttentionLayout layout = new AttentionLayout(tree[0], tree[1], tree[2], tree[3], 4, 2, 8, 0.3, 0);
        Tensor x = run.random(140, 64);
        Tensor wide = run.random(140, 128);
        Tensor out = run.random(140, 32);
        Tensor logSumExp = run.zeros(140, 4);
        Tensor row = run.random(1, 64);
        Tensor inverse = run.zeros(140, 1);
        Tensor square = run.random(64, 64);
        Tensor moment = run.zeros(64, 64);
        Tensor turned = run.zeros(64, 64);
        Tensor table = run.random(70, 32);
        int[] positions = run.indices(140, 70);
        int[] targets = run.indices(140, 64);
        double[] weights = run.doubles(140);
        LogitStatistics statistics = new LogitStatistics();
        statistics.resize(140);
        Set<Column> wanted = EnumSet.of(Column.ENTROPY, Column.IS_TOP);
        Tensor gradient = run.zeros(140, 64);
        Tensor gradientOfOut = run.random(140, 32);
        Tensor gradientOfWide = run.zeros(140, 128);
        Kernels.AdamWStep adamW = new Kernels.AdamWStep(3, 1e-3, 0.9, 0.999, 1e-8, 0.1, 1);
        return () -> {
            kernels.matmul(gradient, x, false, square, true, 1, 0);
            kernels.transpose(turned, square);
            kernels.rmsNorm(gradient, inverse, x, row, 1e-5);
            kernels.rmsNormBackward(gradient, row, x, x, inverse, row);
            kernels.rotate(gradient, positions, table, table, 8, false);
            kernels.swiGlu(x, wide);
            kernels.swiGluBackward(gradientOfWide, x, wide);
            kernels.attention(out, logSumExp, x, layout);
            kernels.attentionBackward(gradient, gradientOfOut, out, logSumExp, x, layout);
            kernels.logitStatistics(statistics, wanted, gradient, targets, 0, 1);
            kernels.logitGradients(gradient, targets, weights, weights, 0, 1);
            kernels.sumOfSquares(x);
            kernels.addColumnSums(row, x);
            kernels.scale(row, 1e-3);
            kernels.scatterAddRows(table, positions, 0, 140, out);
            kernels.adamW(square, square, moment, moment, adamW);
        };
    }

    private static long[] kernelThreads() {
        return Thread.getAllStackTraces().keySet().stream()
                .filter(thread ->
                        thread == Thread.currentThread() || thread.getName().startsWith("rlhf4j-kernels-"))
                .mapToLong(Thread::getId)
                .toArray();
    }

    private static long allocatedBy(long[] threads) {
        long bytes = 0;
        for (long thread : threads) {
            bytes += THREADS.getThreadAllocatedBytes(thread);
        }
        return bytes;
    }

    @Test
    void everyTileRunsOnceHoweverManyJobsFollowEachOther() {
        try (Parallel parallel = new Parallel(3)) {
            for (int job = 0; job < 2000; job++) {
                AtomicIntegerArray runs = new AtomicIntegerArray(1 + job % 37);
                parallel.forEachTile(runs.length(), (tile, worker) -> runs.incrementAndGet(tile));
                for (int tile = 0; tile < runs.length(); tile++) {
                    assertThat(runs.get(tile)).isEqualTo(1);
                }
            }
        }
    }

    @Test
    void anExceptionOfATileReachesTheCallerAndTheNextJobRuns() {
        try (Parallel parallel = new Parallel(2)) {
            assertThatThrownBy(() -> parallel.forEachTile(20, (tile, worker) -> {
                        if (tile == 7) {
                            throw new IllegalArgumentException("tile 7");
                        }
                    }))
                    .hasMessage("tile 7");
            AtomicIntegerArray runs = new AtomicIntegerArray(5);
            parallel.forEachTile(5, (tile, worker) -> runs.incrementAndGet(tile));
            assertThat(runs.toString()).isEqualTo("[1, 1, 1, 1, 1]");
        }
    }
}
