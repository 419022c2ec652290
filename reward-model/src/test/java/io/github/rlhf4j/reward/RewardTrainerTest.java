package io.github.rlhf4j.reward;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.google.inject.Guice;
import io.github.rlhf4j.core.CounterRandom;
import io.github.rlhf4j.core.UserError;
import io.github.rlhf4j.core.files.HuggingFaceConfig;
import io.github.rlhf4j.core.files.ScoreStatistics;
import io.github.rlhf4j.core.kernels.Kernels;
import io.github.rlhf4j.core.kernels.cpu.CpuKernels;
import io.github.rlhf4j.core.math.RunningStatistics;
import io.github.rlhf4j.core.model.Head;
import io.github.rlhf4j.core.model.ModelConfig;
import io.github.rlhf4j.core.model.TokenSequence;
import io.github.rlhf4j.core.model.Transformer;
import io.github.rlhf4j.core.stage.AdamWConfig;
import io.github.rlhf4j.core.stage.CheckpointConfig;
import io.github.rlhf4j.core.stage.Console;
import io.github.rlhf4j.core.stage.LearningRateConfig;
import io.github.rlhf4j.core.stage.ModelReference;
import io.github.rlhf4j.core.stage.StageRun;
import io.github.rlhf4j.core.stage.StepsConfig;
import io.github.rlhf4j.core.stage.TrainingConfig;
import io.github.rlhf4j.core.tokenizer.BpeTokenizerFiles;
import io.github.rlhf4j.core.tokenizer.BpeTrainer;
import io.github.rlhf4j.datasets.DatasetSpec;
import io.github.rlhf4j.datasets.DatasetsModule;
import io.github.rlhf4j.datasets.tokens.TruncationMode;
import io.github.rlhf4j.datasets.training.DataConfig;
import io.github.rlhf4j.datasets.training.ModelText;
import io.github.rlhf4j.datasets.training.TokenizerChanges;
import io.github.rlhf4j.reward.RewardConfig.RankingLossKind;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The whole stage on a random model of two layers. */
class RewardTrainerTest {
    @TempDir
    Path folder;

    private final Kernels kernels = new CpuKernels(1);
    private Map<String, Object> summary = Map.of();

    @BeforeEach
    void makeModelAndRankings() throws IOException {
        List<String> rows = new ArrayList<>();
        for (String thing : List.of("sky", "grass", "sea")) {
            for (String colour : List.of("red", "green", "blue", "black")) {
                rows.add(
                        ("{\"prompt\": \"Which colour is the %s? \", \"responses\": [\"Well, %s perhaps.\", \"It is %s.\","
                                        + " \"No idea at all.\", \"Who knows?\"], \"ranks\": [2, 1, 3, 3]}")
                                .formatted(thing, colour, colour));
            }
        }
        Files.writeString(folder.resolve("rankings.jsonl"), String.join("\n", rows) + "\n");
        Files.writeString(
                folder.resolve("demonstrations.jsonl"),
                "{\"prompt\": \"Which colour is the sun? \", \"completion\": \"It is red.\"}\n");
        BpeTokenizerFiles tokenizer = BpeTrainer.train(rows.iterator(), 280, List.of());
        ModelConfig config = ModelConfig.llama(tokenizer.vocabSize(), 16, 32, 2, 2, 1, 96, true);
        try (Transformer fresh = Transformer.create(config, Set.of(Head.LANGUAGE), kernels, CounterRandom.of(3))) {
            fresh.save(folder.resolve("start"), Optional.empty());
        }
        tokenizer.writeTo(folder.resolve("start"), Optional.empty());
    }

    @ParameterizedTest
    @EnumSource(RankingLossKind.class)
    void learnsToScoreBetterResponsesHigher(RankingLossKind loss) {
        List<String> lines = run("reward", config(loss, 40, 0, 0.3, 0), false);

        assertThat(metric(lines, "accuracy").get(39)).isGreaterThan(0.9);
        assertThat(metric(lines, "loss").get(39))
                .isLessThan(metric(lines, "loss").get(0) / 2);
        assertThat(metric(lines, "eval_accuracy").get(0)).isGreaterThan(0.9);
        assertThat(metric(lines, "eval_calibration_error").get(0)).isBetween(0.0, 1.0);
        assertThat(summary).containsKey("calibration");
    }

    @Test
    void storesTheShiftThatMakesDemonstrationsAverageZero() {
        run("reward", config(RankingLossKind.K_WISE, 10, 0, 0, 0), false);
        Path result = folder.resolve("reward/model");
        HuggingFaceConfig file = HuggingFaceConfig.read(result);
        ScoreStatistics statistics = file.scoreStatistics().orElseThrow();

        assertThat(file.isRewardModel()).isTrue();
        int pad = file.tokenId("pad_token_id").orElseThrow();
        assertThat(statistics.std()).isPositive();
        RewardConfig again = config(RankingLossKind.K_WISE, 10, 0, 0, 0);
        assertThat(again.demonstrations()).isPresent();
        try (Transformer model = Transformer.load(result, Set.of(Head.SCALAR), kernels);
                ModelText text = ModelText.open(result, folder.resolve("cache"))) {
            assertThat(text.tokenizer().stopIds()).isNotEmpty().doesNotContain(pad);
            assertThat(text.tokenizer().padId()).hasValue(pad);
            int[] ids = text.tokenizer().encode("Which colour is the sun? It is red.</s>", true);
            double score = new RewardModelScorer(model, again.training().optimizer(0))
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
        run("first", config(RankingLossKind.K_WISE, 30, 0, 0, 0), false);
        RewardConfig more = config(RankingLossKind.K_WISE, 1, 0, 0, 0);
        RewardConfig second = new RewardConfig(
                new ModelReference("first", folder.resolve("first/model")),
                more.data(),
                TokenizerChanges.NONE,
                more.demonstrations(),
                more.judge(),
                more.rankingLoss(),
                0,
                10,
                OptionalInt.empty(),
                true,
                more.training());

        assertThat(metric(run("second", second, false), "accuracy").get(0)).isGreaterThan(0.9);
    }

    @Test
    void aResumedRunIsTheRunThatWasNeverStopped() throws IOException {
        List<String> unbroken = run("unbroken", config(RankingLossKind.K_WISE, 8, 4, 0, 0), false);
        run("broken", config(RankingLossKind.K_WISE, 4, 4, 0, 0), false);
        List<String> resumed = run("broken", config(RankingLossKind.K_WISE, 8, 4, 0, 0), true);

        assertThat(resumed).isEqualTo(unbroken);
        assertThat(Files.readAllBytes(folder.resolve("broken/model/model.safetensors")))
                .isEqualTo(Files.readAllBytes(folder.resolve("unbroken/model/model.safetensors")));
    }

    @Test
    void aRunResumedBehindItsLastStepHasTheSameSummary() {
        RewardConfig config = config(RankingLossKind.K_WISE, 4, 4, 0.3, 0);
        List<String> lines = run("reward", config, false);
        Object calibration = summary.get("calibration");
        List<String> again = run("reward", config, true);

        assertThat(again).isEqualTo(lines);
        assertThat(calibration).isNotNull();
        assertThat(summary.get("calibration")).isEqualTo(calibration);
    }

    @Test
    void theAccuracysErrorIsThatOfRankings() {
        List<String> lines = run("reward", config(RankingLossKind.K_WISE, 1, 0, 0.3, 0), false);
        double accuracy = metric(lines, "eval_accuracy").get(0);
        double error = metric(lines, "eval_accuracy_se").get(0);

        // 4 rankings of one held-out prompt, 5 comparisons each: a binomial error would divide by 20
        assertThat(accuracy).isBetween(0.0, 1.0);
        assertThat(error).isNotCloseTo(Math.sqrt(accuracy * (1 - accuracy) / 20), within(1e-6));
    }

    @Test
    void marginsChangeTheLossOrAreRefused() throws IOException {
        String row = "{\"prompt\": \"The sky is \", \"chosen\": \"blue.\", \"rejected\": \"red.\"%s}\n";
        Files.writeString(folder.resolve("rankings.jsonl"), row.formatted(""));
        double plain = metric(run("plain", config(RankingLossKind.K_WISE, 1, 0, 0, 0), false), "loss")
                .get(0);
        Files.writeString(folder.resolve("rankings.jsonl"), row.formatted(", \"margin\": 3"));
        double wide = metric(run("wide", config(RankingLossKind.K_WISE, 1, 0, 0, 0), false), "loss")
                .get(0);

        // -log S(x) = plain, so x = -log(e^plain - 1), and wide is -log S(x - 3)
        assertThat(wide).isCloseTo(Math.log1p(Math.exp(3 + Math.log(Math.expm1(plain)))), within(1e-6));
        assertThatThrownBy(() -> run("x", config(RankingLossKind.PLACKETT_LUCE, 1, 0, 0, 0), false))
                .isInstanceOf(UserError.class)
                .hasMessageContaining("has no effect with ranking_loss: plackett_luce");
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
        List<String> whole = run("whole", config(RankingLossKind.K_WISE, 4, 0, 0, 0), false);
        List<String> cut = run("cut", config(RankingLossKind.K_WISE, 4, 0, 0, 60), false);

        for (String metric : List.of("loss", "grad_norm", "accuracy", "min_reward", "mean_reward", "max_reward")) {
            for (int i = 0; i < 4; i++) {
                assertThat(metric(cut, metric).get(i))
                        .isCloseTo(metric(whole, metric).get(i), within(1e-4));
            }
        }
    }

    @Test
    void namesTheKeyTheValueAndTheRange() {
        RewardConfig valid = config(RankingLossKind.K_WISE, 1, 0, 0, 0);

        assertThatThrownBy(() -> with(valid, RankingLossKind.K_WISE, -1))
                .hasMessage("center_rewards_coefficient must be finite and >= 0, but is -1.0");
        assertThatThrownBy(() -> with(valid, RankingLossKind.PLACKETT_LUCE, 0.01))
                .hasMessageContaining("center_rewards_coefficient does nothing with ranking_loss: plackett_luce");
        assertThatThrownBy(() -> changed(valid, TokenizerChanges.NONE, OptionalInt.of(5)))
                .hasMessageContaining("calibration_bins does nothing without eval_dataset or eval_fraction");
    }

    @Test
    void writesTheTokenizerItWasToldTo() {
        RewardConfig plain = config(RankingLossKind.K_WISE, 1, 0, 0, 0);
        run(
                "changed",
                changed(plain, new TokenizerChanges(Optional.empty(), Optional.of("?")), OptionalInt.empty()),
                false);

        try (ModelText text = ModelText.open(folder.resolve("changed/model"), folder.resolve("cache"))) {
            assertThat(text.tokenizer().eosId()).isEqualTo(text.tokenizer().id("?"));
            assertThat(text.tokenizer().stopIds())
                    .doesNotContain(text.tokenizer().padId().orElseThrow());
        }
    }

    private static RewardConfig changed(RewardConfig config, TokenizerChanges tokenizer, OptionalInt bins) {
        return new RewardConfig(
                config.model(),
                config.data(),
                tokenizer,
                config.demonstrations(),
                config.judge(),
                config.rankingLoss(),
                config.centerRewardsCoefficient(),
                config.statisticsRows(),
                bins,
                true,
                config.training());
    }

    private static RewardConfig with(RewardConfig config, RankingLossKind loss, double centering) {
        return new RewardConfig(
                config.model(),
                config.data(),
                config.tokenizer(),
                config.demonstrations(),
                config.judge(),
                loss,
                centering,
                config.statisticsRows(),
                config.calibrationBins(),
                true,
                config.training());
    }

    private RewardConfig config(
            RankingLossKind loss, long steps, long saveSteps, double evalFraction, int microBatchTokens) {
        TrainingConfig training = TrainingConfig.of(LearningRateConfig.constant(3e-3), StepsConfig.of(4, steps))
                .with(AdamWConfig.DEFAULT.withMicroBatchTokens(microBatchTokens))
                .with(CheckpointConfig.every(saveSteps));
        return new RewardConfig(
                new ModelReference("start", folder.resolve("start")),
                new DataConfig(
                        DatasetSpec.of(folder.resolve("rankings.jsonl").toString()),
                        Optional.empty(),
                        evalFraction,
                        0,
                        TruncationMode.PROMPT_LEFT,
                        false),
                TokenizerChanges.NONE,
                Optional.of(
                        DatasetSpec.of(folder.resolve("demonstrations.jsonl").toString())),
                Optional.empty(),
                loss,
                0,
                10,
                evalFraction > 0 ? OptionalInt.of(5) : OptionalInt.empty(),
                true,
                training);
    }

    private List<String> run(String name, RewardConfig config, boolean resume) {
        RewardTrainer trainer =
                Guice.createInjector(new DatasetsModule(), new RewardModule()).getInstance(RewardTrainer.class);
        Path directory = folder.resolve(name);
        StageRun.Setting setting = new StageRun.Setting(
                name, directory, folder.resolve("cache"), 5, 5, kernels, Console.SILENT, resume, System::nanoTime);
        try {
            Files.createDirectories(directory);
            try (StageRun run = new StageRun(setting)) {
                trainer.check(config);
                trainer.run(config, run);
                summary = run.summary();
            }
            return Files.readAllLines(directory.resolve("metrics.jsonl"));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static List<Double> metric(List<String> lines, String name) {
        List<Double> values = new ArrayList<>();
        for (String line : lines) {
            JsonNode value = parsed(line).path(name);
            if (!value.isMissingNode()) {
                values.add(value.asDouble());
            }
        }
        return values;
    }

    private static JsonNode parsed(String line) {
        try {
            return new ObjectMapper().readTree(line);
        } catch (JsonProcessingException e) {
            throw new UncheckedIOException(e);
        }
    }
}
