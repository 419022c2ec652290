package io.github.rlhf4j.dpo;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Golden numbers of tools/golden/formulas.py, which works each out from its formula: batch of two, beta 0.1, mean loss, gradients of the mean loss. */
class PreferenceLossGoldenTest {
    private static final double PRINTED = 5.1e-7;

    @ParameterizedTest
    @CsvSource({
        "sigmoid,      0,     0.729661, -0.021891, -0.029331, 0.021891, 0.029331",
        "hinge,        0,     1.050000, -0.05,     -0.05,     0.05,     0.05",
        "ipo,          0,    25.155559, -0.770833, -0.537778, 0.578125, 0.597531",
        "exo_pair,     0.001, 2.857052, -0.081923, -0.087987, 0.081923, 0.087987",
        "nca_pair,     0,     1.404099, -0.009693, -0.014373, 0.011876, 0.014054",
        "robust,       0.1,   0.735911, -0.028141, -0.035581, 0.028141, 0.035581",
        "bco_pair,     0,     1.417845, -0.023129, -0.026249, 0.023751, 0.028109",
        "sppo_hard,    0,    60.250000, -3.5,      -6.0,      4.0,      7.5",
        "aot,          0.1,   0.724661, -0.016891, -0.024331, 0.016891, 0.024331",
        "apo_zero,     0,     1.012373, -0.01243,  -0.012469, 0.012469, 0.012307",
        "apo_down,     0,     1.018446,  0.000123,  0.000344, 0.012307, 0.012125",
        "discopop,     0,     0.830657, -0.037477, -0.028881, 0.037477, 0.028881",
        "sigmoid_norm, 0,     0.693394, -0.004089, -0.002547, 0.003066, 0.00283",
    })
    void matchesTheTable(
            String name,
            double smoothing,
            double loss,
            double dChosen0,
            double dChosen1,
            double dRejected0,
            double dRejected1) {
        PreferenceGradient gradient =
                Pairs.loss(name, Pairs.options(0.1, smoothing)).evaluate(Pairs.GOLDEN);

        check(gradient, loss, 1, dChosen0, dChosen1, dRejected0, dRejected1);
    }

    // The second list gives gradients of the sum over the two pairs, twice those of the mean.

    @Test
    void matchesTheGoldenOrpo() {
        PreferenceGradient gradient = Pairs.loss("orpo", Pairs.options(0.1, 0)).evaluate(Pairs.GOLDEN);

        check(gradient, 2.076446, 2, -0.135340, -0.131157, 0.007920, 0.006969);
    }

    @Test
    void matchesTheGoldenSimPo() {
        PreferenceGradient gradient = Pairs.loss("simpo", Pairs.options(2, 0)).evaluate(Pairs.GOLDEN);

        check(gradient, 1.491167, 2, -0.259100, -0.154491, 0.194325, 0.171657);
    }

    @Test
    void matchesTheGoldenCpo() {
        PreferenceGradient gradient = Pairs.loss("cpo", Pairs.options(0.1, 0)).evaluate(Pairs.GOLDEN);

        check(gradient, 2.704355, 2, -0.167556, -0.182444, 0.042556, 0.057444);
    }

    @Test
    void matchesTheGoldenDivergences() {
        String forward = "forward_kl";
        String js = "js_divergence";
        String alpha = "alpha_divergence"; // of 0.5

        assertThat(goldenLoss("sigmoid", forward)).isCloseTo(0.704885, within(PRINTED));
        assertThat(goldenLoss("sigmoid", js)).isCloseTo(0.697934, within(PRINTED));
        assertThat(goldenLoss("sigmoid", alpha)).isCloseTo(0.710517, within(PRINTED));
        assertThat(goldenLoss("ipo", forward)).isCloseTo(24.744523, within(PRINTED));
        assertThat(goldenLoss("ipo", js)).isCloseTo(24.875161, within(PRINTED));
        assertThat(goldenLoss("ipo", alpha)).isCloseTo(24.849903, within(PRINTED));
    }

    @Test
    void matchesTheGoldenSinglePair() {
        // logits 1.5 before beta, rewards .1 and -.05
        PairLogProbs pair = new PairLogProbs(-10, -12, -11, -11.5, 5, 5);
        FDivergence reverse = new FDivergence.ReverseKl();
        PreferenceLoss sigmoid = Pairs.loss("sigmoid", Pairs.options(0.1, 0));
        PairwiseLoss ipo = new IpoLoss(0.1, IpoLength.SEQUENCE, reverse);

        assertThat(reverse.scores(pair).gap()).isEqualTo(1.5);
        assertThat(sigmoid.evaluate(List.of(pair)).loss()).isCloseTo(0.6209570478, within(5.1e-11));
        assertThat(Pairs.loss("sigmoid", Pairs.options(0.1, 0.1))
                        .evaluate(List.of(pair))
                        .loss())
                .isCloseTo(0.6359570478, within(5.1e-11));
        assertThat(ipo.evaluatePair(pair).loss()).isCloseTo(12.25, within(1e-12));
        assertThat(0.1 * sigmoid.impliedReward(-10, -11, 5)).isCloseTo(0.1, within(1e-15));
        assertThat(0.1 * sigmoid.impliedReward(-12, -11.5, 5)).isCloseTo(-0.05, within(1e-15));
    }

    private static double goldenLoss(String name, String divergence) {
        return Pairs.loss(name, Pairs.options(0.1, 0).with(PreferenceLosses.F_DIVERGENCE_TYPE, divergence))
                .evaluate(Pairs.GOLDEN)
                .loss();
    }

    private static void check(PreferenceGradient actual, double loss, double scale, double... gradients) {
        assertThat(actual.loss()).isCloseTo(loss, within(PRINTED));
        assertThat(scale * actual.dChosen(0)).isCloseTo(gradients[0], within(PRINTED));
        assertThat(scale * actual.dChosen(1)).isCloseTo(gradients[1], within(PRINTED));
        assertThat(scale * actual.dRejected(0)).isCloseTo(gradients[2], within(PRINTED));
        assertThat(scale * actual.dRejected(1)).isCloseTo(gradients[3], within(PRINTED));
    }
}
