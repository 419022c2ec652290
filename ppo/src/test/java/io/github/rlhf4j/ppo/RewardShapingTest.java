package io.github.rlhf4j.ppo;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.github.rlhf4j.core.math.RunningStatistics;
import io.github.rlhf4j.rollout.KlEstimator;
import java.util.stream.DoubleStream;
import org.junit.jupiter.api.Test;

class RewardShapingTest {
    private static final double[] LOG_PROBS = {-1, -2, -0.5};
    private static final double[] REF_LOG_PROBS = {-1.5, -1, -0.5};

    @Test
    void putsTheScoreOnTheEndTokenAndThePenaltyOnEachToken() {
        double[] rewards = shaping(RewardPlacement.END).rewards(LOG_PROBS, REF_LOG_PROBS, 2, 0.1, 8);

        assertThat(rewards).containsExactly(new double[] {-0.05, 0.1, 2}, within(1e-15));
    }

    @Test
    void putsTheScoreAfterTheEndTokenOnRequestWhereThereIsRoom() {
        RewardShaping shaping = shaping(RewardPlacement.AFTER_END);

        assertThat(shaping.rewards(LOG_PROBS, REF_LOG_PROBS, 2, 0.1, 8))
                .containsExactly(new double[] {-0.05, 0.1, 0, 2}, within(1e-15));
        assertThat(shaping.rewards(LOG_PROBS, REF_LOG_PROBS, 2, 0.1, 3))
                .containsExactly(new double[] {-0.05, 0.1, 2}, within(1e-15));
    }

    @Test
    void subtractsThePenaltyOnlyWhereTheResponseNeverEnded() {
        RewardShaping shaping = new RewardShaping(KlEstimator.K1, RewardPlacement.END, 1.5);

        assertThat(shaping.penalized(2, true)).isEqualTo(2);
        assertThat(shaping.penalized(2, false)).isEqualTo(0.5);
        assertThatThrownBy(() -> new RewardShaping(KlEstimator.K1, RewardPlacement.END, -1))
                .hasMessageContaining("missing_eos_penalty");
    }

    @Test
    void sumOfRewardsIsTheScoreLessTheDivergence() {
        RolloutMetrics metrics = RolloutMetrics.of(LOG_PROBS, REF_LOG_PROBS, 2, true, 0.1, KlEstimator.K1);
        double sum = DoubleStream.of(shaping(RewardPlacement.END).rewards(LOG_PROBS, REF_LOG_PROBS, 2, 0.1, 8))
                .sum();

        assertThat(metrics.named())
                .hasEntrySatisfying(
                        "objective/rlhf_reward", reward -> assertThat(reward).isCloseTo(sum, within(1e-14)));
    }

    @Test
    void metricsAreMeansOverResponsesOfSumsOverTokens() {
        RolloutMetrics metrics = RolloutMetrics.of(LOG_PROBS, REF_LOG_PROBS, 2, true, 0.1, KlEstimator.K1)
                .merge(RolloutMetrics.of(new double[] {-3}, new double[] {-4.5}, 1, false, 0.1, KlEstimator.K1));

        // kl -0.5 and 1.5; entropy 3.5 and 3
        assertThat(metrics.named().values())
                .usingElementComparator((a, b) -> Math.abs(a - b) < 1e-14 ? 0 : Double.compare(a, b))
                .containsExactly(0.5, 3.25, -0.05, 1.45, 1.5, 1.0);
        assertThat(metrics.named().keySet())
                .containsExactly(
                        "objective/kl",
                        "objective/entropy",
                        "objective/non_score_reward",
                        "objective/rlhf_reward",
                        "objective/scores",
                        "val/num_eos_tokens");
    }

    @Test
    void normalizersLearnOnlyWhatTheyObserve() {
        double[] scores = {1, 3};
        ScoreNormalizer running = new ScoreNormalizer.Running(RunningStatistics.EMPTY);

        assertThat(new ScoreNormalizer.None().observe(scores).apply(scores)).containsExactly(1, 3);
        assertThat(new ScoreNormalizer.Batch().apply(scores)).containsExactly(-1, 1);
        assertThat(new ScoreNormalizer.Stored(2, 4).observe(scores).apply(scores))
                .containsExactly(-0.25, 0.25);
        assertThat(running.observe(scores).apply(scores)).containsExactly(-1, 1);
        // 1, 3, 5, 7: mean 4, variance 5
        assertThat(running.observe(scores).observe(new double[] {5, 7}).apply(new double[] {4 + Math.sqrt(5)}))
                .containsExactly(new double[] {1}, within(1e-14));
        assertThat(new ScoreNormalizer.Batch().apply(new double[] {2, 2})).containsExactly(0, 0);
    }

    @Test
    void clipsScoresOnBothSides() {
        assertThat(ScoreNormalizer.clipped(new double[] {-7, 0.5, 7}, 5)).containsExactly(-5, 0.5, 5);
        assertThat(ScoreNormalizer.clipped(new double[] {-7}, Double.POSITIVE_INFINITY))
                .containsExactly(-7);
        assertThatThrownBy(() -> ScoreNormalizer.clipped(new double[] {1}, 0)).hasMessageContaining("reward_clip");
    }

    private static RewardShaping shaping(RewardPlacement placement) {
        return new RewardShaping(KlEstimator.K1, placement, 0);
    }

    @Test
    void partsOfAScoreMoveToTheirTokens() {
        RewardShaping shaping = new RewardShaping(KlEstimator.K1, RewardPlacement.END, 0);
        double[] none = {0, 0, 0};

        assertThat(shaping.rewards(none, none, 1.5, new double[] {0.5, 0, 0.75}, 0, 3))
                .containsExactly(new double[] {0.5, 0, 1.0}, within(1e-12));
        assertThat(shaping.rewards(none, none, 1.5, new double[0], 0, 3))
                .containsExactly(shaping.rewards(none, none, 1.5, 0, 3));
    }
}
