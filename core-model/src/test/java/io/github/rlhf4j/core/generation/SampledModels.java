package io.github.rlhf4j.core.generation;

import io.github.rlhf4j.core.CounterRandom;
import io.github.rlhf4j.core.kernels.Kernels;
import io.github.rlhf4j.core.model.AttentionConfig;
import io.github.rlhf4j.core.model.Family;
import io.github.rlhf4j.core.model.FeedForwardConfig;
import io.github.rlhf4j.core.model.ForwardRequest;
import io.github.rlhf4j.core.model.Head;
import io.github.rlhf4j.core.model.ModelConfig;
import io.github.rlhf4j.core.model.NormConfig;
import io.github.rlhf4j.core.model.Outputs;
import io.github.rlhf4j.core.model.PackedBatch;
import io.github.rlhf4j.core.model.Positions;
import io.github.rlhf4j.core.model.RotaryScaling;
import io.github.rlhf4j.core.model.TokenSequence;
import io.github.rlhf4j.core.model.Transformer;
import java.util.EnumSet;
import java.util.List;
import java.util.stream.IntStream;

/** Small random models to sample from, and what their training forward pass says of the samples. */
final class SampledModels {
    static final int VOCABULARY = 40;
    static final int CONTEXT = 128;

    private SampledModels() {}

    /** Grouped queries, heads narrower than any vector, biases, a window of 20 from layer 1 on, an untied head. */
    static Transformer create(Kernels kernels) {
        ModelConfig config = new ModelConfig(
                Family.LLAMA,
                VOCABULARY,
                24,
                3,
                CONTEXT,
                new NormConfig(NormConfig.Kind.RMS, 1e-5),
                new Positions.Rotary(1000, new RotaryScaling.None()),
                new AttentionConfig(4, 2, 6, true, true, false, 20, 1),
                new FeedForwardConfig(FeedForwardConfig.Kind.SWIGLU, 40, true, 0, 0, 0),
                false,
                0.3);
        return create(config, kernels);
    }

    static Transformer create(ModelConfig config, Kernels kernels) {
        return Transformer.create(config, EnumSet.of(Head.LANGUAGE), kernels, CounterRandom.of(5));
    }

    /** Norms of heads, GPT-2's layers, experts with a window. */
    static List<ModelConfig> others() {
        NormConfig rms = new NormConfig(NormConfig.Kind.RMS, 1e-5);
        Positions rotary = new Positions.Rotary(1000, new RotaryScaling.None());
        return List.of(
                config(
                        Family.QWEN3,
                        rms,
                        rotary,
                        new AttentionConfig(4, 2, 8, false, false, true, 0, 0),
                        FeedForwardConfig.swiGlu(40)),
                config(
                        Family.GPT2,
                        new NormConfig(NormConfig.Kind.LAYER, 1e-5),
                        new Positions.Learned(),
                        new AttentionConfig(3, 3, 8, true, true, false, 0, 0),
                        FeedForwardConfig.gelu(40)),
                config(
                        Family.MIXTRAL,
                        rms,
                        rotary,
                        new AttentionConfig(4, 2, 6, false, false, false, 20, 0),
                        FeedForwardConfig.experts(24, 4, 2, 0)));
    }

    private static ModelConfig config(
            Family family,
            NormConfig norm,
            Positions positions,
            AttentionConfig attention,
            FeedForwardConfig feedForward) {
        return new ModelConfig(family, VOCABULARY, 24, 3, CONTEXT, norm, positions, attention, feedForward, false, 0.3);
    }

    static int[] prompt(long seed, int length) {
        CounterRandom random = CounterRandom.of(seed);
        return IntStream.range(0, length).map(i -> random.below(i, VOCABULARY)).toArray();
    }

    static GenerationRequest request(long seed, int length, int samples) {
        return new GenerationRequest(
                prompt(seed, length), samples, CounterRandom.of(seed).derive("request"));
    }

    /** The training forward pass's log-probs of a continuation. */
    static double[] logProbs(Transformer model, int[] prompt, int[] continuation, double temperature) {
        int[] all = IntStream.concat(IntStream.of(prompt), IntStream.of(continuation))
                .toArray();
        PackedBatch batch = PackedBatch.ofSingles(List.of(TokenSequence.completion(all, prompt.length)));
        Outputs out = new Outputs();
        model.forward(batch, ForwardRequest.logProbs().withTemperature(temperature), out);
        return IntStream.range(0, continuation.length)
                .mapToDouble(j -> out.logProbs()[batch.targetIndex(0, j)])
                .toArray();
    }
}
