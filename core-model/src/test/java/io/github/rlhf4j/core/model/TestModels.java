package io.github.rlhf4j.core.model;

import io.github.rlhf4j.core.CounterRandom;
import io.github.rlhf4j.core.kernels.Kernels;
import io.github.rlhf4j.core.tensor.NativeMemory;
import io.github.rlhf4j.core.tensor.Tensor;
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

    /** Makes each number that is trained a normal one with that standard deviation. */
    static void drawTrained(Transformer model, double deviation) {
        changeTrained(model, 0, deviation);
    }

    /** Adds to each number that is trained a normal one with that standard deviation. */
    static void moveTrained(Transformer model, double deviation) {
        changeTrained(model, 1, deviation);
    }

    private static void changeTrained(Transformer model, double share, double deviation) {
        for (Parameter parameter : model.trained().all()) {
            CounterRandom random = CounterRandom.of(6).derive(parameter.name());
            Tensor value = parameter.value();
            for (int index = 0; index < value.size(); index++) {
                int row = index / value.columns();
                int column = index % value.columns();
                value.set(row, column, share * value.get(row, column) + deviation * random.gaussian(index));
            }
        }
    }

    /** Two responses to one prompt, whose prompt has targets too, and a sequence alone with some rows that nobody wants. */
    static PackedBatch threeSequences() {
        int[] prompt = ids(1, 4);
        TokenSequence first =
                TokenSequence.all(join(prompt, new int[] {3, 7, 2})).withValuesOfTargets();
        TokenSequence second = TokenSequence.completion(join(prompt, new int[] {5, 7}), 4);
        TokenSequence third = new TokenSequence(ids(2, 7), new int[] {3, 5}, new int[] {1, 6});
        return PackedBatch.of(List.of(List.of(first, second), List.of(third)));
    }

    /** A sequence that is read as a whole, and one of which nobody wants some rows. */
    static PackedBatch twoSequences() {
        TokenSequence first = TokenSequence.all(ids(1, 6)).withValuesOfTargets();
        TokenSequence second = new TokenSequence(ids(2, 7), new int[] {3, 5}, new int[] {1, 6});
        return PackedBatch.of(List.of(List.of(first), List.of(second)));
    }

    /** One row alone is read, so the last layer computes queries apart from keys and values. */
    static PackedBatch fewRows() {
        return PackedBatch.of(List.of(List.of(new TokenSequence(ids(2, 7), new int[] {5}, new int[] {6}))));
    }

    /** Those of all rows. */
    static double[] logits(Transformer model, PackedBatch batch) {
        int[] rows = IntStream.range(0, batch.rows()).toArray();
        try (NativeMemory memory = new NativeMemory()) {
            Tensor out = memory.allocate(model.kernels().type(), rows.length, VOCABULARY);
            model.logits(batch, rows, out);
            return out.toArray();
        }
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
