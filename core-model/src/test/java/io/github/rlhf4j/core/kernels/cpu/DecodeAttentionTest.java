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

    /** Rows of one sequence, computed together, whose pages are staged once. */
    @ParameterizedTest
    @CsvSource({"4, 2, 8, 0", "9, 3, 64, 0", "8, 8, 32, 40", "4, 1, 16, 33"})
    void isTheSameToTheBitForNeighbouringRowsOfASequence(int heads, int keyValueHeads, int dim, int window) {
        try (CpuKernels kernels = new CpuKernels(2);
                KernelRun run = new KernelRun(kernels)) {
            CacheLayout layout = new CacheLayout(heads, keyValueHeads, dim, 0.3, window);
            int rows = 21; // 20 of one sequence, over an edge of a page, and one of another
            int[] table = {3, 6, 4, 7, 9};
            int[][] pages = new int[rows][];
            int[] positions = new int[rows];
            for (int row = 0; row < rows; row++) {
                positions[row] = row < 20 ? 85 + row : 40;
                pages[row] = row < 20 ? table : new int[] {0, 1};
            }
            Tensor queryKeyValue = run.random(rows, layout.rowWidth());
            Tensor inMemory = run.random(11, layout.pageSize());
            Tensor onHeap = Tensor.onHeap(12, layout.pageSize()).rows(0, 11);
            kernels.copy(onHeap, inMemory);
            Tensor out = run.zeros(rows, heads * dim);
            Tensor outOnHeap = run.zeros(rows, heads * dim);
            Tensor expected = run.zeros(rows, heads * dim);
            for (int row = 0; row < rows; row++) {
                kernels.decodeAttention(
                        expected.rows(row, row + 1),
                        queryKeyValue.rows(row, row + 1),
                        onHeap,
                        layout,
                        new int[] {positions[row]},
                        new int[][] {pages[row]},
                        1);
            }
            kernels.copy(inMemory, onHeap); // rows that see each other are stored before
            kernels.decodeAttention(out, queryKeyValue, inMemory, layout, positions, pages, rows);
            kernels.decodeAttention(outOnHeap, queryKeyValue, onHeap, layout, positions, pages, rows);
            assertThat(out.toArray()).containsExactly(expected.toArray());
            assertThat(outOnHeap.toArray()).containsExactly(expected.toArray());
        }
    }
}
