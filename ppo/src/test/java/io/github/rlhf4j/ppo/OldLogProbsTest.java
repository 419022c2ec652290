package io.github.rlhf4j.ppo;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.List;
import org.junit.jupiter.api.Test;

/** What is made of log-probs of two that should agree: differences and truncated importance weights. */
class OldLogProbsTest {
    private static final List<double[]> TRAINER = List.of(new double[] {-1, -2}, new double[] {-0.5});
    private static final List<double[]> SAMPLER = List.of(new double[] {-1.1, -5}, new double[] {-0.5});

    @Test
    void weightsAreRatiosCutAtTheLimit() {
        ImportanceWeights weights = ImportanceWeights.of(TRAINER, SAMPLER, 3);

        assertThat(weights.byResponse().get(0))
                .containsExactly(new double[] {Math.exp(0.1), 3}, within(1e-12)); // e^3 = 20
        assertThat(weights.byResponse().get(1)).containsExactly(1);
        assertThat(weights.named())
                .containsEntry("sampling/importance_sampling_ratio/min", 1.0)
                .containsEntry("sampling/importance_sampling_ratio/max", 3.0);
    }

    @Test
    void differencesHaveAMeanAndAMaximum() {
        SamplingDifference difference = SamplingDifference.of(TRAINER, SAMPLER);

        assertThat(difference.largest()).isEqualTo(3);
        assertThat(difference.named().get("sampling/logp_diff_mean")).isCloseTo((0.1 + 3 + 0) / 3, within(1e-12));
        assertThat(SamplingDifference.EMPTY.named()).containsEntry("sampling/logp_diff_mean", 0.0);
    }

    @Test
    void aTokensWeightMultipliesItsLossAndGradientAndNotItsEntropy() {
        PpoLoss loss = new PpoLoss(PolicyLoss.symmetric(0.2), new ValueLoss(0.2), 0.1, 0.01, Aggregation.TOKEN);
        double[] old = {-1, -1};
        double[] advantages = {1, -2};
        PpoResponse plain = new PpoResponse(old, advantages, new double[2], new double[2]);
        PpoResponse weighted = new PpoResponse(old, advantages, new double[2], new double[2], new double[] {0.5, 3});
        PpoPrediction prediction = new PpoPrediction(new double[] {-1.05, -0.98}, new double[] {2, 1}, new double[2]);

        PpoGradient one = loss.evaluate(List.of(plain), List.of(prediction));
        PpoGradient other = loss.evaluate(List.of(weighted), List.of(prediction));

        double[] ratios = {Math.exp(-0.05), Math.exp(0.02)};
        assertThat(other.statistics().policyLoss())
                .isCloseTo((0.5 * -ratios[0] + 3 * 2 * ratios[1]) / 2, within(1e-12));
        double[] gradients = one.gradients().get(0).dLogProbs();
        assertThat(other.gradients().get(0).dLogProbs())
                .containsExactly(new double[] {0.5 * gradients[0], 3 * gradients[1]}, within(1e-12));
        assertThat(other.gradients().get(0).dEntropies())
                .containsExactly(one.gradients().get(0).dEntropies());
        assertThat(other.statistics().entropy()).isEqualTo(one.statistics().entropy());
    }
}
