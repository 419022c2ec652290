package io.github.rlhf4j.core.generation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.github.rlhf4j.core.CounterRandom;
import io.github.rlhf4j.core.kernels.Kernels;
import io.github.rlhf4j.core.kernels.cpu.CpuKernels;
import io.github.rlhf4j.core.model.ModelConfig;
import io.github.rlhf4j.core.model.TokenSequence;
import io.github.rlhf4j.core.model.Transformer;
import io.github.rlhf4j.core.optim.LearningRateSchedule;
import io.github.rlhf4j.core.train.BatchScorer;
import io.github.rlhf4j.core.train.ModelTrainer;
import io.github.rlhf4j.core.train.NextTokenLoss;
import io.github.rlhf4j.core.train.OptimizerSettings;
import io.github.rlhf4j.core.train.StepResult;
import io.github.rlhf4j.core.train.WeightedObjective;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** A model that computes in the order of generation: what the sampler reports is what a training pass computes, to the bit. */
class ComputesAsGeneratedTest {
    private static final int[] NO_STOPS = {};
    private static final double TEMPERATURE = 0.7;

    /** A Llama with biases and a window, Qwen3's norms of heads, GPT-2, a Mixtral with a window. */
    static Stream<ModelConfig> families() {
        try (CpuKernels kernels = new CpuKernels(1);
                Transformer llama = SampledModels.create(kernels)) {
            return Stream.concat(Stream.of(llama.config()), SampledModels.others().stream());
        }
    }

    @ParameterizedTest
    @MethodSource("families")
    void theSamplersLogProbsAreTheTrainersWhateverTheBatch(ModelConfig config) {
        for (int threads : new int[] {1, 2}) {
            try (CpuKernels kernels = new CpuKernels(threads, 3);
                    Transformer model = exact(config, kernels);
                    Generator generator = new Generator(model)) {
                List<GenerationRequest> requests = requests();
                compare(model, requests, sample(generator, requests));
                try (ModelTrainer trainer = trainer(model)) {
                    trainer.optimize(List.of(WeightedObjective.of(
                            examples(requests, sample(generator, requests)), new NextTokenLoss(0))));
                    compare(model, requests, sample(generator, requests)); // with other weights
                }
            }
        }
    }

    private static void compare(Transformer model, List<GenerationRequest> requests, List<Generated> samples) {
        List<List<TokenSequence>> groups = examples(requests, samples);
        for (int microBatch : new int[] {10_000, 150, 1}) {
            List<List<BatchScorer.Scored>> scored = new BatchScorer(model, microBatch).score(groups, TEMPERATURE);
            for (int i = 0; i < samples.size(); i++) {
                assertThat(scored.get(i).get(0).logProbs())
                        .as("sample " + i)
                        .containsExactly(samples.get(i).logProbs());
            }
        }
        for (int i = 0; i < samples.size(); i += 5) {
            assertThat(new BatchScorer(model, 64)
                            .score(List.of(groups.get(i)), TEMPERATURE)
                            .get(0)
                            .get(0)
                            .logProbs())
                    .containsExactly(samples.get(i).logProbs());
        }
    }

    @ParameterizedTest
    @MethodSource("families")
    void aStepIsThatOfTheUsualOrderButForRounding(ModelConfig config) {
        try (CpuKernels kernels = new CpuKernels(2);
                Transformer usual = SampledModels.create(config, kernels);
                Transformer exact = exact(config, kernels);
                Generator generator = new Generator(usual);
                ModelTrainer one = trainer(usual);
                ModelTrainer other = trainer(exact)) {
            List<GenerationRequest> requests = requests();
            List<List<TokenSequence>> examples = examples(requests, sample(generator, requests));

            StepResult expected = one.optimize(List.of(WeightedObjective.of(examples, new NextTokenLoss(0))));
            StepResult result = other.optimize(List.of(WeightedObjective.of(examples, new NextTokenLoss(0))));

            assertThat(result.loss()).isCloseTo(expected.loss(), within(1e-6));
            assertThat(result.gradientNorm()).isCloseTo(expected.gradientNorm(), within(1e-5));
            usual.parameters()
                    .all()
                    .forEach(parameter -> assertThat(exact.parameters()
                                    .get(parameter.name())
                                    .gradient()
                                    .orElseThrow()
                                    .toArray())
                            .containsExactly(parameter.gradient().orElseThrow().toArray(), within(1e-5)));
        }
    }

    private static Transformer exact(ModelConfig config, Kernels kernels) {
        Transformer model = SampledModels.create(config, kernels);
        model.computeAsGenerated();
        return model;
    }

    private static ModelTrainer trainer(Transformer model) {
        OptimizerSettings settings = new OptimizerSettings(0.9, 0.999, 1e-8, 0, 1, 150, false, 0);
        return new ModelTrainer(model, 1e-2, new LearningRateSchedule.Constant(), settings, CounterRandom.of(1));
    }

    private static List<GenerationRequest> requests() {
        return IntStream.of(1, 33, 7, 64, 2, 20, 41, 90, 3)
                .mapToObj(length -> SampledModels.request(length, length, 2))
                .toList();
    }

    private static List<Generated> sample(Generator generator, List<GenerationRequest> requests) {
        return generator.generate(requests, SamplingOptions.sampling(TEMPERATURE, 37, NO_STOPS));
    }

    private static List<List<TokenSequence>> examples(List<GenerationRequest> requests, List<Generated> samples) {
        List<List<TokenSequence>> examples = new ArrayList<>();
        for (Generated sample : samples) {
            int[] prompt = requests.get(sample.request()).promptIds();
            int[] ids = IntStream.concat(IntStream.of(prompt), IntStream.of(sample.ids()))
                    .toArray();
            examples.add(List.of(TokenSequence.completion(ids, prompt.length)));
        }
        return examples;
    }
}
