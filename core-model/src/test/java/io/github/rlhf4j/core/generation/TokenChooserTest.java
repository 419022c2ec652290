package io.github.rlhf4j.core.generation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.github.rlhf4j.core.CounterRandom;
import io.github.rlhf4j.core.kernels.cpu.CpuKernels;
import io.github.rlhf4j.core.tensor.DataType;
import io.github.rlhf4j.core.tensor.NativeMemory;
import io.github.rlhf4j.core.tensor.Tensor;
import java.io.IOException;
import java.io.InputStream;
import java.util.Objects;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Choices against hand-worked numbers and against Hugging Face's processors and warpers (sampling.json names generator and versions). */
class TokenChooserTest {
    private static final CpuKernels KERNELS = new CpuKernels(1);
    private static final SamplingOptions PLAIN = SamplingOptions.sampling(1, 1, new int[0]);

    @AfterAll
    static void close() {
        KERNELS.close();
    }

    /** The token chosen for a draw, and its log-prob. */
    private record Choice(int id, double logProb) {}

    private static Choice choose(SamplingOptions options, double[] logits, int[] seenIds, double draw) {
        try (NativeMemory memory = new NativeMemory(1 << 16)) {
            Tensor row = memory.allocate(DataType.FLOAT, 1, logits.length);
            row.set(logits);
            SeenTokens seen = new SeenTokens(options.repetitionPenalty() != 1, seenIds);
            TokenChooser chooser = new TokenChooser(KERNELS, options, logits.length);
            chooser.take(row, 1, index -> seen, index -> null);
            chooser.choose(row, 0, draw);
            return new Choice(chooser.chosen(), chooser.logProb());
        }
    }

    static Stream<JsonNode> huggingFaceCases() throws IOException {
        try (InputStream in = Objects.requireNonNull(TokenChooserTest.class.getResourceAsStream("sampling.json"))) {
            JsonNode cases = new ObjectMapper().readTree(in).get("cases");
            return IntStream.range(0, cases.size()).mapToObj(cases::get);
        }
    }

    @ParameterizedTest
    @MethodSource("huggingFaceCases")
    void choosesFromHuggingFacesDistribution(JsonNode expected) {
        SamplingOptions options = SamplingOptions.sampling(
                        expected.get("temperature").asDouble(), 1, new int[0])
                .withTopK(expected.get("top_k").asInt())
                .withTopP(expected.get("top_p").asDouble())
                .withMinP(expected.get("min_p").asDouble())
                .withRepetitionPenalty(expected.get("repetition_penalty").asDouble());
        double[] probabilities = doubles(expected.get("probabilities"));
        double[] logits = doubles(expected.get("logits"));
        int[] seen = IntStream.range(0, expected.get("seen").size())
                .map(i -> expected.get("seen").get(i).asInt())
                .toArray();
        double before = 0;
        for (int id = 0; id < probabilities.length; id++) {
            // just inside both ends of the token's share of [0, 1)
            for (double draw : new double[] {before + 1e-5, before + probabilities[id] - 1e-5}) {
                if (probabilities[id] > 1e-4) {
                    assertThat(choose(options, logits, seen, draw).id()).isEqualTo(id);
                }
            }
            before += probabilities[id];
        }
    }

    private static double[] doubles(JsonNode array) {
        return IntStream.range(0, array.size())
                .mapToDouble(i -> array.get(i).asDouble())
                .toArray();
    }

    /** Probabilities 0.1, 0.4, 0.2, 0.3: cumulative 0.1, 0.5, 0.7, 1. */
    private static final double[] FOUR = {Math.log(0.1), Math.log(0.4), Math.log(0.2), Math.log(0.3)};

    private static int[] chosen(SamplingOptions options) {
        return IntStream.range(0, 1000)
                .map(i -> choose(options, FOUR, new int[0], (i + 0.5) / 1000).id())
                .toArray();
    }

    private static long[] counts(SamplingOptions options) {
        long[] counts = new long[4];
        for (int id : chosen(options)) {
            counts[id]++;
        }
        return counts;
    }

    @Test
    void drawsAreProportionalToTheProbabilities() {
        assertThat(counts(PLAIN)).containsExactly(100, 400, 200, 300);
        // p^2: 0.01, 0.16, 0.04, 0.09 over 0.30
        assertThat(counts(SamplingOptions.sampling(0.5, 1, new int[0]))).containsExactly(33, 534, 133, 300);
    }

    @Test
    void topKTopPAndMinPKeepWhatTheyShould() {
        assertThat(counts(PLAIN.withTopK(2))).containsExactly(0, 571, 0, 429); // 4 : 3
        assertThat(counts(PLAIN.withTopP(0.65))).containsExactly(0, 571, 0, 429); // 0.4 + 0.3 reach 0.65
        assertThat(counts(PLAIN.withTopP(0.75))).containsExactly(0, 444, 223, 333); // 0.4 + 0.3 do not reach 0.75
        assertThat(counts(PLAIN.withTopP(1e-9))).containsExactly(0, 1000, 0, 0);
        assertThat(counts(PLAIN.withMinP(0.45))).containsExactly(0, 444, 223, 333); // at least 0.18
        assertThat(counts(PLAIN.withTopK(4))).containsExactly(100, 400, 200, 300);
    }

    @Test
    void reportsTheLogProbUnderTheWholeDistributionWhateverIsFiltered() {
        Choice choice = choose(PLAIN.withTopK(1).withRepetitionPenalty(1.1), FOUR, new int[] {0}, 0.5);
        assertThat(choice.id()).isEqualTo(1);
        assertThat(choice.logProb()).isCloseTo(Math.log(0.4), within(1e-6));
    }

    @Test
    void greedyTakesTheFirstOfEquals() {
        SamplingOptions greedy = SamplingOptions.greedy(1, new int[0]);
        Choice choice = choose(greedy, new double[] {1, 3, 3, 2}, new int[0], 0.99);
        assertThat(choice.id()).isEqualTo(1);
        // log of e^3 / (e + 2 e^3 + e^2)
        assertThat(choice.logProb()).isCloseTo(3 - Math.log(Math.E + 2 * Math.exp(3) + Math.exp(2)), within(1e-6));
    }

    @Test
    void repetitionPenaltyDividesPositiveLogitsAndMultipliesNegativeOnes() {
        SamplingOptions greedy = SamplingOptions.greedy(1, new int[0]).withRepetitionPenalty(2);
        assertThat(choose(greedy, new double[] {1, 3, 2, -1}, new int[] {1, 1, 3}, 0)
                        .id())
                .isEqualTo(2); // 3 / 2 < 2
        assertThat(choose(greedy, new double[] {-3, -1, -1.5}, new int[] {1}, 0).id())
                .isEqualTo(2); // -1 * 2 < -1.5
    }

    /** The penalised token was 100 T above all others, whose exponentials relative to it are 0. */
    @Test
    void aPenaltyAtALowTemperatureTakesTheNextLikelyToken() {
        SamplingOptions cold = SamplingOptions.sampling(0.05, 1, new int[0]).withRepetitionPenalty(1.2);
        double[] logits = {30, 27, 10, 5, 1};
        for (double draw : new double[] {1e-9, 0.5, 1 - 1e-16}) {
            assertThat(choose(cold, logits, new int[] {0}, draw).id()).isEqualTo(1);
            assertThat(choose(cold.withTopP(0.9).withTopK(3), logits, new int[] {0}, draw)
                            .id())
                    .isEqualTo(1);
        }
        // without the penalty 27 is 60 T below 30: log-prob -60
        assertThat(choose(cold, logits, new int[] {0}, 0.5).logProb()).isCloseTo(-60, within(1e-4));
    }

    @Test
    void aPenaltyIsGreedyAndNeverTheLastIdByDefault() {
        double[] logits = {11.4, 12, 3, 2, 1};
        for (double temperature : new double[] {0.01, 0.02, 0.1}) {
            SamplingOptions cold =
                    SamplingOptions.sampling(temperature, 1, new int[0]).withRepetitionPenalty(1.1);
            assertThat(choose(cold, logits, new int[] {1}, 0.5).id()).isZero();
            assertThat(choose(cold.withMinP(0.1), logits, new int[] {1}, 0.5).id())
                    .isZero();
            SamplingOptions greedy = new SamplingOptions(true, temperature, 1, 0, 0, 1.1, 1, new int[0], false);
            assertThat(choose(greedy, logits, new int[] {1}, 0.5).id()).isZero();
        }
    }

    /** A penalty below 1 lifts a seen token far above the others: exponentials relative to the old maximum overflowed. */
    @Test
    void aPenaltyBelowOneLiftsASeenToken() {
        SamplingOptions cold = SamplingOptions.sampling(0.01, 1, new int[0]).withRepetitionPenalty(0.5);
        double[] logits = {5, 4.9, 3};
        assertThat(choose(cold, logits, new int[] {2}, 0.5).id()).isEqualTo(2);
        assertThat(choose(cold.withTopP(0.9), logits, new int[] {2}, 0.999).id())
                .isEqualTo(2);
    }

    @Test
    void frequenciesPassAChiSquareTest() {
        double[] logits =
                IntStream.range(0, 30).mapToDouble(i -> Math.sin(i * 1.7) * 2).toArray();
        double sum =
                IntStream.range(0, 30).mapToDouble(i -> Math.exp(logits[i])).sum();
        CounterRandom random = CounterRandom.of(99);
        int draws = 20_000;
        int[] counts = new int[30];
        for (int i = 0; i < draws; i++) {
            counts[choose(PLAIN, logits, new int[0], random.uniform(i)).id()]++;
        }
        double chiSquare = 0;
        for (int i = 0; i < 30; i++) {
            double expected = draws * Math.exp(logits[i]) / sum;
            chiSquare += (counts[i] - expected) * (counts[i] - expected) / expected;
        }
        assertThat(chiSquare).isBetween(13.1, 52.3); // 29 degrees of freedom: 0.5 % below, 0.5 % above
    }
}
