package io.github.rlhf4j.grpo;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.github.rlhf4j.core.train.StepMetrics;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The losses of one token, worked out by hand from their formulas. */
class TokenLossTest {
    private static final TokenLoss CLIPPED = new ClippedLoss(0.2, 0.3, 2);

    @ParameterizedTest
    @CsvSource({
        "1.0, 2, -2, -2", // as it is
        "1.4, 2, -2.6, 0", // 1.3 * 2: risen far enough
        "0.7, 2, -1.4, -2", // falls although it is good: not clipped
        "0.7, -2, 1.6, 0", // 0.8 * 2: fallen far enough
        "1.4, -2, 2.8, 2", // rises although it is bad: not clipped
        "2.5, -2, 4, 0", // but for delta
        "1.3, 2, -2.6, -2" // both are equal at the bound
    })
    void clipsWhatHasMovedFarEnough(double ratio, double advantage, double loss, double byRatio) {
        TokenTerm term = CLIPPED.at(ratio, -1, advantage);

        assertThat(term.loss()).isCloseTo(loss, within(1e-12));
        assertThat(term.byRatio()).isCloseTo(byRatio, within(1e-12));
        assertThat(term.byLogProb()).isZero();
    }

    @Test
    void cispoClipsTheWeightAndKeepsTheGradient() {
        assertThat(new CispoLoss(1.5).at(2, -3, 0.5)).isEqualTo(new TokenTerm(1.5 * 0.5 * 3, 0, -1.5 * 0.5));
        assertThat(new CispoLoss(1.5).at(1, -3, -1)).isEqualTo(new TokenTerm(-3, 0, 1));
    }

    @ParameterizedTest
    @ValueSource(doubles = {-1.5, 0, 0.7})
    void sapoIsTwoTimesMinusAOverTAtARatioOfOneAndSmooth(double advantage) {
        SapoLoss loss = new SapoLoss(1, 1.05);
        double temperature = advantage > 0 ? 1 : 1.05;

        assertThat(loss.at(1, -1, advantage).loss()).isCloseTo(-2 * advantage / temperature, within(1e-12));
        assertThat(loss.at(1, -1, advantage).byRatio()).isCloseTo(-advantage, within(1e-12));
        for (double ratio : new double[] {0.3, 1, 2.2}) {
            double difference = (loss.at(ratio + 1e-5, -1, advantage).loss()
                            - loss.at(ratio - 1e-5, -1, advantage).loss())
                    / 2e-5;
            assertThat(loss.at(ratio, -1, advantage).byRatio()).isCloseTo(difference, within(1e-8));
        }
    }

    @Test
    void clippedRatiosAreCountedByTheSignOfTheAdvantage() {
        StepMetrics metrics = new StepMetrics();
        CLIPPED.count(new double[] {0.7, 1, 1.4, 1.5}, 1, metrics);
        CLIPPED.count(new double[] {0.7, 1, 1.4, 1.5}, -1, metrics);

        assertThat(metrics.values())
                .containsEntry("clip_ratio/low_mean", 1 / 8.0)
                .containsEntry("clip_ratio/high_mean", 2 / 8.0)
                .containsEntry("clip_ratio/region_mean", 3 / 8.0)
                .containsEntry("clip_ratio/low_min", 0.0)
                .containsEntry("clip_ratio/high_max", 0.5);
    }
}
