package io.github.rlhf4j.ppo;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.github.rlhf4j.core.CounterRandom;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** Golden numbers: tools/golden/formulas.py, which works each out from its formula. */
class PpoLossTest {
    private static final double INFINITY = Double.POSITIVE_INFINITY;
    private static final PpoLoss LOSS =
            new PpoLoss(PolicyLoss.symmetric(0.2), new ValueLoss(0.2), 0.1, 0.01, Aggregation.TOKEN);

    @ParameterizedTest
    @CsvSource({"1.5, 1, -1.2", "0.5, 1, -0.5", "1.5, -1, 1.5", "0.5, -1, 0.8", "5, -1, 5"})
    void policyLossMatchesTheGoldenNumbers(double ratio, double advantage, double loss) {
        assertThat(PolicyLoss.symmetric(0.2)
                        .evaluate(Math.log(ratio), 0, advantage)
                        .loss())
                .isCloseTo(loss, within(1e-12));
    }

    @Test
    void dualClipBoundsTheLossOfBadTokens() {
        PolicyLoss dual = new PolicyLoss(0.2, 0.2, 3);

        ElementGradient beyond = dual.evaluate(Math.log(5), 0, -1);

        assertThat(beyond.loss()).isEqualTo(3);
        assertThat(beyond.gradient()).isZero();
        assertThat(dual.evaluate(Math.log(2), 0, -1).loss()).isCloseTo(2, within(1e-12));
        assertThat(dual.evaluate(Math.log(5), 0, 1).loss()).isCloseTo(-1.2, within(1e-12));
    }

    @Test
    void valueLossMatchesTheGoldenNumber() {
        // clip(1.0, 0, 0.4) = 0.4; max(0.01, 0.25) / 2
        ElementGradient element = new ValueLoss(0.2).evaluate(1.0, 0.2, 0.9);

        assertThat(element.loss()).isCloseTo(0.125, within(1e-15));
        assertThat(element.clipped()).isTrue();
        assertThat(element.gradient()).isZero();
        assertThat(new ValueLoss(INFINITY).evaluate(1.0, 0.2, 0.9).loss()).isCloseTo(0.005, within(1e-15));
    }

    @Test
    void tokenMeanWeighsTokensAndSequenceMeanWeighsResponses() {
        // lengths 1 and 3, advantages +1 and -1, ratio 1
        List<Experience> responses = List.of(onPolicy(1, 1), onPolicy(3, -1));
        List<PolicyOutputs> predictions = List.of(unchanged(1), unchanged(3));

        assertThat(LOSS.evaluate(responses, predictions).statistics().policyLoss())
                .isCloseTo(0.5, within(1e-15));
        assertThat(sequenceMean().evaluate(responses, predictions).statistics().policyLoss())
                .isCloseTo(0, within(1e-15));
    }

    @ParameterizedTest
    @EnumSource(Aggregation.class)
    void partsOfAMiniBatchAddUpToTheWhole(Aggregation aggregation) {
        PpoLoss loss = new PpoLoss(new PolicyLoss(0.2, 0.3, 3), new ValueLoss(0.2), 0.5, 0.02, aggregation);
        List<Experience> responses = responses(3, 6);
        List<PolicyOutputs> predictions = predictions(responses, 4);
        PpoGradient whole = loss.evaluate(responses, predictions);
        MiniBatchSize size = MiniBatchSize.of(responses);

        PpoGradient first = loss.evaluate(responses.subList(0, 2), predictions.subList(0, 2), size);
        PpoGradient second = loss.evaluate(responses.subList(2, 6), predictions.subList(2, 6), size);

        assertThat(first.loss() + second.loss()).isCloseTo(whole.loss(), within(1e-12));
        assertThat(second.gradients().get(1).dLogProbs())
                .containsExactly(whole.gradients().get(3).dLogProbs(), within(1e-15));
        PpoStatistics merged = first.statistics().merge(second.statistics());
        assertThat(merged.approxKl()).isCloseTo(whole.statistics().approxKl(), within(1e-12));
        assertThat(merged.clippedTokens()).isEqualTo(whole.statistics().clippedTokens());
        assertThat(merged.largestLogRatio()).isEqualTo(whole.statistics().largestLogRatio());
    }

    @ParameterizedTest
    @EnumSource(Aggregation.class)
    void gradientsAreCentralDifferences(Aggregation aggregation) {
        PpoLoss loss = new PpoLoss(new PolicyLoss(0.2, 0.3, 1.5), new ValueLoss(0.3), 0.5, 0.02, aggregation);
        for (int seed = 0; seed < 10; seed++) {
            List<Experience> responses = responses(seed, 3);
            List<PolicyOutputs> predictions = predictions(responses, seed + 100);
            PpoGradient gradient = loss.evaluate(responses, predictions);
            for (int i = 0; i < responses.size(); i++) {
                TokenGradients tokens = gradient.gradients().get(i);
                PolicyOutputs now = predictions.get(i);
                checkDifferences(loss, responses, predictions, now.logProbs(), tokens.dLogProbs());
                checkDifferences(loss, responses, predictions, now.entropies(), tokens.dEntropies());
                checkDifferences(loss, responses, predictions, now.values(), tokens.dValues());
            }
        }
    }

    @Test
    void onPolicyHasRatioOneNoDivergenceAndNothingClipped() {
        PpoGradient gradient = LOSS.evaluate(List.of(onPolicy(4, 0.7)), List.of(unchanged(4)));

        assertThat(gradient.statistics().meanRatio()).isEqualTo(1);
        assertThat(gradient.statistics().approxKl()).isZero();
        assertThat(gradient.statistics().clipFraction()).isZero();
        assertThat(gradient.gradients().get(0).dLogProbs()[2]).isCloseTo(-0.7 / 4, within(1e-15));
        assertThat(gradient.gradients().get(0).dEntropies()[2]).isCloseTo(-0.01 / 4, within(1e-15));
    }

    @Test
    void metricsAreMeansOverMiniBatches() {
        PpoStatistics one =
                LOSS.evaluate(responses(1, 2), predictions(responses(1, 2), 5)).statistics();
        PpoStatistics two =
                LOSS.evaluate(responses(2, 4), predictions(responses(2, 4), 6)).statistics();

        assertThat(UpdateMetrics.named(List.of(one, two)))
                .containsEntry("val/ratio", one.meanRatio() + (two.meanRatio() - one.meanRatio()) / 2)
                .hasEntrySatisfying(
                        "val/ratio_var",
                        variance -> assertThat(variance)
                                .isCloseTo(Math.pow(one.meanRatio() - two.meanRatio(), 2) / 2, within(1e-12)))
                .hasEntrySatisfying(
                        "policy/entropy_avg",
                        entropy -> assertThat(entropy)
                                .isCloseTo((one.meanEntropy() + two.meanEntropy()) / 2, within(1e-12))
                                .isNotNegative());
        assertThat(UpdateMetrics.named(List.of(one))).containsEntry("val/ratio_var", 0.0);
        assertThat(UpdateMetrics.named(List.of(one)).keySet())
                .containsExactly(
                        "policy/approxkl_avg",
                        "policy/clipfrac_avg",
                        "policy/entropy_avg",
                        "loss/policy_avg",
                        "loss/value_avg",
                        "val/clipfrac_avg",
                        "val/ratio",
                        "val/ratio_var");
    }

    @Test
    void worksWithoutAValueModel() {
        Experience critiqueless = Numbers.experience(new double[] {-1}, new double[] {1}, new double[0], new double[0]);
        PolicyOutputs prediction = new PolicyOutputs(new double[] {-1}, new double[] {0.5}, new double[0]);

        PpoGradient gradient = LOSS.evaluate(List.of(critiqueless), List.of(prediction));

        assertThat(gradient.loss()).isCloseTo(-1 - 0.01 * 0.5, within(1e-15));
        assertThat(gradient.statistics().valueClipFraction()).isZero();
    }

    @Test
    void refusesOptionsOutsideTheirRange() {
        assertThatThrownBy(() -> PolicyLoss.symmetric(-0.1)).hasMessage("cliprange must be in [0, 1), but is -0.1");
        assertThatThrownBy(() -> new PolicyLoss(0.2, 0.2, 1)).hasMessageContaining("dual_clip");
        assertThatThrownBy(() -> new ValueLoss(0)).hasMessageContaining("cliprange_value");
        assertThatThrownBy(() -> Numbers.experience(new double[1], new double[2], new double[0], new double[0]))
                .hasMessageContaining("2 advantages");
    }

    private static PpoLoss sequenceMean() {
        return new PpoLoss(LOSS.policy(), LOSS.value(), 0.1, 0.01, Aggregation.SEQUENCE);
    }

    private static Experience onPolicy(int tokens, double advantage) {
        return Numbers.experience(filled(tokens, -1), filled(tokens, advantage), filled(tokens, 0), filled(tokens, 0));
    }

    private static PolicyOutputs unchanged(int tokens) {
        return new PolicyOutputs(filled(tokens, -1), filled(tokens, 2), filled(tokens, 0));
    }

    private static double[] filled(int length, double value) {
        return IntStream.range(0, length).mapToDouble(i -> value).toArray();
    }

    private static List<Experience> responses(long seed, int count) {
        List<Experience> responses = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            CounterRandom random = CounterRandom.of(seed).derive(i);
            int tokens = 1 + random.below(0, 6);
            int positions = tokens + random.below(1, 2);
            responses.add(Numbers.experience(
                    gaussians(random.derive("old"), tokens, -1),
                    gaussians(random.derive("advantages"), tokens, 0),
                    gaussians(random.derive("values"), positions, 0),
                    gaussians(random.derive("returns"), positions, 0)));
        }
        return responses;
    }

    private static List<PolicyOutputs> predictions(List<Experience> responses, long seed) {
        List<PolicyOutputs> predictions = new ArrayList<>();
        for (int i = 0; i < responses.size(); i++) {
            CounterRandom random = CounterRandom.of(seed).derive(i);
            Experience response = responses.get(i);
            double[] logProbs = gaussians(random.derive("new"), response.tokens(), 0);
            double[] entropies = gaussians(random.derive("entropies"), response.tokens(), 0);
            double[] values = gaussians(random.derive("values"), response.positions(), 0);
            for (int t = 0; t < logProbs.length; t++) {
                logProbs[t] = response.oldLogProbs()[t] + 0.4 * logProbs[t];
                entropies[t] = Math.abs(entropies[t]);
            }
            predictions.add(new PolicyOutputs(logProbs, entropies, values));
        }
        return predictions;
    }

    private static double[] gaussians(CounterRandom random, int length, double mean) {
        return IntStream.range(0, length)
                .mapToDouble(i -> mean + random.gaussian(i))
                .toArray();
    }

    /** {@code argument} is an array of {@code predictions}: it is moved in place and moved back. */
    private static void checkDifferences(
            PpoLoss loss,
            List<Experience> responses,
            List<PolicyOutputs> predictions,
            double[] argument,
            double[] gradient) {
        double step = 1e-6;
        for (int t = 0; t < argument.length; t++) {
            double value = argument[t];
            argument[t] = value + step;
            double up = loss.evaluate(responses, predictions).loss();
            argument[t] = value - step;
            double down = loss.evaluate(responses, predictions).loss();
            argument[t] = value;
            assertThat(gradient[t]).isCloseTo((up - down) / (2 * step), within(1e-8));
        }
    }
}
