package io.github.rlhf4j.core.kernels;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.rlhf4j.core.kernels.reference.ReferenceKernels;
import io.github.rlhf4j.core.tensor.DataType;
import io.github.rlhf4j.core.tensor.NativeMemory;
import io.github.rlhf4j.core.tensor.Tensor;
import org.junit.jupiter.api.Test;

class KernelMeterTest {
    private final KernelMeter meter = new KernelMeter(new ReferenceKernels(DataType.FLOAT));

    @Test
    void countsAProductsMultiplyAddsTwiceAndItsOperandsOnce() {
        try (NativeMemory memory = new NativeMemory(1 << 16)) {
            Tensor x = memory.allocate(DataType.FLOAT, 3, 5);
            Tensor weight = memory.allocate(DataType.FLOAT, 7, 5);
            Tensor out = memory.allocate(DataType.FLOAT, 3, 7);
            meter.kernels().matmul(out, x, false, weight, true, 1, 0);
            meter.kernels().matmul(weight, out, true, x, false, 1, 1);
            assertThat(meter.tallies()).containsOnlyKeys("product a b^T 3x5x7", "product a^T b 7x3x5");
            assertThat(meter.flops()).isEqualTo(2 * (2 * 3 * 5 * 7));
            assertThat(meter.bytes()).isEqualTo(4 * (15 + 35 + 21) + 4 * (15 + 2 * 35 + 21));
        }
    }

    @Test
    void countsTheKeysThatEachQuerySees() {
        // a prompt of 2 rows and two children of 3: 1 + 2, and twice 3 + 4 + 5; with a window of 3: 1 + 2, and twice 3
        // + 3 + 3
        int[] start = {0, 2, 5};
        int[] length = {2, 3, 3};
        int[] parent = {-1, 0, 0};
        int[] trees = {0, 3};
        AttentionLayout all = new AttentionLayout(start, length, parent, trees, 2, 1, 4, 1, 0);
        AttentionLayout window = new AttentionLayout(start, length, parent, trees, 2, 1, 4, 1, 3);
        assertThat(all.visiblePairs()).isEqualTo(27);
        assertThat(window.visiblePairs()).isEqualTo(21);
        assertThat(all.attendingFrom(new int[] {3, 5}).visiblePairs()).isEqualTo(4 + 5 + 3 + 4 + 5);
        try (NativeMemory memory = new NativeMemory(1 << 16)) {
            Tensor in = memory.allocate(DataType.FLOAT, 8, 16);
            meter.kernels()
                    .attention(memory.allocate(DataType.FLOAT, 8, 8), memory.allocate(DataType.FLOAT, 8, 2), in, all);
            assertThat(meter.flops()).isEqualTo(4 * 2 * 4 * 27); // heads, channels, pairs
        }
    }

    @Test
    void startsAnewWhenReset() {
        try (NativeMemory memory = new NativeMemory(1 << 16)) {
            meter.kernels().zero(memory.allocate(DataType.FLOAT, 1, 8));
            assertThat(meter.calls()).isEqualTo(1);
            meter.reset();
            assertThat(meter.calls()).isZero();
        }
    }
}
