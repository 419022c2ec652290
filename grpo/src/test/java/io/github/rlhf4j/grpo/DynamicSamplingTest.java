package io.github.rlhf4j.grpo;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.google.inject.AbstractModule;
import io.github.rlhf4j.core.stage.CheckpointConfig;
import io.github.rlhf4j.core.stage.LearningRateConfig;
import io.github.rlhf4j.core.stage.StepsConfig;
import io.github.rlhf4j.core.stage.TrainingConfig;
import io.github.rlhf4j.datasets.DatasetSpec;
import io.github.rlhf4j.rollout.RewardBinder;
import io.github.rlhf4j.rollout.RewardFunction;
import io.github.rlhf4j.testing.StageHarness;
import io.github.rlhf4j.testing.StageOutput;
import io.github.rlhf4j.testing.TinyData;
import io.github.rlhf4j.testing.TinyModel;
import java.nio.file.Path;
import java.util.List;
import java.util.OptionalLong;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Groups of one reward give way to groups of later prompts. */
class DynamicSamplingTest {
    @TempDir
    private Path folder;

    private StageHarness harness;
    private DatasetSpec prompts;

    @BeforeEach
    void makeModelAndPrompts() {
        harness = new StageHarness(folder, new GrpoModule(), new AbstractModule() {
            @Override
            protected void configure() {
                RewardBinder.rewardBinder(binder())
                        .bind(
                                "luck",
                                RewardFunction.each(answer -> answer.response().length() % 3 == 0 ? 1 : 0));
                RewardBinder.rewardBinder(binder()).bind("nothing", RewardFunction.each(answer -> 0));
            }
        });
        harness.model("policy", TinyModel.llama());
        prompts = harness.data(TinyData.PROMPTS);
    }

    private GrpoConfigBuilder config(String reward, int steps) {
        TrainingConfig training = TrainingConfig.of(
                LearningRateConfig.constant(3e-3), new StepsConfig(6, steps, 1, false, OptionalLong.empty()));
        return GrpoConfig.builder(harness.model("policy"), prompts)
                .rewardFunction(reward)
                .numGenerations(2)
                .maxCompletionLength(6)
                .filterGroups(true)
                .training(training);
    }

    private StageOutput run(String name, GrpoConfig config) {
        return harness.run(name, GrpoStage.class, config);
    }

    @Test
    void everyGroupThatIsLearntFromHasDifferentRewards() {
        StageOutput output = run("filtered", config("luck", 3).build());

        assertThat(output.metric("frac_reward_zero_std")).containsOnly(0.0);
        assertThat(output.metric("num_gen_batches")).allMatch(batches -> batches > 1);
        for (int step = 0; step < 3; step++) {
            assertThat(output.metric("num_gen_batches").get(step))
                    .isCloseTo(1 + output.metric("filtered_groups").get(step) / 6, within(1e-12));
        }
        List<JsonNode> learnt = output.samples().stream()
                .filter(sample -> !sample.path("filtered").asBoolean())
                .toList();
        assertThat(learnt)
                .hasSize(36)
                .allMatch(sample -> sample.path("advantage").asDouble() != 0);
    }

    @Test
    void thePromptsOfTheDataComeOneAfterTheOther() {
        StageOutput output = run("filtered", config("luck", 3).build());
        List<String> drawn = output.samples().stream()
                .filter(sample -> sample.path("step").asLong() == 1)
                .map(sample -> sample.path("prompt").asText())
                .distinct()
                .toList();
        int groups = (int) Math.round(output.metric("num_gen_batches").get(0) * 6);

        assertThat(drawn).hasSize(Math.min(12, groups));
    }

    @Test
    void atTheLimitGroupsOfOneRewardFillTheRest() {
        StageOutput output =
                run("nothing", config("nothing", 1).maxNumGenBatches(3).build());

        assertThat(output.metric("num_gen_batches")).containsExactly(3.0);
        assertThat(output.metric("filtered_groups")).containsExactly(12.0);
        assertThat(output.metric("frac_reward_zero_std")).containsExactly(1.0);
        assertThat(output.metric("grad_norm")).containsExactly(0.0);
    }

    @Test
    void whereAllGroupsDifferNothingChanges() {
        GrpoConfig config = config("luck", 1).numGenerations(12).build();
        StageOutput filtered = run("filtered", config);
        StageOutput plain = run("plain", config.toBuilder().filterGroups(false).build());

        assertThat(filtered.metric("num_gen_batches")).containsExactly(1.0);
        assertThat(filtered.weights()).isEqualTo(plain.weights());
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3})
    void aKilledRunResumesToTheRunThatWasNeverKilled(long checkpoint) {
        GrpoConfig start = config("luck", 5).stepsPerGeneration(2).build();
        GrpoConfig config = start.toBuilder()
                .training(start.training().with(CheckpointConfig.every(1)))
                .build();
        StageOutput unbroken = run("unbroken", config);
        harness.killAfter(checkpoint, "broken", GrpoStage.class, config);
        StageOutput resumed = harness.resume("broken", GrpoStage.class, config);

        assertThat(resumed.lines()).isEqualTo(unbroken.lines());
        assertThat(resumed.weights()).isEqualTo(unbroken.weights());
    }

    @Test
    void storedResponsesCannotBeDrawnAgain() {
        assertThatThrownBy(() -> GrpoConfig.replaying(harness.model("policy"), prompts)
                        .filterGroups(true)
                        .build())
                .hasMessage(
                        "filter_groups must be false with rollouts: stored responses cannot be drawn again, but is true");
    }
}
