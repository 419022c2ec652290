package io.github.rlhf4j.core.generation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.github.rlhf4j.core.CounterRandom;
import io.github.rlhf4j.core.UserError;
import io.github.rlhf4j.core.kernels.cpu.CpuKernels;
import io.github.rlhf4j.core.model.ModelConfig;
import io.github.rlhf4j.core.model.Transformer;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;

class ContinuousBatchTest {
    private static final int[] NO_STOPS = {};
    private static final long PAGE = 3 * 2 * 12 * 32 * 4; // bytes: layers, keys and values, width, positions, float
    private static final CpuKernels KERNELS = new CpuKernels(2);
    private static final Transformer MODEL = SampledModels.create(KERNELS);

    @AfterAll
    static void close() {
        MODEL.close();
        KERNELS.close();
    }

    /** Remembers what it hears. */
    private static final class Heard implements LiveListener {
        private final Map<Integer, List<Integer>> ids = new TreeMap<>();
        private final Map<Integer, List<Double>> logProbs = new TreeMap<>();
        final Map<Integer, FinishReason> ends = new TreeMap<>();
        final List<TopTokens> top = new ArrayList<>();

        @Nullable
        PromptLogProbs prompt;

        @Nullable
        RuntimeException failure;

        boolean unwanted;
        int cached;

        @Override
        public void onComputed(int cachedTokens) {
            cached += cachedTokens;
        }

        @Override
        public void onPrompt(PromptLogProbs read) {
            prompt = read;
        }

        @Override
        public void onToken(int sample, int index, int id, double logProb, @Nullable TopTokens tops) {
            ids.computeIfAbsent(sample, key -> new ArrayList<>()).add(id);
            logProbs.computeIfAbsent(sample, key -> new ArrayList<>()).add(logProb);
            assertThat(ids(sample)).hasSize(index + 1);
            if (tops != null) {
                top.add(tops);
            }
        }

        @Override
        public void onFinished(int sample, FinishReason reason) {
            assertThat(ends.put(sample, reason)).isNull();
        }

        @Override
        public void onFailed(RuntimeException why) {
            failure = why;
            unwanted = true;
        }

        @Override
        public boolean isUnwanted() {
            return unwanted;
        }

        List<Integer> ids(int sample) {
            return ids.getOrDefault(sample, List.of());
        }

        List<Double> logProbs(int sample) {
            return logProbs.getOrDefault(sample, List.of());
        }

        int[] of(int sample) {
            return ids(sample).stream().mapToInt(Integer::intValue).toArray();
        }
    }

    private static List<GenerationRequest> requests() {
        int[] lengths = {1, 5, 31, 32, 33, 60, 17, 2, 64, 7, 40};
        return IntStream.range(0, lengths.length)
                .mapToObj(i -> SampledModels.request(i, lengths[i], 1 + i % 3))
                .toList();
    }

    private static SamplingOptions options(int request) {
        SamplingOptions plain = SamplingOptions.sampling(0.7 + 0.1 * (request % 4), 30 + 3 * request, new int[] {4});
        return switch (request % 4) {
            case 0 -> SamplingOptions.greedy(40, new int[] {4});
            case 1 -> plain.withTopK(12).withTopP(0.9);
            case 2 -> plain.withRepetitionPenalty(1.3);
            default -> plain;
        };
    }

    private static LiveRequest live(GenerationRequest request, SamplingOptions options, Heard heard) {
        return new LiveRequest(request, options, LogitChanges.NONE, false, false, heard);
    }

    /** All requests, some at once and the others while those run. */
    private static List<Heard> run(GenerationLimits limits, int atOnce) {
        List<Heard> heard = new ArrayList<>();
        try (ContinuousBatch batch = new ContinuousBatch(MODEL, limits)) {
            for (int i = 0; i < requests().size(); i++) {
                heard.add(new Heard());
                LiveRequest request = live(requests().get(i), options(i), heard.get(i));
                batch.check(request);
                batch.add(request);
                for (int step = 0; i % atOnce == 0 && step < 3; step++) {
                    batch.step();
                }
            }
            while (batch.step()) {
                assertThat(batch.running()).isLessThanOrEqualTo(limits.sequences());
            }
            assertThat(batch.cacheUse()).isZero();
        }
        return heard;
    }

    @Test
    void textsAreThoseOfTheGeneratorWhateverElseRunsAndHoweverSmallTheCacheIs() {
        List<Heard> together = run(GenerationLimits.DEFAULT, 100);
        for (GenerationLimits limits : List.of(
                new GenerationLimits(3, 1 << 30, 1),
                new GenerationLimits(16, 1 << 30, 100),
                new GenerationLimits(16, 5 * PAGE, 64), // sequences give their pages back to older ones
                new GenerationLimits(4, 7 * PAGE, 64))) {
            for (int atOnce : new int[] {1, 3}) {
                List<Heard> apart = run(limits, atOnce);
                for (int i = 0; i < apart.size(); i++) {
                    assertThat(apart.get(i).ids).isEqualTo(together.get(i).ids);
                    assertThat(apart.get(i).ends).isEqualTo(together.get(i).ends);
                }
            }
        }
        try (Generator generator = new Generator(MODEL)) {
            for (int i = 0; i < together.size(); i++) {
                for (Generated expected : generator.generate(List.of(requests().get(i)), options(i))) {
                    assertThat(together.get(i).of(expected.sample())).isEqualTo(expected.ids());
                    assertThat(together.get(i).ends.get(expected.sample())).isEqualTo(expected.finishReason());
                }
            }
        }
    }

    @Test
    void tellsTheModelsOwnLogProbsWhateverChoosesAndThoseOfThePrompt() {
        for (int length : new int[] {1, 33, 100}) {
            Heard heard = new Heard();
            GenerationRequest request = SampledModels.request(7, length, 2);
            SamplingOptions options = SamplingOptions.sampling(0.5, 20, NO_STOPS)
                    .withTopK(5)
                    .withRepetitionPenalty(1.5)
                    .withTopLogProbs(3);
            try (ContinuousBatch batch = new ContinuousBatch(MODEL, GenerationLimits.DEFAULT)) {
                LogitChanges changes = new LogitChanges(Map.of(3, 1f), 0.5, 0.5);
                batch.add(new LiveRequest(request, options, changes, true, true, heard));
                while (batch.step()) {}
            }
            PromptLogProbs prompt = Objects.requireNonNull(heard.prompt);
            int[] rest = IntStream.of(request.promptIds()).skip(1).toArray();
            double[] ofPrompt = length == 1
                    ? new double[0]
                    : SampledModels.logProbs(MODEL, new int[] {request.promptIds()[0]}, rest, 1);
            assertThat(prompt.logProbs()).hasSize(length - 1);
            for (int i = 0; i < ofPrompt.length; i++) {
                assertThat(prompt.logProbs()[i]).isCloseTo(ofPrompt[i], within(2e-5));
                assertThat(prompt.top().get(i).ids()).hasSize(3);
                assertThat((double) prompt.top().get(i).logProbs()[0]).isGreaterThan(ofPrompt[i] - 2e-5);
            }
            for (int sample = 0; sample < 2; sample++) {
                double[] expected = SampledModels.logProbs(MODEL, request.promptIds(), heard.of(sample), 1);
                for (int i = 0; i < expected.length; i++) {
                    assertThat(heard.logProbs(sample).get(i)).isCloseTo(expected[i], within(2e-5));
                }
            }
            assertThat(heard.top).hasSize(40);
        }
    }

    @Test
    void readingThePromptDoesNotChangeTheText() {
        List<List<Integer>> texts = new ArrayList<>();
        for (boolean reads : new boolean[] {false, true}) {
            Heard heard = new Heard();
            try (ContinuousBatch batch = new ContinuousBatch(MODEL, GenerationLimits.DEFAULT)) {
                batch.add(new LiveRequest(
                        SampledModels.request(2, 70, 1),
                        SamplingOptions.sampling(1, 40, NO_STOPS),
                        LogitChanges.NONE,
                        false,
                        reads,
                        heard));
                while (batch.step()) {}
            }
            texts.add(heard.ids(0));
        }
        assertThat(texts.get(1)).isEqualTo(texts.get(0));
    }

    /** The same beginning of 70 tokens, then some of its own. */
    private static GenerationRequest withCommonBeginning(int number, int own, int samples) {
        int[] ids = IntStream.concat(
                        IntStream.of(SampledModels.prompt(99, 70)), IntStream.of(SampledModels.prompt(number, own)))
                .toArray();
        return new GenerationRequest(ids, samples, CounterRandom.of(number));
    }

    private static List<Heard> withCommonBeginnings(GenerationLimits limits, boolean sharing, int atOnce) {
        List<Heard> heard = new ArrayList<>();
        try (ContinuousBatch batch = new ContinuousBatch(MODEL, limits, sharing)) {
            for (int i = 0; i < 12; i++) {
                heard.add(new Heard());
                GenerationRequest request = withCommonBeginning(i % 7, 1 + 9 * (i % 5), 1 + i % 2);
                SamplingOptions options =
                        SamplingOptions.sampling(0.9, 20 + 5 * i, NO_STOPS).withTopLogProbs(2);
                batch.add(new LiveRequest(request, options, LogitChanges.NONE, true, i % 4 == 3, heard.get(i)));
                for (int step = 0; i % atOnce == 0 && step < 4; step++) {
                    batch.step();
                }
            }
            while (batch.step()) {}
            assertThat(batch.cacheUse()).isZero();
        }
        return heard;
    }

    @Test
    void equalBeginningsAreComputedOnceAndChangeNoBit() {
        List<Heard> apart = withCommonBeginnings(GenerationLimits.DEFAULT, false, 1);
        assertThat(apart).allSatisfy(heard -> assertThat(heard.cached).isZero());
        for (GenerationLimits limits : List.of(
                GenerationLimits.DEFAULT,
                new GenerationLimits(3, 1 << 30, 1), // parts of 32 tokens
                new GenerationLimits(16, 1 << 30, 100),
                new GenerationLimits(4, 9 * PAGE, 64))) { // pages are needed again, and some computed again
            for (int atOnce : new int[] {1, 3, 100}) {
                List<Heard> shared = withCommonBeginnings(limits, true, atOnce);
                for (int i = 0; i < shared.size(); i++) {
                    assertThat(shared.get(i).ids).isEqualTo(apart.get(i).ids);
                    assertThat(shared.get(i).logProbs).isEqualTo(apart.get(i).logProbs);
                    assertThat(shared.get(i).prompt == null).isEqualTo(apart.get(i).prompt == null);
                    if (shared.get(i).prompt != null) {
                        assertThat(Objects.requireNonNull(shared.get(i).prompt).logProbs())
                                .isEqualTo(Objects.requireNonNull(apart.get(i).prompt)
                                        .logProbs());
                    }
                }
                assertThat(shared.stream().mapToInt(heard -> heard.cached).sum())
                        .isPositive();
            }
        }
        List<Heard> roomy = withCommonBeginnings(GenerationLimits.DEFAULT, true, 100);
        assertThat(roomy.get(1).cached).isEqualTo(64); // asked in the step in which the first one is computed
        assertThat(roomy.get(3).cached).isZero(); // its log-probs are wanted
    }

    @Test
    void aLongPromptDoesNotStopTheOthers() {
        Heard writing = new Heard();
        Heard longest = new Heard();
        Heard brief = new Heard();
        try (ContinuousBatch batch = new ContinuousBatch(MODEL, new GenerationLimits(8, 1 << 30, 64))) {
            batch.add(live(SampledModels.request(1, 5, 1), SamplingOptions.sampling(1, 100, NO_STOPS), writing));
            batch.step();
            batch.add(live(SampledModels.request(2, 120, 1), SamplingOptions.sampling(1, 3, NO_STOPS), longest));
            batch.add(live(SampledModels.request(3, 20, 1), SamplingOptions.sampling(1, 3, NO_STOPS), brief));
            batch.step();
            assertThat(writing.ids(0)).hasSize(2);
            assertThat(brief.ids(0)).hasSize(1);
            assertThat(longest.ids(0)).isEmpty();
            while (longest.ids(0).isEmpty()) {
                batch.step();
            }
            assertThat(writing.ids(0)).hasSizeBetween(4, 6); // one a step
        }
    }

    @Test
    void aBiasBringsATokenAndAPenaltyKeepsItFromComingAgain() {
        Heard biased = new Heard();
        Heard penalised = new Heard();
        try (ContinuousBatch batch = new ContinuousBatch(MODEL, GenerationLimits.DEFAULT)) {
            SamplingOptions greedy = SamplingOptions.greedy(20, NO_STOPS);
            GenerationRequest request = SampledModels.request(1, 5, 1);
            batch.add(new LiveRequest(request, greedy, new LogitChanges(Map.of(11, 100f), 0, 0), false, false, biased));
            batch.add(new LiveRequest(request, greedy, new LogitChanges(Map.of(), 2, 2), false, false, penalised));
            while (batch.step()) {}
        }
        assertThat(biased.ids(0)).containsOnly(11);
        assertThat(penalised.ids(0).stream().distinct().count()).isGreaterThan(10);
    }

    @Test
    void whatNobodyWantsMakesRoom() {
        Heard left = new Heard();
        Heard never = new Heard();
        Heard kept = new Heard();
        try (ContinuousBatch batch = new ContinuousBatch(MODEL, new GenerationLimits(1, 1 << 30, 100))) {
            for (Heard each : List.of(left, never, kept)) {
                batch.add(live(SampledModels.request(3, 9, 1), SamplingOptions.sampling(1, 50, NO_STOPS), each));
            }
            batch.step();
            left.unwanted = true;
            never.unwanted = true;
            while (batch.step()) {}
            assertThat(batch.cacheUse()).isZero();
        }
        assertThat(left.ids(0)).hasSizeBetween(1, 3);
        assertThat(never.ids).isEmpty();
        assertThat(kept.ids(0)).hasSize(50);
    }

    @Test
    void whoGuessesKeepsNothingOfTextsThatAreGone() {
        GenerationLimits limits = new GenerationLimits(8, 12 * PAGE, 512); // texts are put back, and begin again
        try (ContinuousBatch batch = new ContinuousBatch(MODEL, limits)) {
            batch.speculate(Speculation.assisted(MODEL, 5));
            Assistant assistant = (Assistant) batch.drafter().orElseThrow();
            int putBack = 0;
            for (int round = 0; round < 4; round++) {
                List<Heard> heard = new ArrayList<>();
                for (int i = 0; i < 8; i++) {
                    heard.add(new Heard());
                    SamplingOptions options = SamplingOptions.sampling(1, 100, new int[] {-1}); // an array each
                    batch.add(live(SampledModels.request(8 * round + i, 3, 1), options, heard.get(i)));
                }
                int most = 0;
                while (batch.running() >= most && batch.step()) {
                    most = Math.max(most, batch.running());
                }
                putBack += batch.waiting() > 0 && most > 0 ? 1 : 0;
                heard.forEach(each -> each.unwanted = true);
                while (batch.step()) {}
                assertThat(assistant.texts()).isZero();
                assertThat(assistant.choosers()).isOne();
            }
            assertThat(putBack).isPositive();
        }
    }

    @Test
    void aRuleThatFailsEndsItsOwnRequestAlone() {
        Heard failing = new Heard();
        Heard other = new Heard();
        StopRule broken = () -> id -> {
            throw new IllegalStateException("broken");
        };
        GenerationRequest plain = SampledModels.request(3, 9, 1);
        try (ContinuousBatch batch = new ContinuousBatch(MODEL, GenerationLimits.DEFAULT)) {
            SamplingOptions options = SamplingOptions.sampling(1, 20, NO_STOPS);
            batch.add(live(new GenerationRequest(plain.promptIds(), 2, plain.random(), broken), options, failing));
            batch.add(live(plain, options, other));
            while (batch.step()) {}
            assertThat(batch.cacheUse()).isZero();
        }
        assertThat(failing.failure).hasMessage("broken");
        assertThat(other.ids(0)).hasSize(20);
    }

    @Test
    void refusesWhatCanNeverBeServed() {
        try (ContinuousBatch batch = new ContinuousBatch(MODEL, new GenerationLimits(2, 2 * PAGE, 100))) {
            SamplingOptions options = SamplingOptions.sampling(1, 50, NO_STOPS);
            assertThatThrownBy(() -> batch.check(live(SampledModels.request(3, 40, 1), options, new Heard())))
                    .isInstanceOf(UserError.class)
                    .hasMessageContaining("the cache, which has room for 64");
            assertThatThrownBy(() -> batch.check(live(SampledModels.request(3, 4, 3), options, new Heard())))
                    .hasMessageContaining("3 samples are asked for at once, but at most 2 are");
            ModelConfig config = MODEL.config();
            int[] full = SampledModels.prompt(1, config.maxPositions());
            assertThatThrownBy(() -> batch.check(
                            live(new GenerationRequest(full, 1, CounterRandom.of(1)), options, new Heard())))
                    .hasMessageContaining("fills the model's context");
        }
    }
}
