package io.github.rlhf4j.core.kernels.cpu;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.rlhf4j.core.kernels.Kernels;
import io.github.rlhf4j.core.kernels.conformance.KernelRun;
import io.github.rlhf4j.core.tensor.Tensor;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PanelProductTest {
    /**
     * Rows are computed eight, four or one together and 64 to a tile; inputs 128 at a time, or 512 for fewer than four rows, then of up to four panels; a tile is several panels, of which the last may be
     * partly empty.
     */
    @ParameterizedTest
    @CsvSource({
        "1, 5, 7",
        "3, 64, 32",
        "7, 200, 100",
        "16, 128, 64",
        "29, 65, 33",
        "131, 70, 96",
        "141, 300, 1000",
        "1, 300, 1000",
        "1, 1030, 576",
        "2, 513, 210",
        "6, 257, 1030"
    })
    void isTheSameToTheBitForPanelsOnTheHeapAndForEachRowAlone(int rows, int inputs, int outputs) {
        try (CpuKernels kernels = new CpuKernels(2);
                KernelRun run = new KernelRun(kernels)) {
            Tensor weight = run.random(outputs, inputs);
            Tensor x = run.random(rows, inputs);
            int panels = Kernels.panels(outputs);
            Tensor onHeap = Tensor.onHeap(panels, Kernels.PANEL * inputs);
            Tensor inMemory = run.zeros(panels, Kernels.PANEL * inputs);
            kernels.pack(onHeap, weight);
            kernels.pack(inMemory, weight);
            Tensor product = run.zeros(rows, outputs);
            Tensor expected = run.zeros(rows, outputs);
            kernels.multiplyPacked(product, x, onHeap, false);
            for (int row = 0; row < rows; row++) {
                kernels.multiplyPacked(expected.rows(row, row + 1), x.rows(row, row + 1), inMemory, false);
            }
            assertThat(product.toArray()).containsExactly(expected.toArray());
            kernels.multiplyPacked(product, x, inMemory, true);
            kernels.multiplyPacked(expected, x, onHeap, true);
            assertThat(product.toArray()).containsExactly(expected.toArray());
        }
    }

    /** Eight rows touch what follows in the tile, or, on one thread, in the matrix, up to its last float. */
    @ParameterizedTest
    @CsvSource({"8, 1, 40", "16, 255, 64", "24, 770, 100", "13, 1600, 300", "80, 258, 1000"})
    void isTheSameToTheBitWhetherWeightsAreTouchedOrNot(int rows, int inputs, int outputs) {
        try (CpuKernels kernels = new CpuKernels(1);
                KernelRun run = new KernelRun(kernels)) {
            Tensor weight = run.random(outputs, inputs);
            Tensor x = run.random(rows, inputs);
            Tensor packed = Tensor.onHeap(Kernels.panels(outputs), Kernels.PANEL * inputs);
            kernels.pack(packed, weight);
            Tensor expected = run.zeros(rows, outputs);
            kernels.multiplyPacked(expected, x, packed, false);
            for (int threads = 1; threads <= 2; threads++) {
                for (boolean touches : new boolean[] {false, true}) {
                    Tensor product = run.zeros(rows, outputs);
                    try (Parallel parallel = new Parallel(threads)) {
                        new PanelProduct(parallel, touches).multiply(product, x, packed, false);
                    }
                    assertThat(product.toArray()).containsExactly(expected.toArray());
                }
            }
        }
    }
}
