package io.github.rlhf4j.rollout;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.List;
import org.junit.jupiter.api.Test;

/** What is made of log-probs of two that should agree: differences and truncated importance weights. */
class OldLogProbsTest {
    private static final List<double[]> TRAINER = List.of(new double[] {-1, -2}, new double[] {-0.5});
    private static final List<double[]> SAMPLER = List.of(new double[] {-1.1, -5}, new double[] {-0.5});

    private static Rollout rollout(int i) {
        var answer = new RewardFunction.Answer("", "", TRAINER.get(i).length, true);
        return Rollout.sampled(new int[] {1}, new int[TRAINER.get(i).length], answer, SAMPLER.get(i))
                .withTrainerLogProbs(TRAINER.get(i));
    }

    @Test
    void weightsAreRatiosCutAtTheLimit() {
        double[] first = ImportanceWeights.of(TRAINER.get(0), SAMPLER.get(0), 3);
        double[] second = ImportanceWeights.of(TRAINER.get(1), SAMPLER.get(1), 3);

        assertThat(first).containsExactly(new double[] {Math.exp(0.1), 3}, within(1e-12)); // e^3 = 20
        assertThat(second).containsExactly(1);
        assertThat(ImportanceWeights.metrics(List.of(first, second)))
                .containsEntry("sampling/importance_sampling_ratio/min", 1.0)
                .containsEntry("sampling/importance_sampling_ratio/max", 3.0);
    }

    @Test
    void differencesHaveAMeanAndAMaximum() {
        SamplingDifference difference = SamplingDifference.of(List.of(rollout(0), rollout(1)));

        assertThat(difference.largest()).isEqualTo(3);
        assertThat(difference.named().get("sampling/logp_diff_mean")).isCloseTo((0.1 + 3 + 0) / 3, within(1e-12));
        assertThat(SamplingDifference.EMPTY.named()).containsEntry("sampling/logp_diff_mean", 0.0);
    }

    @Test
    void theOldLogProbsAreTheTrainersWhereTheyAreKnown() {
        Rollout both = rollout(0);

        assertThat(both.oldLogProbs()).isEqualTo(TRAINER.get(0));
        assertThat(both.withTrainerLogProbs(new double[0]).oldLogProbs()).isEqualTo(SAMPLER.get(0));
    }
}
