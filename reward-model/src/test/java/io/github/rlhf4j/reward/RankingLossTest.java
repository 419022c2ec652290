package io.github.rlhf4j.reward;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.github.rlhf4j.core.CounterRandom;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** Golden numbers: tools/golden/formulas.py, which works each out from its formula. */
class RankingLossTest {
    private static final double[] SCORES = {1.5, 0.7, 0.2, -0.4};
    private static final int[] RANKS = {0, 1, 2, 3};
    private static final double PRINTED = 5.1e-7;

    private final BradleyTerry plain = new BradleyTerry(0);
    private final KWiseLoss kWise = new KWiseLoss(plain);
    private final PlackettLuceLoss plackettLuce = new PlackettLuceLoss();

    @Test
    void aMarginAsksForThatMuchMore() {
        // -log S(2 - 0.5 - 1) = log(1 + e^-0.5)
        RankingGradient gradient =
                new KWiseLoss(new BradleyTerry(0)).evaluate(new double[] {2, 0.5}, new int[] {1, 2}, 1);

        assertThat(gradient.loss()).isCloseTo(Math.log1p(Math.exp(-0.5)), within(1e-12));
        assertThat(gradient.dScore(0)).isCloseTo(-1 / (1 + Math.exp(0.5)), within(1e-12));
        assertThat(new PlackettLuceLoss().takesMargins()).isFalse();
    }

    @Test
    void bradleyTerryMatchesTheGoldenNumbers() {
        assertThat(plain.evaluate(0.3, 0.3, 0).loss()).isCloseTo(0.6931471806, within(5.1e-11));
        assertThat(plain.evaluate(1.3, 0.3, 0).loss()).isCloseTo(0.3132616875, within(5.1e-11));
        assertThat(plain.evaluate(2, 0.5, 0.5).loss()).isCloseTo(0.3132616875, within(5.1e-11));
    }

    @Test
    void plackettLuceMatchesTheGoldenNumbers() {
        check(plackettLuce.evaluate(SCORES, RANKS), 1.726570, -0.465649, -0.244278, 0.104025, 0.605902);
    }

    @Test
    void kWiseMatchesTheGoldenNumbers() {
        check(kWise.evaluate(SCORES, RANKS), 0.325066, -0.10905, -0.052876, 0.03956, 0.122365);
    }

    @Test
    void kWiseDropsTiesAndDividesByThePairsKept() {
        RankingGradient gradient = kWise.evaluate(SCORES, new int[] {0, 1, 1, 2});

        assertThat(gradient.loss()).isCloseTo(0.295264, within(PRINTED));
        assertThat(gradient.comparisons()).isEqualTo(5);
    }

    @Test
    void kWiseOfTwoIsBradleyTerry() {
        BradleyTerry centered = new BradleyTerry(0.01);
        ScorePairGradient pair = centered.evaluate(0.4, 1.1, 0);
        RankingGradient ranking = new KWiseLoss(centered).evaluate(new double[] {1.1, 0.4}, new int[] {2, 1});

        assertThat(ranking.loss()).isEqualTo(pair.loss());
        assertThat(ranking.dScore(1)).isEqualTo(pair.dChosen());
        assertThat(ranking.dScore(0)).isEqualTo(pair.dRejected());
    }

    @Test
    void plackettLuceOfTwoIsBradleyTerry() {
        RankingGradient ranking = plackettLuce.evaluate(new double[] {1.1, 0.4}, new int[] {2, 1});

        assertThat(ranking.loss()).isCloseTo(plain.evaluate(0.4, 1.1, 0).loss(), within(1e-14));
    }

    @Test
    void centeringPullsTheSumOfScoresToZero() {
        ScorePairGradient without = plain.evaluate(2, 1, 0);
        ScorePairGradient with = new BradleyTerry(0.01).evaluate(2, 1, 0);

        assertThat(with.loss() - without.loss()).isCloseTo(0.09, within(1e-15));
        assertThat(with.dChosen() - without.dChosen()).isCloseTo(0.06, within(1e-15));
        assertThat(with.dRejected() - without.dRejected()).isCloseTo(0.06, within(1e-15));
    }

    @Test
    void aPromptOfTiesAloneHasNoLossAndNoGradient() {
        for (RankingLoss loss : new RankingLoss[] {kWise, plackettLuce}) {
            RankingGradient gradient = loss.evaluate(SCORES, new int[] {1, 1, 1, 1});

            assertThat(gradient.loss()).isZero();
            assertThat(gradient.dScore(0)).isZero();
            assertThat(gradient.comparisons()).isZero();
        }
    }

    @Test
    void gradientsAreCentralDifferences() {
        RankingLoss[] losses = {kWise, new KWiseLoss(new BradleyTerry(0.05)), plackettLuce};
        for (int seed = 0; seed < 30; seed++) {
            CounterRandom random = CounterRandom.of(seed);
            int size = 2 + random.below(0, 8);
            double[] scores = IntStream.range(0, size)
                    .mapToDouble(i -> 2 * random.gaussian(i))
                    .toArray();
            int[] ranks = IntStream.range(0, size)
                    .map(i -> random.below(100 + i, size))
                    .toArray();
            for (RankingLoss loss : losses) {
                checkGradient(loss, scores, ranks);
            }
        }
    }

    @Test
    void gradientsOfMarginsAreCentralDifferences() {
        BradleyTerry loss = new BradleyTerry(0.2);
        double step = 1e-5;
        ScorePairGradient gradient = loss.evaluate(0.8, -0.3, 0.6);

        assertThat(gradient.dChosen())
                .isCloseTo(
                        (loss.evaluate(0.8 + step, -0.3, 0.6).loss()
                                        - loss.evaluate(0.8 - step, -0.3, 0.6).loss())
                                / (2 * step),
                        within(1e-9));
        assertThat(gradient.dRejected())
                .isCloseTo(
                        (loss.evaluate(0.8, -0.3 + step, 0.6).loss()
                                        - loss.evaluate(0.8, -0.3 - step, 0.6).loss())
                                / (2 * step),
                        within(1e-9));
    }

    @Test
    void addingAConstantToAllScoresChangesNothingWithoutCentering() {
        double[] shifted = {101.5, 100.7, 100.2, 99.6};

        assertThat(kWise.evaluate(shifted, RANKS).loss())
                .isCloseTo(kWise.evaluate(SCORES, RANKS).loss(), within(1e-12));
        assertThat(plackettLuce.evaluate(shifted, RANKS).loss())
                .isCloseTo(plackettLuce.evaluate(SCORES, RANKS).loss(), within(1e-12));
    }

    @Test
    void staysFiniteFarApart() {
        assertThat(plain.evaluate(-2000, 2000, 0).loss()).isEqualTo(4000);
        assertThat(plackettLuce
                        .evaluate(new double[] {-2000, 2000}, new int[] {0, 1})
                        .loss())
                .isEqualTo(4000);
    }

    @Test
    void refusesRanksOfAnotherLength() {
        assertThatThrownBy(() -> kWise.evaluate(SCORES, new int[] {1, 2})).hasMessageContaining("4 scores and 2 ranks");
        assertThatThrownBy(() -> new BradleyTerry(-1)).hasMessageContaining("center_rewards_coefficient");
    }

    private static void check(RankingGradient actual, double loss, double... gradient) {
        assertThat(actual.loss()).isCloseTo(loss, within(PRINTED));
        for (int i = 0; i < gradient.length; i++) {
            assertThat(actual.dScore(i)).isCloseTo(gradient[i], within(PRINTED));
        }
    }

    private static void checkGradient(RankingLoss loss, double[] scores, int[] ranks) {
        double step = 1e-5;
        RankingGradient gradient = loss.evaluate(scores, ranks);
        for (int i = 0; i < scores.length; i++) {
            double[] up = scores.clone();
            double[] down = scores.clone();
            up[i] += step;
            down[i] -= step;
            double difference = (loss.evaluate(up, ranks).loss()
                            - loss.evaluate(down, ranks).loss())
                    / (2 * step);
            assertThat(gradient.dScore(i)).isCloseTo(difference, within(1e-8));
        }
    }
}
