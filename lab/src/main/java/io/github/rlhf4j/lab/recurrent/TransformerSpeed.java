package io.github.rlhf4j.lab.recurrent;

import io.github.rlhf4j.core.CounterRandom;
import io.github.rlhf4j.core.generation.GenerationRequest;
import io.github.rlhf4j.core.generation.Generator;
import io.github.rlhf4j.core.generation.SamplingOptions;
import io.github.rlhf4j.core.model.Transformer;
import java.util.Arrays;
import java.util.List;

/** The transformer's: a context is read in one pass, or written word by word, which computes the same; keys and values are kept. */
final class TransformerSpeed implements SpeedTest {
    private final Generator generator;

    TransformerSpeed(Transformer model) {
        generator = new Generator(model);
    }

    private void generate(int context, int words) {
        int[] prompt = new int[context];
        Arrays.fill(prompt, 2);
        SamplingOptions options =
                SamplingOptions.greedy(words, new int[] {TokenPair.END}).ignoringStops();
        generator.generate(List.of(new GenerationRequest(prompt, 1, CounterRandom.of(0))), options);
    }

    @Override
    public double readAtOnce(int context) {
        return SpeedTest.shortest(() -> generate(context, 1));
    }

    @Override
    public double readOneByOne(int context) {
        return SpeedTest.shortest(() -> generate(1, context));
    }

    @Override
    public double write(int context) {
        double more = SpeedTest.shortest(() -> generate(context, 1 + WRITTEN));
        return Math.max(0, (more - readAtOnce(context)) / WRITTEN);
    }

    @Override
    public void close() {
        generator.close();
    }
}
