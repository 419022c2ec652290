package io.github.rlhf4j.core.kernels.cpu;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.rlhf4j.core.kernels.CacheLayout;
import io.github.rlhf4j.core.kernels.conformance.KernelRun;
import io.github.rlhf4j.core.tensor.Tensor;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class DecodeAttentionTest {
    @ParameterizedTest
    @CsvSource({"4, 2, 8, 0", "4, 4, 20, 0", "9, 3, 64, 0", "8, 8, 32, 40"})
    void isTheSameToTheBitForACacheOnTheHeapAndForEachRowAlone(int heads, int keyValueHeads, int dim, int window) {
        try (CpuKernels kernels = new CpuKernels(2);
                KernelRun run = new KernelRun(kernels)) {
            CacheLayout layout = new CacheLayout(heads, keyValueHeads, dim, 0.3, window);
            int[] positions = {70, 3, 200};
            int[][] pages = {{2, 0, 5}, {1}, {3, 6, 4, 7, 9, 8, 10}};
            Tensor queryKeyValue = run.random(3, layout.rowWidth());
            Tensor inMemory = run.random(11, layout.pageSize());
            Tensor onHeap = Tensor.onHeap(12, layout.pageSize()).rows(0, 11);
            kernels.copy(onHeap, inMemory);
            Tensor out = run.zeros(3, heads * dim);
            Tensor expected = run.zeros(3, heads * dim);
            kernels.decodeAttention(out, queryKeyValue, onHeap, layout, positions, pages, 3);
            for (int row = 0; row < 3; row++) {
                kernels.decodeAttention(
                        expected.rows(row, row + 1),
                        queryKeyValue.rows(row, row + 1),
                        inMemory,
                        layout,
                        new int[] {positions[row]},
                        new int[][] {pages[row]},
                        1);
            }
            assertThat(out.toArray()).containsExactly(expected.toArray());
            assertThat(onHeap.toArray()).containsExactly(inMemory.toArray());
        }
    }
}
