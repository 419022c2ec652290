package io.github.rlhf4j.cli.bench;

import io.github.rlhf4j.core.CounterRandom;
import io.github.rlhf4j.core.UserError;
import io.github.rlhf4j.core.generation.GenerationRequest;
import io.github.rlhf4j.core.generation.Generator;
import io.github.rlhf4j.core.generation.SamplingOptions;
import io.github.rlhf4j.core.kernels.KernelMeter;
import io.github.rlhf4j.core.model.Transformer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Sampling as users run it: prompts, then {@code newTokens} tokens each, no stop.
 *
 * @param batch sequences
 * @param samples of each prompt, which share its keys and values
 * @param prompt tokens of each prompt
 * @param newTokens to be generated
 * @param seconds to measure for, and to warm up for
 */
public record GenerateBench(int batch, int samples, int prompt, int newTokens, double seconds) {
    public GenerateBench {
        if (samples < 1 || batch % samples != 0) {
            throw new UserError("--samples must be at least 1 and divide --batch = " + batch + ", but is " + samples);
        }
    }

    /** A prompt for each sequence. */
    public GenerateBench(int batch, int prompt, int newTokens, double seconds) {
        this(batch, 1, prompt, newTokens, seconds);
    }

    /** @param model whose kernels are the meter's */
    public Measurement run(Transformer model, KernelMeter meter) {
        String what = "generation, batch " + batch + ", prompts of " + prompt + " tokens"
                + (samples == 1 ? "" : " with " + samples + " samples each") + ", " + newTokens + " new, "
                + model.parameters().count() + " parameters";
        try (Generator generator = new Generator(model)) {
            return Measurement.of(what, (double) batch * newTokens, meter, seconds, work(model, generator));
        }
    }

    /** What is measured. */
    public Runnable work(Transformer model, Generator generator) {
        List<GenerationRequest> requests = new ArrayList<>();
        for (int i = 0; i < batch / samples; i++) {
            CounterRandom random = CounterRandom.of(i);
            int[] ids = new int[prompt];
            Arrays.setAll(ids, j -> random.below(j, model.config().vocabSize()));
            requests.add(new GenerationRequest(ids, samples, random.derive("sampling")));
        }
        SamplingOptions options =
                SamplingOptions.sampling(1, newTokens, new int[0]).ignoringStops();
        return () -> generator.generate(requests, options);
    }
}
