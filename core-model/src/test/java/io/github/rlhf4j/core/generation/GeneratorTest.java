package io.github.rlhf4j.core.generation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.github.rlhf4j.core.UserError;
import io.github.rlhf4j.core.kernels.cpu.CpuKernels;
import io.github.rlhf4j.core.kernels.reference.ReferenceKernels;
import io.github.rlhf4j.core.model.ModelConfig;
import io.github.rlhf4j.core.model.PackedBatch;
import io.github.rlhf4j.core.model.TokenSequence;
import io.github.rlhf4j.core.model.Transformer;
import io.github.rlhf4j.core.tensor.DataType;
import io.github.rlhf4j.core.tensor.NativeMemory;
import io.github.rlhf4j.core.tensor.Tensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The generator on a small random model. Log-probs are compared with the training forward pass, float32 on both sides. */
class GeneratorTest {
    private static final int[] NO_STOPS = {};
    private static final CpuKernels KERNELS = new CpuKernels(2);
    private static final Transformer MODEL = SampledModels.create(KERNELS);

    @AfterAll
    static void close() {
        MODEL.close();
        KERNELS.close();
    }

    private static List<Generated> generate(
            GenerationLimits limits, List<GenerationRequest> requests, SamplingOptions options) {
        try (Generator generator = new Generator(MODEL, limits)) {
            return generator.generate(requests, options);
        }
    }

    private static List<Generated> generate(List<GenerationRequest> requests, SamplingOptions options) {
        return generate(GenerationLimits.DEFAULT, requests, options);
    }

    /** Prompts of 1 .. 60 tokens, on both sides of pages' borders, with 1 .. 3 samples. */
    private static List<GenerationRequest> manyRequests() {
        int[] lengths = {1, 5, 31, 32, 33, 60, 17, 2, 64, 7, 40};
        return IntStream.range(0, lengths.length)
                .mapToObj(i -> SampledModels.request(i, lengths[i], 1 + i % 3))
                .toList();
    }

    private static void assertSame(Generated actual, Generated expected) {
        assertThat(actual.ids()).isEqualTo(expected.ids());
        assertThat(actual.logProbs()).isEqualTo(expected.logProbs()); // to the bit
        assertThat(actual.finishReason()).isEqualTo(expected.finishReason());
    }

    private static void assertClose(Generated actual, Generated expected) {
        assertThat(actual.ids()).isEqualTo(expected.ids());
        for (int i = 0; i < expected.ids().length; i++) {
            assertThat(actual.logProbs()[i]).isCloseTo(expected.logProbs()[i], within(1e-5));
        }
    }

    @Test
    void greedyTakesTheMostLikelyTokenOfAForwardPassOverAllThatWentBefore() {
        int[] prompt = SampledModels.prompt(3, 9);
        Generated generated = generate(List.of(SampledModels.request(3, 9, 1)), SamplingOptions.greedy(60, NO_STOPS))
                .get(0);
        List<Integer> ids = new ArrayList<>(IntStream.of(prompt).boxed().toList());
        try (NativeMemory memory = new NativeMemory(1 << 16)) {
            Tensor logits = memory.allocate(DataType.FLOAT, 1, SampledModels.VOCABULARY);
            for (int id : generated.ids()) {
                int[] all = ids.stream().mapToInt(Integer::intValue).toArray();
                PackedBatch batch = PackedBatch.ofSingles(List.of(new TokenSequence(all, NO_STOPS, NO_STOPS)));
                MODEL.logits(batch, new int[] {all.length - 1}, logits);
                double[] row = logits.toArray();
                assertThat(row[id]).isCloseTo(Arrays.stream(row).max().orElseThrow(), within(1e-5));
                ids.add(id);
            }
        }
        assertThat(generated.ids()).hasSize(60);
    }

    @Test
    void reportsTheLogProbsOfTheTrainingForwardPassAtTheTemperature() {
        for (double temperature : new double[] {0.7, 1, 1.8}) {
            List<GenerationRequest> requests = manyRequests();
            SamplingOptions options = SamplingOptions.sampling(temperature, 50, NO_STOPS)
                    .withTopK(12)
                    .withTopP(0.9)
                    .withRepetitionPenalty(1.2);
            for (Generated generated : generate(requests, options)) {
                int[] prompt = requests.get(generated.request()).promptIds();
                double[] expected = SampledModels.logProbs(MODEL, prompt, generated.ids(), temperature);
                for (int i = 0; i < expected.length; i++) {
                    assertThat(generated.logProbs()[i]).isCloseTo(expected[i], within(2e-5));
                }
            }
        }
    }

    @Test
    void aTextDoesNotDependOnTheOthersNorOnTheLimitsToTheBit() {
        List<GenerationRequest> requests = manyRequests();
        SamplingOptions options = SamplingOptions.sampling(1, 40, new int[] {4});
        List<Generated> together = generate(requests, options);
        assertThat(together.stream().map(Generated::finishReason)).contains(FinishReason.STOP, FinishReason.LENGTH);
        long page = 3 * 2 * 12 * 32 * 4; // layers, keys and values, width, positions, bytes
        for (GenerationLimits limits : List.of(
                new GenerationLimits(1, 1 << 30, 1),
                new GenerationLimits(3, 1 << 30, 100),
                new GenerationLimits(16, 6 * page, 64))) {
            List<Generated> apart = generate(limits, requests, options);
            assertThat(apart).hasSameSizeAs(together);
            for (int i = 0; i < apart.size(); i++) {
                assertThat(apart.get(i).request()).isEqualTo(together.get(i).request());
                assertThat(apart.get(i).sample()).isEqualTo(together.get(i).sample());
                assertSame(apart.get(i), together.get(i));
            }
        }
        for (Generated generated : together) {
            if (generated.sample() == 0) {
                GenerationRequest request = requests.get(generated.request());
                GenerationRequest single = new GenerationRequest(request.promptIds(), 1, request.random());
                assertSame(generate(List.of(single), options).get(0), generated);
            }
        }
    }

    @Test
    void samplesOfOnePromptDifferAndAreEachItsOwnWhateverTheirNumber() {
        SamplingOptions options = SamplingOptions.sampling(1, 40, NO_STOPS);
        List<Generated> eight = generate(List.of(SampledModels.request(1, 45, 8)), options);
        List<Generated> three = generate(List.of(SampledModels.request(1, 45, 3)), options);
        for (int i = 0; i < 3; i++) {
            assertSame(three.get(i), eight.get(i));
        }
        assertThat(eight.stream().map(Generated::ids).map(Arrays::toString).distinct())
                .hasSize(8);
    }

    @Test
    void givesTheSameBitsForEveryNumberOfThreads() {
        SamplingOptions options = SamplingOptions.sampling(1, 40, NO_STOPS);
        List<Generated> two = generate(manyRequests(), options);
        try (CpuKernels one = new CpuKernels(1);
                Transformer model = SampledModels.create(one);
                Generator generator = new Generator(model)) {
            List<Generated> single = generator.generate(manyRequests(), options);
            for (int i = 0; i < two.size(); i++) {
                assertThat(single.get(i).ids()).isEqualTo(two.get(i).ids());
                assertThat(single.get(i).logProbs()).isEqualTo(two.get(i).logProbs());
            }
        }
    }

    @Test
    void agreesWithThePlainLoopsInDouble() {
        SamplingOptions options = SamplingOptions.sampling(1, 30, NO_STOPS);
        List<GenerationRequest> requests = List.of(SampledModels.request(1, 33, 2), SampledModels.request(2, 4, 1));
        List<Generated> fast = generate(requests, options);
        try (Transformer model = SampledModels.create(new ReferenceKernels(DataType.DOUBLE));
                Generator generator = new Generator(model)) {
            List<Generated> plain = generator.generate(requests, options);
            for (int i = 0; i < fast.size(); i++) {
                assertClose(fast.get(i), plain.get(i));
            }
        }
    }

    static List<ModelConfig> otherKinds() {
        return SampledModels.others();
    }

    @ParameterizedTest
    @MethodSource("otherKinds")
    void everyKindOfModelGeneratesWhatItsForwardPassSaysWhateverIsInTheBatch(ModelConfig config) {
        List<GenerationRequest> requests = manyRequests();
        SamplingOptions options = SamplingOptions.sampling(1, 40, NO_STOPS);
        try (Transformer model = SampledModels.create(config, KERNELS);
                Generator together = new Generator(model);
                Generator apart = new Generator(model, new GenerationLimits(1, 1 << 30, 1));
                CpuKernels one = new CpuKernels(1);
                Transformer same = SampledModels.create(config, one);
                Generator onOneThread = new Generator(same)) {
            List<Generated> texts = together.generate(requests, options);
            List<Generated> singles = apart.generate(requests, options);
            List<Generated> ofOneThread = onOneThread.generate(requests, options);
            for (int i = 0; i < texts.size(); i++) {
                Generated text = texts.get(i);
                assertSame(singles.get(i), text);
                assertSame(ofOneThread.get(i), text);
                int[] prompt = requests.get(text.request()).promptIds();
                double[] expected = SampledModels.logProbs(model, prompt, text.ids(), 1);
                for (int j = 0; j < expected.length; j++) {
                    assertThat(text.logProbs()[j]).isCloseTo(expected[j], within(2e-5));
                }
            }
        }
    }

    @Test
    void endsWithTheFirstStopTokenUnlessToldToIgnoreIt() {
        SamplingOptions free = SamplingOptions.sampling(1, 40, NO_STOPS);
        List<GenerationRequest> requests = List.of(SampledModels.request(8, 10, 1));
        int[] ids = generate(requests, free).get(0).ids();
        int stop = ids[11];
        int first = IntStream.range(0, ids.length)
                .filter(i -> ids[i] == stop)
                .findFirst()
                .orElseThrow();
        SamplingOptions stopping = SamplingOptions.sampling(1, 40, new int[] {stop});
        Generated stopped = generate(requests, stopping).get(0);
        assertThat(stopped.ids()).isEqualTo(Arrays.copyOf(ids, first + 1));
        assertThat(stopped.idsWithoutStop()).isEqualTo(Arrays.copyOf(ids, first));
        assertThat(stopped.finishReason()).isEqualTo(FinishReason.STOP);
        assertThat(generate(requests, stopping.ignoringStops()).get(0).ids()).isEqualTo(ids);
    }

    @Test
    void endsWhereTheContextEndsAndRefusesAPromptThatFillsIt() {
        SamplingOptions options = SamplingOptions.greedy(100, NO_STOPS);
        Generated cut = generate(List.of(SampledModels.request(1, SampledModels.CONTEXT - 7, 1)), options)
                .get(0);
        assertThat(cut.ids()).hasSize(7);
        assertThat(cut.finishReason()).isEqualTo(FinishReason.LENGTH);
        List<GenerationRequest> full =
                List.of(SampledModels.request(1, 5, 1), SampledModels.request(2, SampledModels.CONTEXT, 1));
        assertThatThrownBy(() -> generate(full, options))
                .isInstanceOf(UserError.class)
                .hasMessageContaining("prompt 2 has 128 tokens");
    }

    @Test
    void refusesASequenceThatNeverFitsIntoTheCache() {
        GenerationLimits limits = new GenerationLimits(4, 20_000, 64);
        assertThatThrownBy(() -> generate(limits, manyRequests(), SamplingOptions.greedy(20, NO_STOPS)))
                .isInstanceOf(UserError.class)
                .hasMessageContaining("cached keys and values");
    }

    @Test
    void tellsOfTokensAsTheyCome() {
        List<Integer> heard = new ArrayList<>();
        List<Generated> finished = new ArrayList<>();
        GenerationListener listener = new GenerationListener() {
            @Override
            public void onToken(int request, int sample, int index, int id) {
                assertThat(index).isEqualTo(heard.size());
                heard.add(id);
            }

            @Override
            public void onFinished(Generated generated) {
                finished.add(generated);
            }
        };
        try (Generator generator = new Generator(MODEL)) {
            List<Generated> result = generator.generate(
                    List.of(SampledModels.request(1, 4, 1)), SamplingOptions.greedy(9, NO_STOPS), listener);
            assertThat(heard.stream().mapToInt(Integer::intValue).toArray())
                    .isEqualTo(result.get(0).ids());
            assertThat(finished).isEqualTo(result);
        }
    }

    @Test
    void keepsItsCacheFromCallToCallAndSeesNewWeights() {
        List<GenerationRequest> requests = manyRequests();
        SamplingOptions options = SamplingOptions.greedy(20, NO_STOPS);
        try (Transformer model = MODEL.copy(false);
                Generator generator = new Generator(model)) {
            List<Generated> first = generator.generate(requests, options);
            long bytes = generator.cacheBytes();
            for (int i = 0; i < 3; i++) {
                assertSame(generator.generate(requests, options).get(3), first.get(3));
            }
            model.parameters().all().forEach(parameter -> KERNELS.scale(parameter.value(), 1.5));
            assertThat(generator.generate(requests, options).get(3).logProbs())
                    .isNotEqualTo(first.get(3).logProbs());
            assertThat(generator.cacheBytes()).isEqualTo(bytes);
            assertThat(first)
                    .hasSize(requests.stream()
                            .mapToInt(GenerationRequest::samples)
                            .sum());
        }
    }
}
