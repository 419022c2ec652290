package io.github.rlhf4j.dpo;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What holds for every loss: gradients are derivatives, separable batches split, references can be shifted. */
class PreferenceLossPropertyTest {
    private static final List<LossOptions> DIVERGENCES = List.of(
            divergence("reverse_kl"),
            divergence("forward_kl"),
            divergence("js_divergence"),
            divergence("alpha_divergence"),
            divergence("alpha_divergence").with(PreferenceLosses.F_ALPHA_DIVERGENCE_COEF, 1.0),
            divergence("alpha_divergence").with(PreferenceLosses.F_ALPHA_DIVERGENCE_COEF, 1.3));

    private static LossOptions divergence(String name) {
        return LossOptions.of(0.3).with(PreferenceLosses.F_DIVERGENCE_TYPE, name);
    }

    static Stream<String> names() {
        return PreferenceLosses.builtIn().keySet().stream();
    }

    @ParameterizedTest
    @MethodSource("names")
    void gradientIsTheCentralDifference(String name) {
        for (LossOptions divergence : DIVERGENCES) {
            for (IpoLength length : IpoLength.values()) {
                LossOptions options = divergence
                        .with(PreferenceLosses.LABEL_SMOOTHING, 0.2)
                        .with(PreferenceLosses.IPO_LENGTH, length)
                        .with(PreferenceLosses.SIMPO_GAMMA, 0.7)
                        .with(PreferenceLosses.CPO_ALPHA, 0.6)
                        .with(PreferenceLosses.DISCOPOP_TAU, 0.4);
                PreferenceLoss loss = Pairs.loss(name, options);
                for (int seed = 0; seed < 20; seed++) {
                    checkGradient(loss, Pairs.random(seed, 1 + seed % 4));
                }
            }
        }
    }

    @ParameterizedTest
    @MethodSource("names")
    void separableLossOfABatchIsTheMeanOfItsPairs(String name) {
        PreferenceLoss loss = Pairs.loss(name, Pairs.options(0.1, 0.1));
        List<PairLogProbs> batch = Pairs.random(5, 6);
        double mean = batch.stream()
                .mapToDouble(pair -> loss.evaluate(List.of(pair)).loss())
                .average()
                .orElseThrow();

        if (loss.separable()) {
            assertThat(loss.evaluate(batch).loss()).isCloseTo(mean, within(1e-12));
            assertThat(loss.evaluate(batch).dChosen(2))
                    .isCloseTo(loss.evaluate(batch.subList(2, 3)).dChosen(0) / 6, within(1e-15));
        } else {
            assertThat(loss.evaluate(batch).loss()).isNotCloseTo(mean, within(1e-6));
        }
    }

    @ParameterizedTest
    @MethodSource("names")
    void orderOfTheBatchDoesNotMatter(String name) {
        PreferenceLoss loss = Pairs.loss(name, Pairs.options(0.1, 0.1));
        List<PairLogProbs> batch = Pairs.random(8, 5);
        List<PairLogProbs> reversed = new ArrayList<>();
        batch.forEach(pair -> reversed.add(0, pair));

        assertThat(loss.evaluate(reversed).loss())
                .isCloseTo(loss.evaluate(batch).loss(), within(1e-12));
        assertThat(loss.evaluate(reversed).dRejected(4))
                .isCloseTo(loss.evaluate(batch).dRejected(0), within(1e-14));
    }

    @ParameterizedTest
    @MethodSource("names")
    void readsTheReferenceExactlyWhenItSaysSo(String name) {
        PreferenceLoss loss = Pairs.loss(name, Pairs.options(0.1, 0.1));
        List<PairLogProbs> batch = Pairs.random(13, 3);
        List<PairLogProbs> other = batch.stream()
                .map(p -> new PairLogProbs(
                        p.chosen(),
                        p.rejected(),
                        p.refChosen() - 1,
                        p.refRejected() + 2,
                        p.chosenTokens(),
                        p.rejectedTokens()))
                .toList();

        assertThat(loss.evaluate(other).loss() != loss.evaluate(batch).loss()).isEqualTo(loss.needsReference());
    }

    @ParameterizedTest
    @MethodSource("names")
    void staysFiniteFarFromTheReference(String name) {
        PreferenceLoss loss = Pairs.loss(name, Pairs.options(0.1, 0.1));
        for (double distance : new double[] {-2000, 2000}) {
            List<PairLogProbs> batch =
                    List.of(new PairLogProbs(-3000, -3000, -3000 - distance, -3000 + distance, 9, 7));

            PreferenceGradient gradient = loss.evaluate(batch);

            assertThat(gradient.loss()).isFinite();
            assertThat(gradient.dChosen(0)).isFinite();
            assertThat(gradient.dRejected(0)).isFinite();
        }
    }

    @ParameterizedTest
    @ValueSource(doubles = {0.01, 0.1, 5})
    void isLogTwoWhenThePolicyIsTheReference(double beta) {
        PreferenceLoss loss = Pairs.loss("sigmoid", Pairs.options(beta, 0));
        PairLogProbs pair = new PairLogProbs(-7, -9, -7, -9, 3, 4);

        PreferenceGradient gradient = loss.evaluate(List.of(pair));

        assertThat(gradient.loss()).isCloseTo(Math.log(2), within(1e-15));
        assertThat(gradient.dChosen(0)).isCloseTo(-beta / 2, within(1e-15));
    }

    @Test
    void swappingTheResponsesMirrorsTheSmoothing() {
        PairLogProbs pair = new PairLogProbs(-7, -9, -8, -8.5, 3, 4);
        PairLogProbs swapped = new PairLogProbs(-9, -7, -8.5, -8, 4, 3);
        FDivergence reverse = new FDivergence.ReverseKl();

        PairGradient gradient = new SigmoidLoss(0.4, 0.2, reverse).evaluatePair(pair);
        PairGradient mirrored = new SigmoidLoss(0.4, 0.8, reverse).evaluatePair(swapped);

        assertThat(mirrored.loss()).isCloseTo(gradient.loss(), within(1e-15));
        assertThat(mirrored.dRejected()).isCloseTo(gradient.dChosen(), within(1e-15));
    }

    @Test
    void robustAndSmoothedLossesAreSigmoidWithoutSmoothing() {
        List<PairLogProbs> batch = Pairs.random(3, 4);
        double sigmoid =
                Pairs.loss("sigmoid", Pairs.options(0.1, 0)).evaluate(batch).loss();

        assertThat(Pairs.loss("robust", Pairs.options(0.1, 0)).evaluate(batch).loss())
                .isEqualTo(sigmoid);
    }

    @Test
    void robustIsUnbiasedUnderFlippedLabels() {
        // (1-e) loss(pair) + e loss(flipped pair) is the loss on clean labels
        double flipped = 0.3;
        FDivergence reverse = new FDivergence.ReverseKl();
        RobustLoss robust = new RobustLoss(0.5, flipped, reverse);
        PairLogProbs pair = new PairLogProbs(-7, -9, -8, -8.5, 3, 4);
        PairLogProbs wrong = new PairLogProbs(-9, -7, -8.5, -8, 4, 3);

        double expected = (1 - flipped) * robust.evaluatePair(pair).loss()
                + flipped * robust.evaluatePair(wrong).loss();

        assertThat(expected)
                .isCloseTo(new SigmoidLoss(0.5, 0, reverse).evaluatePair(pair).loss(), within(1e-14));
    }

    @Test
    void exoIsZeroAtTheSmoothedLabel() {
        double smoothing = 0.2;
        double gap = Math.log((1 - smoothing) / smoothing);
        PairGradient gradient = new ExoPairLoss(1, smoothing, new FDivergence.ReverseKl())
                .evaluatePair(new PairLogProbs(gap - 5, -5, -5, -5, 3, 3));

        assertThat(gradient.loss()).isCloseTo(0, within(1e-14));
        assertThat(gradient.dChosen()).isCloseTo(0, within(1e-14));
    }

    @Test
    void aotIsSigmoidOnASinglePair() {
        List<PairLogProbs> one = Pairs.random(21, 1);

        assertThat(Pairs.loss("aot", Pairs.options(0.1, 0.1)).evaluate(one).loss())
                .isCloseTo(
                        Pairs.loss("sigmoid", Pairs.options(0.1, 0.1))
                                .evaluate(one)
                                .loss(),
                        within(1e-14));
    }

    @Test
    void alphaDivergenceRunsFromForwardToReverse() {
        double x = 0.7;

        assertThat(new FDivergence.AlphaDivergence(0).score(x))
                .isCloseTo(new FDivergence.ForwardKl().score(x), within(1e-15));
        assertThat(new FDivergence.AlphaDivergence(1).score(x)).isEqualTo(x);
        assertThat(new FDivergence.AlphaDivergence(1 + 2e-6).score(x)).isCloseTo(x, within(1e-5));
    }

    private static void checkGradient(PreferenceLoss loss, List<PairLogProbs> batch) {
        double step = 1e-5;
        PreferenceGradient gradient = loss.evaluate(batch);
        for (int i = 0; i < batch.size(); i++) {
            PairLogProbs pair = batch.get(i);
            double chosen = difference(loss, batch, i, Pairs.moved(pair, step, 0), Pairs.moved(pair, -step, 0), step);
            double rejected = difference(loss, batch, i, Pairs.moved(pair, 0, step), Pairs.moved(pair, 0, -step), step);
            assertThat(gradient.dChosen(i)).isCloseTo(chosen, within(tolerance(gradient, chosen)));
            assertThat(gradient.dRejected(i)).isCloseTo(rejected, within(tolerance(gradient, rejected)));
        }
    }

    private static double difference(
            PreferenceLoss loss, List<PairLogProbs> batch, int i, PairLogProbs up, PairLogProbs down, double step) {
        double above = loss.evaluate(Pairs.with(batch, i, up)).loss();
        double below = loss.evaluate(Pairs.with(batch, i, down)).loss();
        return (above - below) / (2 * step);
    }

    /** Truncation of the difference, and rounding of the two losses it subtracts (2^-53 loss / step). */
    private static double tolerance(PreferenceGradient gradient, double expected) {
        return 1e-7 * Math.max(1, Math.abs(expected)) + 1e-10 * Math.abs(gradient.loss());
    }
}
