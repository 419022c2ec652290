package io.github.rlhf4j.core.kernels.cpu;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.rlhf4j.core.kernels.conformance.KernelRun;
import io.github.rlhf4j.core.math.HalfFloats;
import io.github.rlhf4j.core.tensor.CompactPanels;
import io.github.rlhf4j.core.tensor.Tensor;
import io.github.rlhf4j.core.tensor.WeightType;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class CompactPanelProductTest {
    /** Fewer than four rows go over the words, more share what was expanded; 64 are a tile; a chunk is up to 512 inputs, a group 64, a panel 64 outputs. */
    @ParameterizedTest
    @CsvSource({
        "1, 5, 7",
        "3, 64, 32",
        "2, 513, 210",
        "7, 200, 100",
        "16, 128, 64",
        "29, 65, 33",
        "141, 301, 1000",
        "1, 1030, 5000",
        "6, 257, 1030",
        "4, 1537, 2200"
    })
    void isTheSameToTheBitForEachRowAlone(int rows, int inputs, int outputs) {
        try (CpuKernels kernels = new CpuKernels(2);
                CpuKernels alone = new CpuKernels(1);
                KernelRun run = new KernelRun(kernels);
                Parallel two = new Parallel(2);
                Workspace first = new Workspace();
                Workspace second = new Workspace();
                CompactPanelProduct floats = CompactPanelProduct.inFloats(two, new Workspace[] {first, second})) {
            boolean rounds = kernels.readsByAddress(WeightType.BFLOAT16);
            Tensor weight = run.random(outputs, inputs);
            Tensor x = run.random(rows, inputs);
            for (WeightType type : List.of(WeightType.BFLOAT16, WeightType.INT8)) {
                List<CompactPanels> panels = run.panels(type, outputs, inputs);
                panels.forEach(each -> kernels.pack(each, weight));
                Tensor expected = run.zeros(rows, outputs);
                for (int row = 0; row < rows; row++) {
                    alone.multiplyPacked(expected.rows(row, row + 1), x.rows(row, row + 1), panels.get(row % 2), false);
                }
                if (type == WeightType.BFLOAT16) {
                    assertThat(expected.toArray()).containsExactly(inOrder(x, panels.get(0), rounds));
                }
                double[] twice =
                        Arrays.stream(expected.toArray()).map(sum -> sum + sum).toArray();
                Tensor product = run.zeros(rows, outputs);
                for (CompactPanels each : panels) {
                    kernels.multiplyPacked(product, x, each, false);
                    assertThat(product.toArray()).containsExactly(expected.toArray());
                    kernels.multiplyPacked(product, x, each, true);
                    assertThat(product.toArray()).containsExactly(twice);
                    floats.multiply(product, x, each, false);
                    assertThat(product.toArray())
                            .containsExactly(type == WeightType.INT8 ? expected.toArray() : inOrder(x, each, false));
                }
            }
        }
    }

    /** Inputs, rounded or not, times weights, added one after the other within a chunk. */
    private static double[] inOrder(Tensor x, CompactPanels panels, boolean rounds) {
        double[] sums = new double[x.rows() * panels.outputs()];
        for (int output = 0; output < panels.outputs(); output++) {
            for (int row = 0; row < x.rows(); row++) {
                float sum = 0;
                float sumOfChunk = 0;
                for (int input = 0; input < panels.inputs(); input++) {
                    float value = (float) x.get(row, input);
                    float factor = rounds ? rounded(value) : value;
                    sumOfChunk = Math.fma(factor, panels.get(output, input), sumOfChunk);
                    if ((input + 1) % panels.chunk() == 0 || input + 1 == panels.inputs()) {
                        sum = input < panels.chunk() ? sumOfChunk : sum + sumOfChunk;
                        sumOfChunk = 0;
                    }
                }
                sums[row * panels.outputs() + output] = sum;
            }
        }
        return sums;
    }

    private static float rounded(float value) {
        return Float.intBitsToFloat(HalfFloats.toBfloat16(value) << 16);
    }
}
