package io.github.rlhf4j.grpo;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.google.inject.AbstractModule;
import io.github.rlhf4j.core.stage.CheckpointConfig;
import io.github.rlhf4j.core.stage.ConfigException;
import io.github.rlhf4j.core.stage.LearningRateConfig;
import io.github.rlhf4j.core.stage.ModelReference;
import io.github.rlhf4j.core.stage.StepsConfig;
import io.github.rlhf4j.core.stage.TrainingConfig;
import io.github.rlhf4j.core.tensor.WeightType;
import io.github.rlhf4j.datasets.DatasetSpec;
import io.github.rlhf4j.rollout.ImportanceSampling;
import io.github.rlhf4j.rollout.RewardBinder;
import io.github.rlhf4j.rollout.RewardFunction;
import io.github.rlhf4j.rollout.Rollout;
import io.github.rlhf4j.testing.IsolatedCluster;
import io.github.rlhf4j.testing.StageHarness;
import io.github.rlhf4j.testing.StageOutput;
import io.github.rlhf4j.testing.TinyData;
import io.github.rlhf4j.testing.TinyModel;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** RLOO: advantages and loss by hand, and the whole stage on a random model of two layers. */
class RlooTest {
    private static final ModelReference MODEL = new ModelReference("m", Path.of("m"));
    private static final DatasetSpec ROWS = DatasetSpec.of("rows.jsonl");

    @TempDir
    private Path folder;

    private StageHarness harness;
    private DatasetSpec prompts;

    @BeforeEach
    void makeModelAndPrompts() {
        harness = new StageHarness(folder, new GrpoModule(), new AbstractModule() {
            @Override
            protected void configure() {
                RewardBinder.rewardBinder(binder()).bind("letters", RewardFunction.each(RlooTest::letters));
            }
        });
        harness.model("policy", TinyModel.llama());
        prompts = harness.data(TinyData.PROMPTS);
    }

    private static double letters(RewardFunction.Answer answer) {
        String text = answer.response();
        return (double) text.chars().filter(Character::isLetter).count() / Math.max(1, text.length());
    }

    private RlooConfigBuilder config(int batch, int steps) {
        return RlooConfig.builder(harness.model("policy"), prompts)
                .rewardFunction("letters")
                .numGenerations(4)
                .maxCompletionLength(12)
                .training(training(3e-3, batch, steps));
    }

    private static TrainingConfig training(double rate, int batch, int steps) {
        return TrainingConfig.of(LearningRateConfig.constant(rate), StepsConfig.of(batch, steps));
    }

    private StageOutput run(String name, RlooConfig config) {
        return harness.run(name, RlooStage.class, config);
    }

    @Test
    void earnsMoreAndMoreReward() {
        List<Double> rewards = run(
                        "rloo", config(6, 20).training(training(2e-2, 6, 20)).build())
                .metric("reward");

        assertThat(mean(rewards.subList(15, 20))).isGreaterThan(mean(rewards.subList(0, 5)) + 0.1);
    }

    private static double mean(List<Double> values) {
        return values.stream().mapToDouble(x -> x).average().orElseThrow();
    }

    @Test
    void samplesHaveTheKlOfTheWholeResponse() {
        JsonNode sample = run("rloo", config(3, 2).build()).samples().get(13);

        assertThat(sample.path("step").asLong()).isEqualTo(2);
        assertThat(sample.path("kl").asDouble()).isNotZero();
        assertThat(sample.has("advantage") && sample.has("ended")).isTrue();
    }

    @Test
    void samplesHaveTheirTokensWhereTheyAreAskedFor() {
        JsonNode sample =
                run("tokens", config(3, 2).logTokens(true).build()).samples().get(13);

        StringBuilder text = new StringBuilder();
        double kl = 0;
        for (JsonNode token : sample.path("tokens")) {
            text.append(token.path("text").asText());
            kl += token.path("log_ratio").asDouble();
            assertThat(token.path("log_prob").asDouble()).isNegative();
            assertThat(token.path("advantage").asDouble())
                    .isEqualTo(sample.path("advantage").asDouble());
        }
        assertThat(sample.path("tokens")).hasSize(sample.path("length").asInt());
        assertThat(text.toString()).startsWith(sample.path("response").asText());
        assertThat(kl).isCloseTo(sample.path("kl").asDouble(), within(1e-6));
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3})
    void aResumedRunIsTheRunThatWasNeverStopped(long checkpoint) {
        RlooConfig config = config(2, 6)
                .numIterations(2)
                .stepsPerGeneration(2)
                .normalizeAdvantages(true)
                .training(training(3e-3, 2, 6).with(CheckpointConfig.every(1)))
                .build();
        StageOutput unbroken = run("unbroken", config);
        harness.killAfter(checkpoint, "broken", RlooStage.class, config);
        StageOutput resumed = harness.resume("broken", RlooStage.class, config);

        assertThat(resumed.lines()).isEqualTo(unbroken.lines());
        assertThat(resumed.weights()).isEqualTo(unbroken.weights());
    }

    @Test
    void aSamplerOfRoundedWeightsIsAnotherPolicyThatIsCorrected() {
        RlooConfig config = config(2, 4)
                .rolloutWeights(WeightType.INT8)
                .importanceSamplingMode(ImportanceSampling.TOKEN_TRUNCATE)
                .training(training(3e-3, 2, 4).with(CheckpointConfig.every(1)))
                .build();
        StageOutput unbroken = run("unbroken", config);
        harness.stopAfter(2, "broken", RlooStage.class, config);

        assertThat(unbroken.metric("kl").get(0)).isCloseTo(0, within(1e-6)); // of the trainer's log-probs
        assertThat(unbroken.metric("sampling/logp_diff_max"))
                .allSatisfy(largest -> assertThat(largest).isBetween(1e-4, 1.0));
        assertThat(unbroken.metric("sampling/importance_sampling_ratio/max").get(0))
                .isBetween(1 + 1e-4, 3.0);
        assertThat(harness.resume("broken", RlooStage.class, config).weights()).isEqualTo(unbroken.weights());
        harness.computeOn(kernels -> new IsolatedCluster(kernels, 3));
        assertThat(run("isolated", config).lines()).isEqualTo(unbroken.lines());
    }

    private static Rollout rollout(double reward, double logProb, double refLogProb, boolean ended) {
        var answer = new RewardFunction.Answer("?", "!", 2, ended);
        return Rollout.sampled(new int[] {1}, new int[] {2, 3}, answer, new double[] {logProb, logProb})
                .withRefLogProbs(new double[] {refLogProb, refLogProb})
                .withScores(Map.of("r", reward), reward);
    }

    private static RlooConfigBuilder any() {
        return RlooConfig.builder(MODEL, ROWS).rewardFunction("length");
    }

    @Test
    void theKlOfAResponseIsTakenOffItsReward() {
        // R = 1 - 0.5 * 2 * (-1 - -2) = 0 and 0.5 - 0.5 * 2 * (-1 - -1.5) = 0, and 0.25 without KL; A = 0 - 0.125 and
        // so on
        List<List<Rollout>> group =
                List.of(List.of(rollout(1, -1, -2, true), rollout(0.5, -1, -1.5, true), rollout(0.25, -3, -3, true)));
        RlooMethod method = new RlooMethod(any().beta(0.5).build());

        assertThat(method.advantages(group).list().get(0))
                .usingComparatorWithPrecision(1e-12)
                .containsExactly(-0.125, -0.125, 0.25);
        assertThat(method.kl(group.get(0).get(0))).isCloseTo(2, within(1e-12));
    }

    @Test
    void aCutResponsePaysNoKlWhereItIsMasked() {
        List<List<Rollout>> group = List.of(List.of(rollout(1, -1, -2, false), rollout(0.5, -1, -1, true)));
        RlooMethod method =
                new RlooMethod(any().beta(0.5).maskTruncatedCompletions(true).build());

        assertThat(method.advantages(group).list().get(0)).containsExactly(0.5, -0.5);
    }

    @Test
    void rewardsAreClippedAndAdvantagesNormalised() {
        List<List<Rollout>> groups = List.of(
                List.of(rollout(9, -1, -1, true), rollout(0, -1, -1, true)),
                List.of(rollout(1, -1, -1, true), rollout(-7, -1, -1, true)));
        RlooConfigBuilder config = any().rewardClipRange(-1, 2);

        assertThat(new RlooMethod(config.build()).advantages(groups).list())
                .containsExactly(new double[] {2, -2}, new double[] {2, -2});
        // standard deviation of 2, -2, 2, -2 with n - 1: sqrt(16 / 3)
        assertThat(new RlooMethod(config.normalizeAdvantages(true).build())
                        .advantages(groups)
                        .list()
                        .get(0)[0])
                .isCloseTo(2 / (Math.sqrt(16.0 / 3) + 1e-4), within(1e-12));
    }

    private static final double[][] LOG_PROBS = {{-1.0, -2.0}, {-0.4, -1.7, -3.1}, {-2.2}};
    private static final double[][] OLD = {{-1.1, -2.0}, {-0.45, -1.7, -3.0}, {-9}};
    private static final double[] ADVANTAGES = {0.8, -1.1, 0.3};

    private static final double[][] SAMPLER = {{-1.3, -1.9}, {-0.5, -2.9, -3.0}, {-1}};

    private static FakeBatch batch(double[][] logProbs, SamplerConfig sampler) {
        List<Completion> all = Stream.of(0, 1, 2)
                .map(i -> new Completion(
                        new int[] {1},
                        new int[OLD[i].length],
                        OLD[i],
                        SAMPLER[i],
                        new double[0],
                        ADVANTAGES[i],
                        i == 2))
                .toList();
        FakeBatch batch = new FakeBatch(
                List.of(new Completions(all.subList(0, 2)), new Completions(all.subList(2, 3))),
                logProbs,
                new double[][] {{1, 1}, {1, 1, 1}, {1}});
        new RlooObjective(new RlooClipConfig(0.3, RlooClipConfig.DEFAULT.epsilonHigh()), sampler, 1).evaluate(batch);
        return batch;
    }

    @Test
    void theLossIsThatOfWholeResponsesAndItsGradientCentralDifferences() {
        // ratios e^.1, e^-.05 and 1 of the masked one
        assertThat(batch(LOG_PROBS, SamplerConfig.DEFAULT).loss)
                .isCloseTo(-(0.8 * Math.exp(0.1) - 1.1 * Math.exp(-0.05) + 0.3) / 3, within(1e-12));
        assertGradientIsCentralDifferences(SamplerConfig.DEFAULT);
    }

    /** Log-ratios of old to sampler's: 0.2, -0.1 and 0.05, 1.2, 0. Cut at 2: token by token at most 2; whole responses e^.1, and e^1.25 = 3.5, which is over it. */
    @Test
    void aRoundedSamplersResponsesAreWeightedAsAWholeOrTokenByToken() {
        assertThat(batch(LOG_PROBS, rounded(ImportanceSampling.SEQUENCE_TRUNCATE)).loss)
                .isCloseTo(-(Math.exp(0.1) * 0.8 * Math.exp(0.1) - 2 * 1.1 * Math.exp(-0.05) + 0.3) / 3, within(1e-12));
        assertThat(batch(LOG_PROBS, rounded(ImportanceSampling.SEQUENCE_MASK)).loss)
                .isCloseTo(-(Math.exp(0.1) * 0.8 * Math.exp(0.1) + 0.3) / 3, within(1e-12));
        double first = Math.exp(0.2) * 0.1; // now - old is 0.1, 0
        double second = Math.exp(0.05) * 0.05 - 0.1; // 0.05, 0, -0.1
        assertThat(batch(LOG_PROBS, rounded(ImportanceSampling.TOKEN_TRUNCATE)).loss)
                .isCloseTo(-(0.8 * Math.exp(first) - 1.1 * Math.exp(second) + 0.3) / 3, within(1e-12));
        double[] tokens = batch(LOG_PROBS, rounded(ImportanceSampling.TOKEN_TRUNCATE)).byLogProb[1];
        assertThat(tokens[1]).isCloseTo(2 * tokens[2], within(1e-12));
        assertThat(batch(LOG_PROBS, rounded(ImportanceSampling.TOKEN_MASK)).byLogProb[1][1])
                .isZero();
        for (ImportanceSampling mode : ImportanceSampling.values()) {
            assertGradientIsCentralDifferences(rounded(mode));
        }
    }

    private static SamplerConfig rounded(ImportanceSampling mode) {
        return new SamplerConfig(WeightType.INT8, Optional.of(mode), OptionalDouble.of(2));
    }

    private static void assertGradientIsCentralDifferences(SamplerConfig sampler) {
        FakeBatch batch = batch(LOG_PROBS, sampler);
        for (int i = 0; i < LOG_PROBS.length; i++) {
            for (int t = 0; t < LOG_PROBS[i].length; t++) {
                double[][] up = Stream.of(LOG_PROBS).map(double[]::clone).toArray(double[][]::new);
                double[][] down = Stream.of(LOG_PROBS).map(double[]::clone).toArray(double[][]::new);
                up[i][t] += 1e-6;
                down[i][t] -= 1e-6;
                assertThat(batch.byLogProb[i][t])
                        .isCloseTo((batch(up, sampler).loss - batch(down, sampler).loss) / 2e-6, within(1e-8));
            }
        }
        assertThat(batch.byLogProb[2][0]).isZero();
    }

    static Stream<Arguments> mistakes() {
        return Stream.of(
                of("epsilon", builder -> builder.epsilon(1)),
                of("epsilon_high", builder -> builder.epsilonHigh(0)),
                of("reward_clip_range", builder -> builder.rewardClipRange(1, 1)),
                of("num_generations", builder -> builder.numGenerations(1)),
                of("beta", builder -> builder.beta(-1)),
                of("ref_model", builder -> builder.beta(0).refModel(MODEL)),
                of(
                        "rollout_weights",
                        builder -> builder.rolloutWeights(WeightType.INT8).staleness(1)),
                of(
                        "importance_sampling_mode",
                        builder -> builder.importanceSamplingMode(ImportanceSampling.TOKEN_MASK)),
                of("importance_sampling_clip_max", builder -> builder.importanceSamplingClipMax(2)),
                of("max_num_gen_batches", builder -> builder.maxNumGenBatches(5)),
                of("max_num_gen_batches", builder -> builder.filterGroups(true).maxNumGenBatches(1)));
    }

    private static Arguments of(String key, UnaryOperator<RlooConfigBuilder> mistake) {
        return Arguments.of(key, mistake);
    }

    @ParameterizedTest
    @MethodSource("mistakes")
    void aValueOutOfRangeIsRefusedWithItsKey(String key, UnaryOperator<RlooConfigBuilder> mistake) {
        assertThatThrownBy(() -> mistake.apply(any()).build())
                .isInstanceOf(ConfigException.class)
                .hasMessageStartingWith(key + " ");
    }

    @Test
    void aBuilderThatStartsFromAConfigGivesItBack() {
        RlooConfig config = any().beta(0.1)
                .rewardClipRange(-1, 1)
                .filterGroups(true)
                .epsilonHigh(0.4)
                .rolloutWeights(WeightType.BFLOAT16)
                .importanceSamplingMode(ImportanceSampling.TOKEN_TRUNCATE)
                .importanceSamplingClipMax(2)
                .build();

        assertThat(config.toBuilder().build()).isEqualTo(config);
    }
}
