package io.github.rlhf4j.core.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.github.rlhf4j.core.kernels.Kernels;
import io.github.rlhf4j.core.kernels.LogitStatistics.Column;
import io.github.rlhf4j.core.kernels.cpu.CpuKernels;
import io.github.rlhf4j.core.kernels.reference.ReferenceKernels;
import io.github.rlhf4j.core.math.StableMath;
import io.github.rlhf4j.core.tensor.DataType;
import io.github.rlhf4j.core.tensor.NativeMemory;
import io.github.rlhf4j.core.tensor.Tensor;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;

class SmoothedTargetsTest {
    private static final double EPSILON = 0.3;
    private static final double TEMPERATURE = 0.7;

    @Test
    void logProbsAreTransformersLabelSmoother() {
        Kernels kernels = new ReferenceKernels(DataType.DOUBLE);
        try (Transformer model = TestModels.create(TestModels.all().get(0), kernels);
                NativeMemory memory = new NativeMemory()) {
            int[] ids = TestModels.ids(2, 7);
            PackedBatch batch = PackedBatch.ofSingles(List.of(TokenSequence.all(ids)));
            int vocabulary = model.config().vocabSize();
            Tensor logits = memory.allocate(DataType.DOUBLE, 6, vocabulary);
            model.logits(batch, new int[] {0, 1, 2, 3, 4, 5}, logits);

            Outputs out = new Outputs();
            model.forward(batch, request(false), out);

            for (int target = 0; target < 6; target++) {
                double[] x = new double[vocabulary];
                for (int token = 0; token < vocabulary; token++) {
                    x[token] = logits.get(target, token) / TEMPERATURE;
                }
                double logSumExp = StableMath.logSumExp(x, 0, x.length);
                double mean = 0;
                for (double value : x) {
                    mean += (value - logSumExp) / x.length;
                }
                // LabelSmoother: (1 - epsilon) nll + epsilon mean over the vocabulary of -log p
                double expected = (1 - EPSILON) * (x[ids[target + 1]] - logSumExp) + EPSILON * mean;
                assertThat(out.statistics().column(Column.LOG_PROB)[target]).isCloseTo(expected, within(1e-12));
            }
        }
    }

    @Test
    void onePassHasTheGradientsOfTwo() {
        Kernels kernels = new CpuKernels(1);
        PackedBatch batch = PackedBatch.ofSingles(List.of(TokenSequence.all(TestModels.ids(2, 7))));
        double[] gradient = {-0.2, -0.1, 0.3, -0.2, -0.4, 0.1};
        try (Transformer one = TestModels.create(TestModels.all().get(0), kernels);
                Transformer two = TestModels.create(TestModels.all().get(0), kernels)) {
            one.parameters().enableGradients();
            two.parameters().enableGradients();
            Outputs out = new Outputs();
            one.forwardBackward(batch, request(false), gradient, out);
            two.forward(batch, request(true), out);
            two.backward(batch, gradient, new double[0], new double[0]);

            for (Parameter parameter : one.parameters().all()) {
                Tensor theirs =
                        two.parameters().get(parameter.name()).gradient().orElseThrow();
                Tensor ours = parameter.gradient().orElseThrow();
                for (int i = 0; i < ours.rows(); i++) {
                    for (int j = 0; j < ours.columns(); j++) {
                        assertThat(ours.get(i, j)).as("%s", parameter).isCloseTo(theirs.get(i, j), within(1e-6));
                    }
                }
            }
        }
    }

    private static ForwardRequest request(boolean forBackward) {
        return new ForwardRequest(Set.of(Column.LOG_PROB), TEMPERATURE, false, forBackward, Optional.empty(), 0)
                .withLabelSmoothing(EPSILON);
    }
}
