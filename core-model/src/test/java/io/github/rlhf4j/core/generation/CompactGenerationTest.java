package io.github.rlhf4j.core.generation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.rlhf4j.core.UserError;
import io.github.rlhf4j.core.kernels.cpu.CpuKernels;
import io.github.rlhf4j.core.model.Transformer;
import io.github.rlhf4j.core.tensor.WeightType;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** Generation with weights in fewer bits. */
class CompactGenerationTest {
    private static List<GenerationRequest> requests() {
        int[] lengths = {1, 5, 31, 33, 60, 17, 2, 64, 7};
        return IntStream.range(0, lengths.length)
                .mapToObj(i -> SampledModels.request(i, lengths[i], 1 + i % 2))
                .toList();
    }

    /** What is measured on a model of a real size is in docs/generation.md. */
    @Test
    void isNearTheModelAndDependsOnNeitherBatchNorThreadsToTheBit() {
        SamplingOptions options = SamplingOptions.sampling(1, 30, new int[0]);
        try (CpuKernels kernels = new CpuKernels(2);
                CpuKernels single = new CpuKernels(1);
                Transformer model = SampledModels.create(kernels);
                Transformer same = SampledModels.create(single)) {
            double[] largest = new double[WeightType.values().length];
            for (WeightType type : WeightType.values()) {
                model.generateWith(type);
                same.generateWith(type);
                try (Generator together = new Generator(model);
                        Generator alone = new Generator(same, new GenerationLimits(1, 1 << 30, 1))) {
                    List<Generated> all = together.generate(requests(), options);
                    List<Generated> apart = alone.generate(requests(), options);
                    for (int i = 0; i < all.size(); i++) {
                        assertThat(all.get(i).ids()).isEqualTo(apart.get(i).ids());
                        assertThat(all.get(i).logProbs()).isEqualTo(apart.get(i).logProbs());
                        int[] prompt = requests().get(all.get(i).request()).promptIds();
                        double[] trainers =
                                SampledModels.logProbs(model, prompt, all.get(i).ids(), 1);
                        for (int t = 0; t < trainers.length; t++) {
                            double difference =
                                    Math.abs(trainers[t] - all.get(i).logProbs()[t]);
                            largest[type.ordinal()] = Math.max(largest[type.ordinal()], difference);
                        }
                    }
                }
            }
            assertThat(largest[WeightType.FLOAT32.ordinal()]).isLessThan(2e-5);
            assertThat(largest[WeightType.BFLOAT16.ordinal()]).isBetween(1e-4, 0.5);
            assertThat(largest[WeightType.INT8.ordinal()]).isBetween(1e-4, 1.0);
        }
    }

    @Test
    void takesTheWeightsAsTheyAreNow() {
        SamplingOptions options = SamplingOptions.greedy(20, new int[0]);
        List<GenerationRequest> one = requests().subList(3, 4);
        try (CpuKernels kernels = new CpuKernels(1);
                Transformer model = SampledModels.create(kernels)) {
            model.generateWith(WeightType.INT8);
            try (Generator generator = new Generator(model)) {
                double[] before = generator.generate(one, options).get(0).logProbs();
                kernels.scale(model.embedding(), 1.5);
                double[] after = generator.generate(one, options).get(0).logProbs();
                assertThat(after).isNotEqualTo(before);
            }
        }
    }

    @Test
    void cannotBeTheOrderOfTraining() {
        try (CpuKernels kernels = new CpuKernels(1);
                Transformer model = SampledModels.create(kernels)) {
            model.generateWith(WeightType.BFLOAT16);
            assertThatThrownBy(model::computeAsGenerated)
                    .isInstanceOf(UserError.class)
                    .hasMessageContaining("multiplies by bfloat16 weights");
        }
    }
}
