package io.github.rlhf4j.core.kernels.reference;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.github.rlhf4j.core.kernels.AttentionLayout;
import io.github.rlhf4j.core.kernels.Kernels;
import io.github.rlhf4j.core.kernels.LogitStatistics;
import io.github.rlhf4j.core.kernels.LogitStatistics.Column;
import io.github.rlhf4j.core.kernels.conformance.KernelRun;
import io.github.rlhf4j.core.kernels.conformance.Scenarios;
import io.github.rlhf4j.core.tensor.DataType;
import io.github.rlhf4j.core.tensor.Tensor;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.function.DoubleSupplier;
import org.junit.jupiter.api.Test;

/** Every backward kernel of the oracle is the derivative of its forward kernel: central differences in double. */
class KernelGradientsTest {
    private static final double STEP = 1e-5;

    private final KernelRun run = new KernelRun(new ReferenceKernels(DataType.DOUBLE));
    private final Kernels kernels = run.kernels;

    @Test
    void normBackwardIsTheDerivativeOfTheNorm() {
        Tensor x = run.random(3, 5);
        Tensor weight = run.random(1, 5);
        Tensor dOut = run.random(3, 5);
        Tensor out = run.zeros(3, 5);
        Tensor inverse = run.zeros(3, 1);
        DoubleSupplier loss = () -> {
            kernels.rmsNorm(out, inverse, x, weight, 1e-5);
            return dot(out, dOut);
        };
        assertThat(loss.getAsDouble()).isFinite();
        Tensor dX = run.zeros(3, 5);
        Tensor dWeight = run.zeros(1, 5);
        kernels.rmsNormBackward(dX, dWeight, dOut, x, inverse, weight);
        assertGradient(x, dX, loss);
        assertGradient(weight, dWeight, loss);
    }

    @Test
    void gatedUnitBackwardIsTheDerivativeOfTheGatedUnit() {
        Tensor gateUp = run.random(4, 6);
        Tensor dOut = run.random(4, 3);
        Tensor out = run.zeros(4, 3);
        DoubleSupplier loss = () -> {
            kernels.swiGlu(out, gateUp);
            return dot(out, dOut);
        };
        Tensor gradient = run.zeros(4, 6);
        Tensor inOut = run.zeros(4, 3);
        kernels.copy(inOut, dOut);
        kernels.swiGluBackward(gradient, inOut, gateUp);
        assertGradient(gateUp, gradient, loss);
    }

    @Test
    void normOfHeadsBackwardIsTheDerivativeOfTheNorm() {
        Tensor x = run.random(3, 8);
        Tensor weight = run.random(1, 4);
        Tensor dOut = run.random(3, 8);
        Tensor out = run.zeros(3, 8);
        Tensor inverse = run.zeros(3, 2);
        DoubleSupplier loss = () -> {
            kernels.rmsNorm(out, inverse, x, weight, 0.1);
            return dot(out, dOut);
        };
        assertThat(loss.getAsDouble()).isFinite();
        Tensor dX = run.zeros(3, 8);
        Tensor dWeight = run.zeros(1, 4);
        kernels.rmsNormBackward(dX, dWeight, dOut, x, inverse, weight);
        assertGradient(x, dX, loss);
        assertGradient(weight, dWeight, loss);
    }

    @Test
    void layerNormBackwardIsTheDerivativeOfTheLayerNorm() {
        Tensor x = run.random(3, 5);
        Tensor weight = run.random(1, 5);
        Tensor bias = run.random(1, 5);
        Tensor dOut = run.random(3, 5);
        Tensor out = run.zeros(3, 5);
        Tensor statistics = run.zeros(3, 2);
        DoubleSupplier loss = () -> {
            kernels.layerNorm(out, statistics, x, weight, bias, 0.1);
            return dot(out, dOut);
        };
        assertThat(loss.getAsDouble()).isFinite();
        Tensor dX = run.zeros(3, 5);
        Tensor dWeight = run.zeros(1, 5);
        Tensor dBias = run.zeros(1, 5);
        kernels.layerNormBackward(dX, dWeight, dBias, dOut, x, statistics, weight);
        assertGradient(x, dX, loss);
        assertGradient(weight, dWeight, loss);
        assertGradient(bias, dBias, loss);
    }

    @Test
    void geluBackwardIsTheDerivativeOfGelu() {
        Tensor x = run.random(4, 6);
        Tensor dOut = run.random(4, 6);
        Tensor out = run.zeros(4, 6);
        DoubleSupplier loss = () -> {
            kernels.gelu(out, x);
            return dot(out, dOut);
        };
        Tensor gradient = run.zeros(4, 6);
        kernels.copy(gradient, dOut);
        kernels.geluBackward(gradient, x);
        assertGradient(x, gradient, loss);
    }

    @Test
    void expertsBackwardIsTheDerivativeOfTheirWeightsAndProbabilities() {
        Tensor logits = run.random(5, 4);
        Tensor dWeights = run.random(5, 2);
        Tensor dProbabilities = run.random(5, 4);
        Tensor probabilities = run.zeros(5, 4);
        Tensor weights = run.zeros(5, 2);
        int[] experts = new int[10];
        DoubleSupplier loss = () -> {
            kernels.copy(probabilities, logits);
            kernels.chooseExperts(probabilities, weights, experts);
            return dot(weights, dWeights) + dot(probabilities, dProbabilities);
        };
        assertThat(loss.getAsDouble()).isFinite();
        Tensor gradient = run.zeros(5, 4);
        kernels.copy(gradient, dProbabilities);
        kernels.chooseExpertsBackward(gradient, dWeights, probabilities, weights, experts);
        assertGradient(logits, gradient, loss);
    }

    @Test
    void inverseRotationIsTheGradientOfTheRotation() {
        Tensor x = run.random(3, 8);
        Tensor dOut = run.random(3, 8);
        int[] positions = {4, 0, 2};
        Tensor cosines = run.random(5, 2);
        Tensor sines = run.random(5, 2);
        Tensor out = run.zeros(3, 8);
        DoubleSupplier loss = () -> {
            kernels.copy(out, x);
            kernels.rotate(out, positions, cosines, sines, 4, false);
            return dot(out, dOut);
        };
        Tensor gradient = run.zeros(3, 8);
        kernels.copy(gradient, dOut);
        kernels.rotate(gradient, positions, cosines, sines, 4, true);
        assertGradient(x, gradient, loss);
    }

    @Test
    void attentionBackwardIsTheDerivativeOfAttentionOverATreeWithAWindow() {
        int[][] tree = Scenarios.layout(new int[] {4, 3, 2, 3}, new int[] {-1, 0, 1, 0});
        AttentionLayout layout = new AttentionLayout(tree[0], tree[1], tree[2], tree[3], 4, 2, 3, 0.6, 5);
        Tensor queryKeyValue = run.random(12, 24);
        Tensor dOut = run.random(12, 12);
        Tensor out = run.zeros(12, 12);
        Tensor logSumExp = run.zeros(12, 4);
        DoubleSupplier loss = () -> {
            kernels.attention(out, logSumExp, queryKeyValue, layout);
            return dot(out, dOut);
        };
        assertThat(loss.getAsDouble()).isFinite();
        Tensor gradient = run.zeros(12, 24);
        kernels.attentionBackward(gradient, dOut, out, logSumExp, queryKeyValue, layout);
        assertGradient(queryKeyValue, gradient, loss);
    }

    @Test
    void logitGradientsAreTheDerivativesOfLogProbAndEntropy() {
        Tensor logits = run.random(4, 6);
        int[] targets = {9, 1, 0, 5, 2};
        double[] dLogProb = run.doubles(5);
        double[] dEntropy = run.doubles(5);
        LogitStatistics statistics = new LogitStatistics();
        statistics.resize(5);
        DoubleSupplier loss = () -> {
            kernels.logitStatistics(statistics, EnumSet.allOf(Column.class), logits, targets, 1, 0.7);
            double sum = 0;
            for (int i = 1; i < 5; i++) {
                sum += dLogProb[i] * statistics.column(Column.LOG_PROB)[i];
                sum += dEntropy[i] * statistics.column(Column.ENTROPY)[i];
            }
            return sum;
        };
        Tensor gradient = run.zeros(4, 6);
        kernels.copy(gradient, logits);
        kernels.logitGradients(gradient, targets, dLogProb, dEntropy, 1, 0.7);
        assertGradient(logits, gradient, loss);
    }

    private static double dot(Tensor a, Tensor b) {
        double[] other = b.toArray();
        double[] values = a.toArray();
        double sum = 0;
        for (int i = 0; i < values.length; i++) {
            sum += values[i] * other[i];
        }
        return sum;
    }

    private static void assertGradient(Tensor x, Tensor gradient, DoubleSupplier loss) {
        double[] differences = new double[Math.toIntExact(x.size())];
        for (int i = 0; i < x.rows(); i++) {
            for (int j = 0; j < x.columns(); j++) {
                double value = x.get(i, j);
                x.set(i, j, value + STEP);
                double above = loss.getAsDouble();
                x.set(i, j, value - STEP);
                double below = loss.getAsDouble();
                x.set(i, j, value);
                differences[i * x.columns() + j] = (above - below) / (2 * STEP);
            }
        }
        assertThat(Arrays.stream(differences).map(Math::abs).max().orElse(0)).isGreaterThan(1e-3);
        assertThat(gradient.toArray()).containsExactly(differences, within(1e-8));
    }
}
