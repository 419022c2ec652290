package io.github.rlhf4j.core.kernels.cpu;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.github.rlhf4j.core.kernels.Compute;
import io.github.rlhf4j.core.kernels.conformance.KernelRun;
import io.github.rlhf4j.core.tensor.Tensor;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Products of operands rounded to bfloat16. Where the processor has no instruction for them, products are float32's to the bit, and the kernels say so. */
class BfloatMatmulTest {
    /** Rows on both sides of 256 and 32, depths and columns that are no multiples of anything. */
    private static final List<int[]> SHAPES = List.of(
            new int[] {64, 128, 96},
            new int[] {256, 64, 200},
            new int[] {300, 130, 77},
            new int[] {513, 65, 129},
            new int[] {48, 1000, 50});

    @Test
    void isTheProductOfRoundedOperandsForAnyOrientationAndNumberOfThreads() {
        try (CpuKernels two = new CpuKernels(2);
                CpuKernels one = new CpuKernels(1);
                KernelRun run = new KernelRun(two)) {
            boolean rounds = two.computeWith(Compute.BFLOAT16);
            assertThat(one.computeWith(Compute.BFLOAT16)).isEqualTo(rounds);
            for (int[] shape : SHAPES) {
                for (int orientation = 0; orientation < 4; orientation++) {
                    boolean transA = orientation % 2 == 1;
                    boolean transB = orientation > 1;
                    Tensor a = transA ? run.strided(shape[2], shape[0]) : run.strided(shape[0], shape[2]);
                    Tensor b = transB ? run.strided(shape[1], shape[2]) : run.strided(shape[2], shape[1]);
                    for (double beta : new double[] {0, 1}) {
                        Tensor out = run.random(shape[0], shape[1]);
                        Tensor same = run.zeros(shape[0], shape[1]);
                        two.copy(same, out);
                        double[] before = out.toArray();
                        two.matmul(out, a, transA, b, transB, 1, beta);
                        one.matmul(same, a, transA, b, transB, 1, beta);
                        assertThat(same.toArray()).containsExactly(out.toArray());
                        for (int i = 0; i < shape[0]; i += 7) {
                            for (int j = 0; j < shape[1]; j += 5) {
                                double sum = beta * before[i * shape[1] + j];
                                for (int k = 0; k < shape[2]; k++) {
                                    double x = transA ? a.get(k, i) : a.get(i, k);
                                    double y = transB ? b.get(j, k) : b.get(k, j);
                                    sum += rounds ? rounded(x) * rounded(y) : x * y;
                                }
                                assertThat(out.get(i, j)).isCloseTo(sum, within(1e-4));
                            }
                        }
                    }
                }
            }
        }
    }

    @Test
    void smallProductsAndThoseAfterwardsAreFloat32() {
        try (CpuKernels kernels = new CpuKernels(2);
                KernelRun run = new KernelRun(kernels)) {
            Tensor small = run.random(8, 8);
            Tensor large = run.random(128, 128);
            Tensor expectedSmall = run.zeros(8, 8);
            Tensor expectedLarge = run.zeros(128, 128);
            kernels.matmul(expectedSmall, small, false, small, false, 1, 0);
            kernels.matmul(expectedLarge, large, false, large, false, 1, 0);
            boolean rounds = kernels.computeWith(Compute.BFLOAT16);
            Tensor out = run.zeros(8, 8);
            kernels.matmul(out, small, false, small, false, 1, 0);
            assertThat(out.toArray()).containsExactly(expectedSmall.toArray());
            Tensor other = run.zeros(128, 128);
            kernels.matmul(other, large, false, large, false, 1, 0);
            assertThat(Arrays.equals(other.toArray(), expectedLarge.toArray())).isNotEqualTo(rounds);
            assertThat(kernels.computeWith(Compute.FLOAT32)).isTrue();
            kernels.matmul(other, large, false, large, false, 1, 0);
            assertThat(other.toArray()).containsExactly(expectedLarge.toArray());
        }
    }

    @Test
    void roundsToTheNearestTiesToEven() {
        float[] from = {1, 1.00390625f, 1.01171875f, -1.003907f, Float.MAX_VALUE, 0, -0f, Float.NaN, 3.1415927f};
        float[] padded = Arrays.copyOf(from, 16);
        short[] to = new short[16];
        BfloatMatmul.toBfloat16(padded, to, from.length);
        assertThat(Arrays.copyOf(to, from.length))
                .containsExactly(
                        (short) 0x3F80,
                        (short) 0x3F80,
                        (short) 0x3F82,
                        (short) 0xBF81,
                        (short) 0x7F80,
                        (short) 0,
                        (short) 0x8000,
                        (short) 0x7FC0,
                        (short) 0x4049);
    }

    private static double rounded(double x) {
        int bits = Float.floatToRawIntBits((float) x);
        return Float.intBitsToFloat((bits + 0x7FFF + (bits >>> 16 & 1)) & 0xFFFF0000);
    }
}
