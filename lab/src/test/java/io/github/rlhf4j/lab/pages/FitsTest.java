package io.github.rlhf4j.lab.pages;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The pages' arithmetic: laws are found again from their own points, estimates are those of counting. */
class FitsTest {
    @Test
    void publishedScalingLawsAreFoundAgain() {
        for (ScalingLaw law : List.of(ScalingLaw.CHINCHILLA, ScalingLaw.BESIROGLU)) {
            List<ScalingLaw.Point> points = new ArrayList<>();
            for (double n = 4e7; n < 1.7e10; n *= 2) {
                for (double ratio = 1; ratio < 300; ratio *= 4) {
                    points.add(new ScalingLaw.Point(n, ratio * n, law.loss(n, ratio * n)));
                }
            }
            ScalingLaw found = ScalingLaw.fit(points);
            assertThat(found.e()).isCloseTo(law.e(), within(1e-4));
            assertThat(found.a()).isCloseTo(law.a(), within(0.5));
            assertThat(found.b()).isCloseTo(law.b(), within(2.0));
            assertThat(found.alpha()).isCloseTo(law.alpha(), within(1e-4));
            assertThat(found.beta()).isCloseTo(law.beta(), within(1e-4));
        }
        // Hoffmann et al. 2022, Table A3: at 3.84e23 FLOPs (Gopher: 5.76e23) the third approach wants about 40 billion
        // parameters
        assertThat(ScalingLaw.CHINCHILLA.bestSize(5.76e23)).isBetween(2.5e10, 5e10);
        assertThat(ScalingLaw.BESIROGLU.bestSize(5.76e23)).isBetween(6e10, 8e10);
        assertThat(ScalingLaw.BESIROGLU.sizeExponent()).isCloseTo(0.5126, within(1e-3));
    }

    @Test
    void theGradientOfTheLawsObjectiveIsItsDifferenceQuotient() {
        List<ScalingLaw.Point> points = List.of(new ScalingLaw.Point(1e6, 1e7, 3), new ScalingLaw.Point(1e7, 1e8, 2.5));
        double[] at = {5, 6, 0.4, 0.3, 0.28};
        double[] gradient = new double[5];
        ScalingLaw.objective(points, at, gradient);
        for (int i = 0; i < at.length; i++) {
            double[] moved = at.clone();
            moved[i] += 1e-6;
            double above = ScalingLaw.objective(points, moved, new double[5]);
            moved[i] -= 2e-6;
            double slope = (above - ScalingLaw.objective(points, moved, new double[5])) / 2e-6;
            assertThat(gradient[i]).isCloseTo(slope, within(1e-6));
        }
    }

    @Test
    void aCriticalBatchSizeIsFoundAgain() {
        BatchTradeOff law = new BatchTradeOff(150, 23);
        List<BatchTradeOff.Point> points = new ArrayList<>();
        for (double batch : new double[] {2, 8, 32, 128}) {
            points.add(new BatchTradeOff.Point(batch, law.steps(batch)));
        }

        BatchTradeOff found = BatchTradeOff.fit(points);

        assertThat(found.critical()).isCloseTo(23, within(0.01));
        assertThat(found.leastSteps()).isCloseTo(150, within(0.05));
        // at the critical batch size a loss takes twice the least steps and twice the least examples
        assertThat(found.steps(found.critical())).isCloseTo(2 * found.leastSteps(), within(1e-9));
        assertThat(found.critical() * found.steps(found.critical())).isCloseTo(2 * found.leastExamples(), within(1e-6));
    }

    @Test
    void aLineGoesThroughItsPoints() {
        Line line = Line.through(List.of(new double[] {1, 5}, new double[] {3, 1}));
        assertThat(line.slope()).isEqualTo(-2);
        assertThat(line.intercept()).isEqualTo(7);
    }

    @Test
    void theMinimumOfRosenbrocksFunctionIsFound() {
        Lbfgs.Minimum found = Lbfgs.minimise(
                (x, gradient) -> {
                    double a = 1 - x[0];
                    double b = x[1] - x[0] * x[0];
                    gradient[0] = -2 * a - 400 * x[0] * b;
                    gradient[1] = 200 * b;
                    return a * a + 100 * b * b;
                },
                new double[] {-1.2, 1},
                500);
        assertThat(found.at()[0]).isCloseTo(1, within(1e-5));
        assertThat(found.at()[1]).isCloseTo(1, within(1e-5));
    }

    @Test
    void aParabolaIsFoundThroughItsPoints() {
        List<double[]> points = new ArrayList<>();
        for (double x = 3; x < 6; x += 0.5) {
            points.add(new double[] {x, 2 + 0.3 * (x - 4.2) * (x - 4.2)});
        }
        Parabola parabola = Parabola.through(points);
        assertThat(parabola.bottom()).isCloseTo(4.2, within(1e-9));
        assertThat(parabola.at(4.2)).isCloseTo(2, within(1e-9));
        assertThat(new Parabola(0, 1, -1).bottom()).isNaN();
    }

    /** Of four samples all pairs: 6, of which the best are counted by hand. */
    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3, 4})
    void theBestOfNIsTheMeanOverAllChoices(int n) {
        double[] score = {0.3, 0.9, 0.1, 0.5};
        double[] value = {10, 20, 30, 40};
        double sum = 0;
        int choices = 0;
        for (int set = 0; set < 16; set++) {
            if (Integer.bitCount(set) == n) {
                int best = -1;
                for (int i = 0; i < 4; i++) {
                    if ((set >> i & 1) == 1 && (best < 0 || score[i] > score[best])) {
                        best = i;
                    }
                }
                sum += value[best];
                choices++;
            }
        }
        assertThat(BestOf.expected(score, value, n)).isCloseTo(sum / choices, within(1e-12));
    }

    @Test
    void gaosFormsAreFoundThroughTheirPoints() {
        List<double[]> bestOfN = new ArrayList<>();
        List<double[]> rl = new ArrayList<>();
        for (int n = 1; n <= 64; n *= 2) {
            double d = Math.sqrt(BestOf.divergence(n));
            bestOfN.add(new double[] {d, d * (0.7 - 0.2 * d)});
            rl.add(new double[] {4 * d, n == 1 ? 0 : 4 * d * (0.7 - 0.2 * Math.log(4 * d))});
        }
        assertThat(BestOf.fit(bestOfN, true)[0]).isCloseTo(0.7, within(1e-9));
        assertThat(BestOf.fit(bestOfN, true)[1]).isCloseTo(0.2, within(1e-9));
        assertThat(BestOf.fit(rl, false)[0]).isCloseTo(0.7, within(1e-9));
        assertThat(BestOf.fit(rl, false)[1]).isCloseTo(0.2, within(1e-9));
        assertThat(BestOf.fit(rl.subList(0, 1), false)[0]).isNaN();
        assertThat(BestOf.divergence(1)).isZero();
    }

    @Test
    void gammaIsTheAreaBetweenProxyAndGold() {
        assertThat(OveroptimizationFit.area(List.of(new double[] {1, 0.2}, new double[] {3, 0.6})))
                .isCloseTo(0.1 + 0.8, within(1e-12)); // a triangle and a trapezium
        assertThat(OveroptimizationFit.area(List.of())).isZero();
    }

    @Test
    void aRepeatedTokenIsWorthLessAndLessAndItsHalfLifeIsFoundAgain() {
        assertThat(RepeatedData.worth(100, 0.5, 15)).isEqualTo(50);
        assertThat(RepeatedData.worth(100, 1, 15)).isEqualTo(100);
        assertThat(RepeatedData.worth(100, 4, 15.4)).isBetween(360.0, 400.0); // nearly new
        assertThat(RepeatedData.worth(100, 1_000, 15.4)).isCloseTo(1_640, within(1.0)); // 1 + R* at most
        RepeatedData law = new RepeatedData(0.5, 300, 0.6, 15.4);
        List<RepeatedData.Point> points = new ArrayList<>();
        for (double unique = 1e4; unique < 1e6; unique *= 4) {
            for (double epochs = 0.5; epochs < 200; epochs *= 2) {
                points.add(new RepeatedData.Point(unique, epochs, law.loss(unique, epochs)));
            }
        }
        assertThat(RepeatedData.fit(points).halfLife()).isCloseTo(15.4, within(0.5));
    }

    @Test
    void answersAreCountedAsTheyShouldBe() {
        Samples.Answers answers =
                new Samples.Answers("7", List.of("7", "8", "8", "x"), List.of(-3.0, -1.0, -2.0, -9.0));
        assertThat(answers.accuracy()).isEqualTo(0.25);
        assertThat(answers.distinct()).isEqualTo(0.75);
        assertThat(answers.readable()).isEqualTo(0.75);
        assertThat(answers.disagreement()).isCloseTo(10.0 / 12, within(1e-12)); // one pair of six agrees
        assertThat(answers.majority()).isZero();
        assertThat(answers.likeliest()).isZero();
        assertThat(answers.covered()).isOne();
        assertThat(answers.part(0, 1).majority()).isOne();
    }
}
