package io.github.rlhf4j.reward;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.github.rlhf4j.core.CounterRandom;
import io.github.rlhf4j.core.UserError;
import io.github.rlhf4j.core.files.HuggingFaceConfig;
import io.github.rlhf4j.core.files.ScoreStatistics;
import io.github.rlhf4j.core.math.RunningStatistics;
import io.github.rlhf4j.core.model.Head;
import io.github.rlhf4j.core.model.TokenSequence;
import io.github.rlhf4j.core.model.Transformer;
import io.github.rlhf4j.datasets.DatasetSpec;
import io.github.rlhf4j.datasets.training.ModelText;
import io.github.rlhf4j.reward.RewardConfig.RankingLossKind;
import io.github.rlhf4j.testing.StageHarness;
import io.github.rlhf4j.testing.StageOutput;
import io.github.rlhf4j.testing.TinyData;
import io.github.rlhf4j.testing.TinyModel;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The whole stage on a random model of two layers. */
class RewardTrainerTest {
    private StageHarness harness;

    @BeforeEach
    void makeModelAndRankings(@TempDir Path folder) {
        harness = new StageHarness(folder, new RewardModule());
        harness.model("start", TinyModel.llama());
        TinyData.write(
                folder.resolve("sun.jsonl"),
                List.of("{\"prompt\": \"Which colour is the sun? \", \"completion\": \"It is red.\"}"));
    }

    @ParameterizedTest
    @EnumSource(RankingLossKind.class)
    void learnsToScoreBetterResponsesHigher(RankingLossKind loss) {
        StageOutput output = run("reward", keys -> holdingOut(keys, 40).rankingLoss(loss));

        assertThat(output.metric("accuracy").get(39)).isGreaterThan(0.9);
        assertThat(output.metric("loss").get(39))
                .isLessThan(output.metric("loss").get(0) / 2);
        assertThat(output.metric("eval_accuracy").get(0)).isGreaterThan(0.9);
        assertThat(output.metric("eval_calibration_error").get(0)).isBetween(0.0, 1.0);
        assertThat(output.summary().path("calibration").path("bins").size()).isEqualTo(5);
    }

    @Test
    void storesTheShiftThatMakesDemonstrationsAverageZero() {
        RewardConfig config = config(keys -> steps(keys, 10));
        Path result = harness.run("reward", RewardTrainer.class, config).model();
        HuggingFaceConfig file = HuggingFaceConfig.read(result);
        ScoreStatistics statistics = file.scoreStatistics().orElseThrow();

        assertThat(file.isRewardModel()).isTrue();
        int pad = file.tokenId("pad_token_id").orElseThrow();
        assertThat(statistics.std()).isPositive();
        try (Transformer model = Transformer.load(result, Set.of(Head.SCALAR), harness.kernels());
                ModelText text = ModelText.open(result, harness.folder().resolve("cache"))) {
            assertThat(text.tokenizer().stopIds()).isNotEmpty().doesNotContain(pad);
            assertThat(text.tokenizer().padId()).hasValue(pad);
            int[] ids = text.tokenizer().encode("Which colour is the sun? It is red.</s>", true);
            double score = new RewardModelScorer(model, config.training().optimizer(0))
                    .scoreSingles(List.of(TokenSequence.scoredAtEnd(ids)))[0];
            assertThat(score + statistics.shift()).isCloseTo(0, within(1e-5));
        }
    }

    @Test
    void storesMeanAndSpreadOfRawScores() {
        assertThat(ScoreMeasurement.statistics(RunningStatistics.of(2, 4), RunningStatistics.of(1, 5)))
                .isEqualTo(new ScoreStatistics(-3, 3, 2));
        assertThat(ScoreMeasurement.statistics(RunningStatistics.of(2), RunningStatistics.of(7)))
                .isEqualTo(new ScoreStatistics(-2, 7, 1));
    }

    @Test
    void goesOnWithTheHeadOfARewardModel() {
        run("first", keys -> steps(keys, 30));

        StageOutput second = run("second", keys -> steps(keys, 1).model(harness.model("first")));

        assertThat(second.metric("accuracy").get(0)).isGreaterThan(0.9);
    }

    @Test
    void aStoppedOrKilledRunThatIsResumedIsTheRunThatWasNot() {
        RewardConfig config = config(keys ->
                holdingOut(keys, 8).training(training -> training.saveSteps(3).evalSteps(2)));
        StageOutput unbroken = harness.run("unbroken", RewardTrainer.class, config);

        harness.stopAfter(4, "stopped", RewardTrainer.class, config);
        harness.killAfter(5, "killed", RewardTrainer.class, config);

        assertThat(unbroken.metric("eval_loss")).hasSize(4);
        for (String name : List.of("stopped", "killed")) {
            StageOutput resumed = harness.resume(name, RewardTrainer.class, config);
            assertThat(resumed.lines()).isEqualTo(unbroken.lines());
            assertThat(resumed.weights()).isEqualTo(unbroken.weights());
            assertThat(resumed.summary().path("calibration"))
                    .isEqualTo(unbroken.summary().path("calibration"));
        }
    }

    @Test
    void aRunResumedAfterItsLastStepHasTheSameSummary() {
        RewardConfig config = config(keys -> holdingOut(keys, 4).training(training -> training.saveSteps(4)));
        StageOutput first = harness.run("reward", RewardTrainer.class, config);
        List<String> lines = first.lines();

        StageOutput again = harness.resume("reward", RewardTrainer.class, config);

        assertThat(again.lines()).isEqualTo(lines);
        assertThat(first.summary().path("calibration").isMissingNode()).isFalse();
        assertThat(again.summary().path("calibration"))
                .isEqualTo(first.summary().path("calibration"));
    }

    @Test
    void theAccuracysErrorIsThatOfRankings() {
        StageOutput output =
                run("reward", keys -> holdingOut(keys, 1).training(training -> training.learningRate(1e-6)));
        double accuracy = output.metric("eval_accuracy").get(0);
        double error = output.metric("eval_accuracy_se").get(0);

        // 4 rankings of one held-out prompt, 5 comparisons each: a binomial error would divide by 20
        assertThat(accuracy).isGreaterThan(0).isLessThan(1); // of an untrained model
        assertThat(error).isNotCloseTo(Math.sqrt(accuracy * (1 - accuracy) / 20), within(1e-6));
    }

    @Test
    void marginsChangeTheLossOrAreRefused() {
        double plain = oneRow("plain", "", RankingLossKind.K_WISE);
        double wide = oneRow("wide", ", \"margin\": 3", RankingLossKind.K_WISE);

        // -log S(x) = plain, so x = -log(e^plain - 1), and wide is -log S(x - 3)
        assertThat(wide).isCloseTo(Math.log1p(Math.exp(3 + Math.log(Math.expm1(plain)))), within(1e-6));
        assertThatThrownBy(() -> oneRow("x", ", \"margin\": 3", RankingLossKind.PLACKETT_LUCE))
                .isInstanceOf(UserError.class)
                .hasMessageContaining("has no effect with ranking_loss: plackett_luce");
    }

    /** The loss of a step on one pair. */
    private double oneRow(String name, String margin, RankingLossKind loss) {
        String row = "{\"prompt\": \"The sky is \", \"chosen\": \"blue.\", \"rejected\": \"red.\"%s}".formatted(margin);
        DatasetSpec pair = TinyData.write(harness.folder().resolve(name + ".jsonl"), List.of(row));
        return run(name, keys -> steps(keys, 1).rankingLoss(loss).data(data -> data.dataset(pair)))
                .metric("loss")
                .get(0);
    }

    @Test
    void measuresScoresOnRowsDrawnAtRandom() {
        long[] drawn = ScoreMeasurement.draw(10, CounterRandom.of(1), 1_000);

        assertThat(drawn).hasSize(10).isSorted().doesNotHaveDuplicates();
        assertThat(drawn[9]).isGreaterThan(500);
        assertThat(ScoreMeasurement.draw(10, CounterRandom.of(1), 1_000)).isEqualTo(drawn);
        assertThat(ScoreMeasurement.draw(10, CounterRandom.of(2), 1_000)).isNotEqualTo(drawn);
        assertThat(ScoreMeasurement.draw(10, CounterRandom.of(1), 3)).containsExactly(0, 1, 2);
    }

    @Test
    void trainsTheSameHoweverAStepIsCut() {
        StageOutput whole = run("whole", keys -> steps(keys, 4));
        StageOutput cut = run("cut", keys -> steps(keys, 4).training(training -> training.microBatchTokens(60)));

        for (String metric : List.of("loss", "grad_norm", "accuracy", "min_reward", "mean_reward", "max_reward")) {
            for (int i = 0; i < 4; i++) {
                assertThat(cut.metric(metric).get(i))
                        .isCloseTo(whole.metric(metric).get(i), within(1e-4));
            }
        }
    }

    @Test
    void namesTheKeyTheValueAndTheRange() {
        assertThatThrownBy(() -> config(keys -> keys.centerRewardsCoefficient(-1)))
                .hasMessage("center_rewards_coefficient must be finite and >= 0, but is -1.0");
        assertThatThrownBy(() -> config(
                        keys -> keys.rankingLoss(RankingLossKind.PLACKETT_LUCE).centerRewardsCoefficient(0.01)))
                .hasMessageContaining("center_rewards_coefficient does nothing with ranking_loss: plackett_luce");
        assertThatThrownBy(() -> config(keys -> keys.calibrationBins(5)))
                .hasMessageContaining("calibration_bins does nothing without eval_dataset or eval_fraction");
    }

    @Test
    void writesTheTokenizerItWasToldTo() {
        StageOutput output = run("changed", keys -> steps(keys, 1).eosToken("?"));

        try (ModelText text = ModelText.open(output.model(), harness.folder().resolve("cache"))) {
            assertThat(text.tokenizer().eosId()).isEqualTo(text.tokenizer().id("?"));
            assertThat(text.tokenizer().stopIds())
                    .doesNotContain(text.tokenizer().padId().orElseThrow());
        }
    }

    /** Four rankings a step. */
    private RewardConfig config(UnaryOperator<RewardConfigBuilder> keys) {
        RewardConfigBuilder usual = RewardConfig.builder(harness.model("start"), harness.data(TinyData.RANKINGS))
                .demonstrations(
                        DatasetSpec.of(harness.folder().resolve("sun.jsonl").toString()))
                .statisticsRows(10)
                .training(training -> training.learningRate(3e-3)
                        .lrSchedulerType("constant")
                        .minLrRate(0)
                        .batchSize(4)
                        .loggingSteps(1));
        return keys.apply(usual).build();
    }

    private static RewardConfigBuilder steps(RewardConfigBuilder keys, long steps) {
        return keys.training(training -> training.maxSteps(steps));
    }

    /** One prompt of the three is held out. */
    private static RewardConfigBuilder holdingOut(RewardConfigBuilder keys, long steps) {
        return steps(keys, steps).calibrationBins(5).data(data -> data.evalFraction(0.3));
    }

    private StageOutput run(String name, UnaryOperator<RewardConfigBuilder> keys) {
        return harness.run(name, RewardTrainer.class, config(keys));
    }
}
