package io.github.rlhf4j.core.model;

import io.github.rlhf4j.core.CounterRandom;
import io.github.rlhf4j.core.kernels.Kernels;
import java.util.EnumSet;
import java.util.stream.IntStream;

/** Small models with weights large enough that every nonlinearity is felt. */
final class TestModels {
    static final int VOCABULARY = 13;

    private TestModels() {}

    /** Grouped queries, a head wider than hidden / heads, biases everywhere, an untied head, a window from layer 1 on. */
    static ModelConfig everything() {
        return new ModelConfig(
                Family.LLAMA,
                VOCABULARY,
                8,
                10,
                3,
                4,
                2,
                4,
                32,
                1e-5,
                100,
                RotaryScaling.NONE,
                false,
                true,
                true,
                true,
                3,
                1,
                0.4);
    }

    /** The plainest: no biases, no window, the head tied to the embedding. */
    static ModelConfig tied() {
        return new ModelConfig(
                Family.LLAMA,
                VOCABULARY,
                8,
                10,
                2,
                2,
                1,
                4,
                32,
                1e-5,
                100,
                RotaryScaling.NONE,
                true,
                false,
                false,
                false,
                0,
                0,
                0.4);
    }

    /** A model with both heads, whose norms and biases are not at their start either. */
    static Transformer create(ModelConfig config, Kernels kernels) {
        Transformer model = Transformer.create(config, EnumSet.allOf(Head.class), kernels, CounterRandom.of(11));
        CounterRandom noise = CounterRandom.of(12);
        for (Parameter parameter : model.parameters().all()) {
            if (!parameter.decays()) {
                CounterRandom own = noise.derive(parameter.name());
                for (int i = 0; i < parameter.value().columns(); i++) {
                    parameter.value().set(0, i, parameter.value().get(0, i) + 0.3 * own.gaussian(i));
                }
            }
        }
        return model;
    }

    /** {@code length} token ids. */
    static int[] ids(long seed, int length) {
        CounterRandom random = CounterRandom.of(seed);
        return IntStream.range(0, length).map(i -> random.below(i, VOCABULARY)).toArray();
    }

    /** {@code first} followed by {@code then}. */
    static int[] join(int[] first, int[] then) {
        return IntStream.concat(IntStream.of(first), IntStream.of(then)).toArray();
    }
}
