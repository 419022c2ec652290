package io.github.rlhf4j.core.model;

import io.github.rlhf4j.core.CounterRandom;
import io.github.rlhf4j.core.kernels.Kernels;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
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
                3,
                32,
                new NormConfig(NormConfig.Kind.RMS, 1e-5),
                new Positions.Rotary(100, new RotaryScaling.None()),
                new AttentionConfig(4, 2, 4, true, true, false, 3, 1),
                new FeedForwardConfig(FeedForwardConfig.Kind.SWIGLU, 10, true, 0, 0, 0),
                false,
                0.4);
    }

    /** The plainest: no biases, no window, the head tied to the embedding. */
    static ModelConfig tied() {
        return new ModelConfig(
                Family.LLAMA,
                VOCABULARY,
                8,
                2,
                32,
                new NormConfig(NormConfig.Kind.RMS, 1e-5),
                new Positions.Rotary(100, new RotaryScaling.None()),
                AttentionConfig.plain(2, 1, 4),
                FeedForwardConfig.swiGlu(10),
                true,
                0.4);
    }

    /** Qwen3's norms of queries and keys. */
    static ModelConfig headNorms() {
        return new ModelConfig(
                Family.QWEN3,
                VOCABULARY,
                8,
                2,
                32,
                new NormConfig(NormConfig.Kind.RMS, 1e-5),
                new Positions.Rotary(100, new RotaryScaling.None()),
                new AttentionConfig(4, 2, 6, true, true, true, 0, 0),
                FeedForwardConfig.swiGlu(10),
                false,
                0.4);
    }

    /** GPT-2: layer norms, learned positions, GELU. */
    static ModelConfig gpt2() {
        return new ModelConfig(
                Family.GPT2,
                VOCABULARY,
                9,
                2,
                32,
                new NormConfig(NormConfig.Kind.LAYER, 1e-5),
                new Positions.Learned(),
                new AttentionConfig(3, 3, 3, true, true, false, 0, 0),
                FeedForwardConfig.gelu(10),
                true,
                0.4);
    }

    /** Mixtral: three experts, of which each row takes two. */
    static ModelConfig experts() {
        return new ModelConfig(
                Family.MIXTRAL,
                VOCABULARY,
                8,
                2,
                32,
                new NormConfig(NormConfig.Kind.RMS, 1e-5),
                new Positions.Rotary(100, new RotaryScaling.None()),
                new AttentionConfig(4, 2, 4, false, false, false, 4, 0),
                FeedForwardConfig.experts(6, 3, 2, 0.25),
                false,
                0.4);
    }

    /** Every kind of layer. */
    static List<ModelConfig> all() {
        return List.of(everything(), tied(), headNorms(), gpt2(), experts());
    }

    /** A model with both heads, whose norms and biases are not at their start either. */
    static Transformer create(ModelConfig config, Kernels kernels) {
        return create(config, EnumSet.of(Head.LANGUAGE, Head.SCALAR), kernels);
    }

    /** The same with some of the heads. */
    static Transformer create(ModelConfig config, Set<Head> heads, Kernels kernels) {
        Transformer model = Transformer.create(config, heads, kernels, CounterRandom.of(11));
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
