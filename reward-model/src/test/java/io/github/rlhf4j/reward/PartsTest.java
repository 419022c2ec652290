package io.github.rlhf4j.reward;

import io.github.rlhf4j.core.stage.ReplicasConfig;
import io.github.rlhf4j.core.stage.Stage;
import io.github.rlhf4j.datasets.DatasetSpec;
import io.github.rlhf4j.reward.RewardConfig.RankingLossKind;
import io.github.rlhf4j.reward.process.ProcessRewardConfig;
import io.github.rlhf4j.reward.process.ProcessRewardTrainer;
import io.github.rlhf4j.testing.PartsCheck;
import io.github.rlhf4j.testing.StageHarness;
import io.github.rlhf4j.testing.TinyData;
import io.github.rlhf4j.testing.TinyModel;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Function;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Stages reward and process_reward in replicas and shards, on a random model of two layers. */
class PartsTest {
    @TempDir
    Path folder;

    private StageHarness harness;

    @BeforeEach
    void aModel() {
        harness = new StageHarness(folder, new RewardModule());
        harness.model("start", TinyModel.llama());
    }

    private <C extends Record> void holds(
            String name, Class<? extends Stage<C>> stage, Function<ReplicasConfig, C> config, String... metrics) {
        new PartsCheck<>(harness, stage, config).run(name, metrics);
    }

    private RewardConfigBuilder rankings(ReplicasConfig parts) {
        return RewardConfig.builder(harness.model("start"), harness.data(TinyData.RANKINGS))
                .parts(parts)
                .statisticsRows(10)
                .training(training -> training.learningRate(3e-3)
                        .lrSchedulerType("constant")
                        .minLrRate(0)
                        .batchSize(3)
                        .maxSteps(4)
                        .saveSteps(1)
                        .loggingSteps(1));
    }

    @Test
    void rankingsByPairs() {
        holds(
                "pairs",
                RewardTrainer.class,
                parts -> rankings(parts).centerRewardsCoefficient(0.01).build(),
                "loss",
                "grad_norm",
                "accuracy",
                "mean_reward",
                "min_reward");
    }

    @Test
    void rankingsAsAWhole() {
        holds(
                "whole",
                RewardTrainer.class,
                parts -> rankings(parts)
                        .rankingLoss(RankingLossKind.PLACKETT_LUCE)
                        .build(),
                "loss",
                "grad_norm");
    }

    @Test
    void stepsOfAnswers() {
        String row =
                "{\"prompt\": \"Which colour is the sky, and why? %d \", \"completions\": [\"It is blue.\", \"%s\"],"
                        + " \"labels\": [true, %b]}";
        DatasetSpec rows = TinyData.write(
                folder.resolve("steps.jsonl"),
                List.of(
                        row.formatted(1, "No idea at all.", false),
                        row.formatted(2, "It is the light.", true),
                        row.formatted(3, "It is the light.", true)));
        holds(
                "steps",
                ProcessRewardTrainer.class,
                parts -> ProcessRewardConfig.builder(harness.model("start"), rows)
                        .parts(parts)
                        .training(training -> training.maxSteps(4)
                                .batchSize(3)
                                .learningRate(1e-2)
                                .saveSteps(1)
                                .loggingSteps(1))
                        .build(),
                "loss",
                "grad_norm",
                "accuracy");
    }
}
