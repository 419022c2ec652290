package io.github.rlhf4j.core.kernels.cpu;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.rlhf4j.core.kernels.AttentionLayout;
import io.github.rlhf4j.core.kernels.Kernels;
import io.github.rlhf4j.core.kernels.LogitStatistics;
import io.github.rlhf4j.core.kernels.conformance.KernelRun;
import io.github.rlhf4j.core.kernels.conformance.Scenarios;
import io.github.rlhf4j.core.tensor.Tensor;
import java.util.EnumSet;
import org.junit.jupiter.api.Test;

/** CpuKernels make no numbers below float32's smallest normal one where a model is sure of itself: some processors take a hundred times as long for them. */
class SubnormalsTest {
    @Test
    void attentionMakesNoneOfPeakedScoresAndSmallGradients() {
        for (int dim : new int[] {8, 32, 64, 128}) {
            try (CpuKernels kernels = new CpuKernels(2);
                    KernelRun run = new KernelRun(kernels)) {
                int[][] tree = Scenarios.layout(new int[] {90, 300, 40}, new int[] {-1, 0, 0});
                AttentionLayout layout = new AttentionLayout(tree[0], tree[1], tree[2], tree[3], 4, 2, dim, 1, 0);
                Tensor queryKeyValue = run.random(430, 8 * dim);
                kernels.scale(queryKeyValue, 12 / Math.sqrt(dim));
                Tensor dOut = run.random(430, 4 * dim);
                kernels.scale(dOut, 1e-6);
                Tensor out = run.zeros(430, 4 * dim);
                Tensor logSumExp = run.zeros(430, 4);
                Tensor gradient = run.zeros(430, 8 * dim);
                kernels.attention(out, logSumExp, queryKeyValue, layout);
                kernels.attentionBackward(gradient, dOut, out, logSumExp, queryKeyValue, layout);
                assertThat(subnormals(out) + subnormals(gradient))
                        .as("head of %s", dim)
                        .isZero();
            }
        }
    }

    @Test
    void logitsFarBelowTheLargestHaveNoGradient() {
        try (CpuKernels kernels = new CpuKernels(1);
                KernelRun run = new KernelRun(kernels)) {
            Tensor logits = run.zeros(1, 200);
            for (int j = 0; j < 200; j++) {
                logits.set(0, j, -j);
            }
            LogitStatistics statistics = new LogitStatistics();
            statistics.resize(1);
            kernels.logitStatisticsAndGradients(
                    statistics,
                    EnumSet.noneOf(LogitStatistics.Column.class),
                    logits,
                    new int[] {3},
                    new double[] {1e-4},
                    0,
                    1);
            assertThat(subnormals(logits)).isZero();
            assertThat(logits.get(0, 40)).isLessThan(0);
            assertThat(logits.get(0, 60)).isEqualTo(0);
        }
    }

    @Test
    void momentsOfAWeightWithoutGradientsEndAtZero() {
        try (CpuKernels kernels = new CpuKernels(1);
                KernelRun run = new KernelRun(kernels)) {
            Tensor value = run.random(1, 64);
            Tensor gradient = run.random(1, 64);
            Tensor first = run.zeros(1, 64);
            Tensor second = run.zeros(1, 64);
            for (int step = 1; step <= 1500; step++) {
                kernels.adamW(value, gradient, first, second, new Kernels.AdamWStep(step, 1e-3, 0.9, 0.95, 1e-8, 0, 1));
                kernels.zero(gradient);
                assertThat(subnormals(first) + subnormals(second))
                        .as("step %s", step)
                        .isZero();
            }
            assertThat(kernels.sumOfSquares(first)).isZero();
        }
    }

    private static int subnormals(Tensor x) {
        int count = 0;
        for (int i = 0; i < x.rows(); i++) {
            for (int j = 0; j < x.columns(); j++) {
                double magnitude = Math.abs(x.get(i, j));
                count += magnitude > 0 && magnitude < Float.MIN_NORMAL ? 1 : 0;
            }
        }
        return count;
    }
}
