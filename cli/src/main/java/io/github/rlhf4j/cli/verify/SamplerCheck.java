package io.github.rlhf4j.cli.verify;

import io.github.rlhf4j.core.CounterRandom;
import io.github.rlhf4j.core.generation.Generated;
import io.github.rlhf4j.core.generation.GenerationRequest;
import io.github.rlhf4j.core.generation.Generator;
import io.github.rlhf4j.core.generation.SamplingOptions;
import io.github.rlhf4j.core.model.ForwardRequest;
import io.github.rlhf4j.core.model.Outputs;
import io.github.rlhf4j.core.model.PackedBatch;
import io.github.rlhf4j.core.model.TokenSequence;
import io.github.rlhf4j.core.model.Transformer;
import java.util.Arrays;
import java.util.List;

/** What a model writes token by token, with cached keys and values, against one forward pass over the whole text. */
final class SamplerCheck implements AutoCloseable {
    private static final double TEMPERATURE = 0.8;
    private static final int SAMPLES = 4;

    private final Transformer model;
    private final Generator generator;

    SamplerCheck(Transformer model) {
        this.model = model;
        this.generator = new Generator(model);
    }

    int[] greedy(int[] prompt, int tokens) {
        SamplingOptions options = SamplingOptions.greedy(tokens, new int[0]);
        return generate(prompt, 1, options).get(0).ids();
    }

    private List<Generated> generate(int[] prompt, int samples, SamplingOptions options) {
        GenerationRequest request = new GenerationRequest(prompt, samples, CounterRandom.of(7));
        return generator.generate(List.of(request), options);
    }

    /** The largest difference of a sampled token's log-prob, nats. */
    double largestDifference(int[] prompt, int tokens) {
        List<Generated> samples = generate(prompt, SAMPLES, SamplingOptions.sampling(TEMPERATURE, tokens, new int[0]));
        PackedBatch batch = PackedBatch.of(List.of(samples.stream()
                .map(sample -> TokenSequence.completion(joined(prompt, sample.ids()), prompt.length))
                .toList()));
        Outputs outputs = new Outputs();
        model.forward(batch, ForwardRequest.logProbs().withTemperature(TEMPERATURE), outputs);
        double largest = 0;
        for (int i = 0; i < samples.size(); i++) {
            double[] sampled = samples.get(i).logProbs();
            for (int j = 0; j < sampled.length; j++) {
                double difference = Math.abs(sampled[j] - outputs.logProbs()[batch.targetIndex(i, j)]);
                largest = ArithmeticChecks.larger(largest, difference);
            }
        }
        return largest;
    }

    private static int[] joined(int[] prompt, int[] more) {
        int[] ids = Arrays.copyOf(prompt, prompt.length + more.length);
        System.arraycopy(more, 0, ids, prompt.length, more.length);
        return ids;
    }

    @Override
    public void close() {
        generator.close();
    }
}
