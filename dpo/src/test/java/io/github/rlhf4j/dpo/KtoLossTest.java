package io.github.rlhf4j.dpo;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class KtoLossTest {
    private static List<UnpairedLogProbs> golden() {
        List<UnpairedLogProbs> batch = new ArrayList<>();
        for (PairLogProbs pair : Pairs.GOLDEN) {
            batch.add(new UnpairedLogProbs(true, pair.chosen(), pair.refChosen()));
            batch.add(new UnpairedLogProbs(false, pair.rejected(), pair.refRejected()));
        }
        return batch;
    }

    @Test
    void matchesTheGoldenNumbers() {
        KtoLoss loss = new KtoLoss(0.1, 1, 1);

        assertThat(loss.evaluate(golden(), 0).loss()).isCloseTo(0.506187, within(5.1e-7));
        assertThat(loss.evaluate(golden(), 0.4).loss()).isCloseTo(0.506209, within(5.1e-7));
    }

    @Test
    void isApoZeroHalvedWithoutAReferencePoint() {
        // apo_zero sums both responses of a pair, KTO averages over responses
        assertThat(2 * new KtoLoss(0.1, 1, 1).evaluate(golden(), 0).loss())
                .isCloseTo(new ApoZeroLoss(0.1).evaluate(Pairs.GOLDEN).loss(), within(1e-14));
    }

    @Test
    void gradientIsTheCentralDifference() {
        KtoLoss loss = new KtoLoss(0.4, 1.3, 0.8);
        List<UnpairedLogProbs> batch = golden();
        UnpairedGradient gradient = loss.evaluate(batch, 0.3);
        double step = 1e-5;

        for (int i = 0; i < batch.size(); i++) {
            double difference = (loss.evaluate(moved(batch, i, step), 0.3).loss()
                            - loss.evaluate(moved(batch, i, -step), 0.3).loss())
                    / (2 * step);
            assertThat(gradient.dLogProb(i)).isCloseTo(difference, within(1e-9));
        }
    }

    @Test
    void weightsScaleTheirOwnSide() {
        double both = new KtoLoss(0.1, 1, 1).evaluate(golden(), 0.2).loss();
        double desirable = new KtoLoss(0.1, 2, 1).evaluate(golden(), 0.2).loss();
        double undesirable = new KtoLoss(0.1, 1, 2).evaluate(golden(), 0.2).loss();

        assertThat(desirable + undesirable).isCloseTo(3 * both, within(1e-14));
    }

    @Test
    void referencePointIsTheMeanLogRatioButNeverNegative() {
        assertThat(KtoLoss.referencePoint(new double[] {-3, -5}, new double[] {-4, -5.5}))
                .isEqualTo(0.75);
        assertThat(KtoLoss.referencePoint(new double[] {-3}, new double[] {-2})).isZero();
    }

    private static List<UnpairedLogProbs> moved(List<UnpairedLogProbs> batch, int index, double step) {
        List<UnpairedLogProbs> changed = new ArrayList<>(batch);
        UnpairedLogProbs old = batch.get(index);
        changed.set(index, new UnpairedLogProbs(old.desirable(), old.policy() + step, old.reference()));
        return changed;
    }
}
