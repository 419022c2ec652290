package io.github.rlhf4j.core.generation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.rlhf4j.core.UserError;
import io.github.rlhf4j.core.kernels.KernelMeter;
import io.github.rlhf4j.core.kernels.cpu.CpuKernels;
import io.github.rlhf4j.core.model.ModelConfig;
import io.github.rlhf4j.core.model.Transformer;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;

/** Guessed tokens change no text, whoever guesses, and save passes where they are right. */
class SpeculationTest {
    private static final int[] NO_STOPS = {};
    private static final CpuKernels KERNELS = new CpuKernels(2);
    private static final Transformer MODEL = SampledModels.create(KERNELS);
    private static final Transformer OTHER =
            SampledModels.create(ModelConfig.llama(SampledModels.VOCABULARY, 16, 32, 2, 2, 1, 128, true), KERNELS);

    @AfterAll
    static void close() {
        OTHER.close();
        MODEL.close();
        KERNELS.close();
    }

    /** Prompts that repeat themselves, so that something is looked up, on both sides of pages' borders. */
    private static List<GenerationRequest> requests() {
        int[] lengths = {1, 30, 33, 60, 2, 64};
        return IntStream.range(0, lengths.length)
                .mapToObj(i -> {
                    GenerationRequest random = SampledModels.request(i, lengths[i], 1 + i % 2);
                    int[] ids = random.promptIds();
                    int[] repeating =
                            IntStream.range(0, ids.length).map(j -> ids[j % 7]).toArray();
                    return new GenerationRequest(repeating, random.samples(), random.random());
                })
                .toList();
    }

    private static List<SamplingOptions> options() {
        SamplingOptions sampling = SamplingOptions.sampling(0.6, 45, new int[] {4});
        return List.of(
                SamplingOptions.greedy(50, NO_STOPS),
                sampling,
                sampling.withTopK(6).withRepetitionPenalty(1.3));
    }

    private static List<Speculation> guesses() {
        return List.of(
                Speculation.promptLookup(7),
                new Speculation(3, 4, Optional.empty(), 5),
                Speculation.assisted(OTHER, 4),
                Speculation.assisted(MODEL, 7));
    }

    @Test
    void changesNoTextOfTheGeneratorToTheBit() {
        for (SamplingOptions options : options()) {
            try (Generator generator = new Generator(MODEL)) {
                List<Generated> expected = generator.generate(requests(), options);
                for (Speculation guesses : guesses()) {
                    generator.speculate(guesses);
                    List<Generated> actual = generator.generate(requests(), options);
                    assertThat(actual).hasSameSizeAs(expected);
                    for (int i = 0; i < actual.size(); i++) {
                        assertThat(actual.get(i).ids())
                                .isEqualTo(expected.get(i).ids());
                        assertThat(actual.get(i).logProbs())
                                .isEqualTo(expected.get(i).logProbs());
                        assertThat(actual.get(i).finishReason())
                                .isEqualTo(expected.get(i).finishReason());
                    }
                }
            }
        }
    }

    /** Hears the tokens of one request, by sample. */
    private static final class Heard implements LiveListener {
        private final List<List<Integer>> ids = List.of(new ArrayList<>(), new ArrayList<>());
        private final List<List<Double>> logProbs = List.of(new ArrayList<>(), new ArrayList<>());
        private final List<FinishReason> ends = new ArrayList<>();

        @Override
        public void onToken(int sample, int index, int id, double logProb, @Nullable TopTokens tops) {
            assertThat(ids.get(sample)).hasSize(index);
            ids.get(sample).add(id);
            logProbs.get(sample).add(logProb);
        }

        @Override
        public void onFinished(int sample, FinishReason reason) {
            ends.add(reason);
        }

        @Override
        public void onFailed(RuntimeException why) {
            throw why;
        }

        @Override
        public boolean isUnwanted() {
            return false;
        }
    }

    private static List<Heard> served(SamplingOptions options, Speculation guesses, GenerationLimits limits) {
        List<Heard> heard = new ArrayList<>();
        try (ContinuousBatch batch = new ContinuousBatch(MODEL, limits)) {
            batch.speculate(guesses);
            for (GenerationRequest request : requests()) {
                heard.add(new Heard());
                batch.add(
                        new LiveRequest(request, options, LogitChanges.NONE, true, false, heard.get(heard.size() - 1)));
                batch.step();
            }
            while (batch.step()) {
                assertThat(batch.running()).isLessThanOrEqualTo(limits.sequences());
            }
            assertThat(batch.cacheUse()).isZero();
        }
        return heard;
    }

    @Test
    void changesNoTextOfTheServersBatchToTheBit() {
        GenerationLimits few = new GenerationLimits(4, 1 << 18, 64);
        for (SamplingOptions options : options()) {
            List<Heard> expected = served(options, Speculation.NONE, GenerationLimits.DEFAULT);
            for (Speculation guesses : guesses()) {
                for (GenerationLimits limits : List.of(GenerationLimits.DEFAULT, few)) {
                    List<Heard> actual = served(options, guesses, limits);
                    for (int i = 0; i < actual.size(); i++) {
                        assertThat(actual.get(i).ids).isEqualTo(expected.get(i).ids);
                        assertThat(actual.get(i).logProbs).isEqualTo(expected.get(i).logProbs);
                        assertThat(actual.get(i).ends).containsExactlyInAnyOrderElementsOf(expected.get(i).ends);
                    }
                }
            }
        }
    }

    @Test
    void savesPassesWhereGuessesAreRight() {
        KernelMeter meter = new KernelMeter(KERNELS);
        List<GenerationRequest> one = List.of(SampledModels.request(1, 20, 1));
        SamplingOptions options = SamplingOptions.sampling(1, 64, NO_STOPS);
        try (Transformer metered = SampledModels.create(meter.kernels());
                Generator generator = new Generator(metered)) {
            generator.generate(one, options);
            long usual = Objects.requireNonNull(meter.tallies().get("decodeAttention"))
                    .calls();
            generator.speculate(Speculation.assisted(MODEL, 7)); // the same weights: every guess is right
            meter.reset();
            generator.generate(one, options);
            assertThat(Objects.requireNonNull(meter.tallies().get("decodeAttention"))
                            .calls())
                    .isLessThan(usual / 6);
        }
    }

    @Test
    void anAssistantMustHaveTheModelsVocabulary() {
        try (Transformer other = SampledModels.create(ModelConfig.llama(64, 16, 32, 2, 2, 1, 128, true), KERNELS);
                Generator generator = new Generator(MODEL)) {
            assertThatThrownBy(() -> generator.speculate(Speculation.assisted(other, 3)))
                    .isInstanceOf(UserError.class)
                    .hasMessageContaining("vocabulary of 40 tokens, but has 64");
        }
        assertThatThrownBy(() -> Speculation.promptLookup(8))
                .isInstanceOf(UserError.class)
                .hasMessage("prompt_lookup_num_tokens must be in 0 .. 7, but is 8");
    }

    /** As transformers' PromptLookupCandidateGenerator: the longest end first, its first place, what followed it. */
    @Test
    void looksUpWhatFollowedTheFirstPlaceOfTheLongestEnd() {
        int[] text = {1, 2, 3, 9, 2, 3, 7, 1, 2, 3};
        assertThat(PromptLookup.guess(text, 2, 3)).containsExactly(9, 2, 3); // 2 3 at 1
        assertThat(PromptLookup.guess(text, 3, 2)).containsExactly(9, 2); // 1 2 3 at 0
        assertThat(PromptLookup.guess(new int[] {5, 6, 5}, 2, 4))
                .containsExactly(6, 5); // 6 5 came never before; 5 at 0
        assertThat(PromptLookup.guess(new int[] {5, 6, 7}, 2, 4)).isEmpty();
        assertThat(PromptLookup.guess(new int[] {5}, 2, 4)).isEmpty();
        assertThat(PromptLookup.guess(text, 2, 0)).isEmpty();
    }
}
