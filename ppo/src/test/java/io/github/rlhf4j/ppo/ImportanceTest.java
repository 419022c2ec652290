package io.github.rlhf4j.ppo;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.List;
import org.junit.jupiter.api.Test;

/** What truncated importance weights do to the loss. */
class ImportanceTest {
    @Test
    void aTokensWeightMultipliesItsLossAndGradientAndNotItsEntropy() {
        PpoLoss loss = new PpoLoss(PolicyLoss.symmetric(0.2), new ValueLoss(0.2), 0.1, 0.01, Aggregation.TOKEN);
        double[] old = {-1, -1};
        double[] advantages = {1, -2};
        Experience plain = Numbers.experience(old, advantages, new double[2], new double[2]);
        Experience weighted =
                new Experience(Numbers.tokens(2), old, advantages, new double[2], new double[2], new double[] {0.5, 3});
        PolicyOutputs prediction = new PolicyOutputs(new double[] {-1.05, -0.98}, new double[] {2, 1}, new double[2]);

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
