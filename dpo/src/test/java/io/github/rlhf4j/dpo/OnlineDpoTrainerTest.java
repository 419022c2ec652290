package io.github.rlhf4j.dpo;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.google.inject.AbstractModule;
import io.github.rlhf4j.core.UserError;
import io.github.rlhf4j.core.model.Head;
import io.github.rlhf4j.core.stage.AdapterConfig;
import io.github.rlhf4j.core.stage.NumbersConfig.OnNonfinite;
import io.github.rlhf4j.core.stage.TrainingConfigBuilder;
import io.github.rlhf4j.core.tensor.WeightType;
import io.github.rlhf4j.datasets.DatasetSpec;
import io.github.rlhf4j.judge.JudgeBinder;
import io.github.rlhf4j.judge.JudgeConfig;
import io.github.rlhf4j.judge.JudgeModule;
import io.github.rlhf4j.judge.PairwiseJudge;
import io.github.rlhf4j.rollout.RewardBinder;
import io.github.rlhf4j.rollout.RewardEntry;
import io.github.rlhf4j.rollout.RewardFunction;
import io.github.rlhf4j.rollout.SamplingConfig;
import io.github.rlhf4j.testing.IsolatedCluster;
import io.github.rlhf4j.testing.StageHarness;
import io.github.rlhf4j.testing.StageOutput;
import io.github.rlhf4j.testing.TinyData;
import io.github.rlhf4j.testing.TinyModel;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.OptionalDouble;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The whole stage on a random model of two layers, which is to answer in letters. */
class OnlineDpoTrainerTest {
    private static final String STORED =
            "{\"prompt_ids\": [5, 6], \"completions\": [{\"ids\": [7, 8], \"reward\": %s}, {\"ids\": [9], \"reward\":"
                    + " %s}]}\n";

    @TempDir
    private Path folder;

    private StageHarness harness;
    private DatasetSpec prompts;

    @BeforeEach
    void makeModelAndPrompts() {
        harness = new StageHarness(folder, new DpoModule(), new JudgeModule(), new AbstractModule() {
            @Override
            protected void configure() {
                JudgeBinder.judgeBinder(binder()).bind("brevity", Brevity.class).bind("asleep", Asleep.class);
                RewardBinder.rewardBinder(binder())
                        .bind("letters", RewardFunction.each(OnlineDpoTrainerTest::letters))
                        .bind("pauses", Pauses.class)
                        .bind(
                                "nan",
                                RewardFunction.each(
                                        answer -> answer.prompt().contains("grass, is it blue") ? Double.NaN : 1))
                        .bind("half", RewardFunction.each(answer -> 0.5))
                        .bind("nothing", RewardFunction.orNone(answer -> OptionalDouble.empty()));
            }
        });
        harness.model("policy", TinyModel.llama());
        prompts = harness.data(TinyData.PROMPTS);
    }

    /** The share of letters among the characters. */
    private static double letters(RewardFunction.Answer answer) {
        String text = answer.response();
        return (double) text.chars().filter(Character::isLetter).count() / Math.max(1, text.length());
    }

    /** The shorter, the better. */
    static final class Brevity implements PairwiseJudge {
        @Override
        public double[] compare(List<Pair> pairs) {
            return pairs.stream()
                    .mapToDouble(pair -> pair.first().length() <= pair.second().length() ? 0.8 : 0.2)
                    .toArray();
        }
    }

    private OnlineDpoConfigBuilder config(int batch, int steps) {
        return OnlineDpoConfig.builder(harness.model("policy"), prompts)
                .rewardFunction("letters")
                .sampling(SamplingConfig.of(12, 1))
                .training(keys -> keys.learningRate(3e-3)
                        .lrSchedulerType("constant")
                        .batchSize(batch)
                        .maxSteps(steps));
    }

    private OnlineDpoConfigBuilder stored(String... rewards) {
        StringBuilder rows = new StringBuilder();
        for (String pair : rewards) {
            rows.append(STORED.formatted((Object[]) pair.split(" ")));
        }
        harness.write("stored.jsonl", rows.toString());
        return OnlineDpoConfig.replaying(
                        harness.model("policy"),
                        DatasetSpec.of(folder.resolve("stored.jsonl").toString()))
                .training(keys -> keys.batchSize(1).maxSteps(rewards.length));
    }

    private StageOutput run(String name, OnlineDpoConfig config) {
        return harness.run(name, OnlineDpoStage.class, config);
    }

    private static double mean(List<Double> values) {
        return values.stream().mapToDouble(x -> x).average().orElseThrow();
    }

    @ParameterizedTest
    @ValueSource(strings = {"sigmoid", "ipo", "hinge", "simpo"})
    void itsOwnAnswersGetBetter(String loss) {
        OnlineDpoConfig config = config(6, 30)
                .lossType(loss)
                .training(keys -> keys.learningRate(1e-2))
                .build();
        List<Double> scores = run("online", config).metric("objective/scores");

        assertThat(mean(scores.subList(20, 30))).isGreaterThan(mean(scores.subList(0, 8)) + 0.05);
    }

    @Test
    void reportsWhatTrlReports() {
        StageOutput output = run("online", config(3, 1).build());
        JsonNode line = output.metrics().get(0);

        assertThat(line.path("loss").asDouble()).isCloseTo(Math.log(2), within(1e-6));
        assertThat(line.path("objective/kl").asDouble()).isCloseTo(0, within(1e-4));
        assertThat(line.path("objective/rlhf_reward").asDouble())
                .isCloseTo(line.path("objective/scores").asDouble(), within(1e-4));
        assertThat(line.path("objective/entropy").asDouble()).isPositive();
        assertThat(line.path("objective/scores_margin").asDouble()).isNotNegative();
        assertThat(line.path("beta").asDouble()).isEqualTo(0.1);
        assertThat(line.has("val/contain_eos_token")).isTrue();
        assertThat(output.samples()).hasSize(6);
        JsonNode first = output.samples().get(0);
        JsonNode second = output.samples().get(1);
        assertThat(first.path("chosen").asBoolean())
                .isNotEqualTo(second.path("chosen").asBoolean());
        assertThat(first.path("chosen").asBoolean())
                .isEqualTo(
                        first.path("score").asDouble() >= second.path("score").asDouble());
    }

    @Test
    void samplesHaveTheirTokensWhereTheyAreAskedFor() {
        JsonNode sample =
                run("tokens", config(3, 1).logTokens(true).build()).samples().get(0);

        assertThat(sample.path("tokens")).hasSize(sample.path("length").asInt());
        assertThat(sample.path("tokens").get(0).path("log_prob").asDouble()).isNegative();
        assertThat(sample.path("tokens").get(0).has("log_ratio")).isFalse(); // the reference's are known in sum
    }

    @Test
    void theFirstOfTwoEqualResponsesIsTheChosenOne() {
        StageOutput output = run("stored", stored("1 1", "0 1", "1 0").build());

        assertThat(output.samples().stream().map(sample -> sample.path("chosen").asBoolean()))
                .containsExactly(true, false, false, true, true, false);
    }

    @Test
    void severalRewardsAreSummedByTheirWeights() {
        OnlineDpoConfig config = OnlineDpoConfig.builder(harness.model("policy"), prompts)
                .rewards(RewardEntry.function("letters"), RewardEntry.function("half"))
                .sampling(SamplingConfig.of(12, 1))
                .training(keys -> keys.batchSize(4).maxSteps(1))
                .build();
        StageOutput output = run("several", config);

        for (JsonNode sample : output.samples()) {
            assertThat(sample.path("score").asDouble())
                    .isCloseTo(sample.at("/scores/letters").asDouble() + 0.5, within(1e-12));
        }
        assertThat(output.metric("rewards/half/mean")).containsExactly(0.5);
    }

    @Test
    void aPairWithoutBothScoresIsLeftOut() {
        OnlineDpoConfig config = config(4, 1).rewardFunction("nothing").build();

        assertThat(run("nothing", config).metrics().get(0).has("loss")).isFalse();
    }

    @Test
    void theReferenceFollowsThePolicyAlsoAfterAStepWithoutPairs() {
        StageOutput output = run(
                "followed",
                config(2, 3).rewardFunction("pauses").syncRefModel(1, 2).build());

        // step 2 has no pair, but after it the reference is the policy that step 1 has trained
        assertThat(output.metric("objective/kl")).hasSize(2);
        assertThat(output.metric("objective/kl").get(1)).isCloseTo(0, within(1e-4));
    }

    /** Says nothing in its second call. */
    static final class Pauses implements RewardFunction {
        private int calls;

        @Override
        public double[] score(List<Answer> answers) {
            return answers.stream().mapToDouble(OnlineDpoTrainerTest::letters).toArray();
        }

        @Override
        public List<OptionalDouble> scoreOrNone(List<Answer> answers) {
            calls++;
            return Arrays.stream(score(answers))
                    .mapToObj(score -> calls == 2 ? OptionalDouble.empty() : OptionalDouble.of(score))
                    .toList();
        }
    }

    @Test
    void aJudgeSaysWhichResponseIsTheBetterOne() {
        OnlineDpoConfig config = OnlineDpoConfig.builder(harness.model("policy"), prompts)
                .judge(JudgeConfig.named("brevity"))
                .sampling(SamplingConfig.of(12, 1))
                .training(keys -> keys.batchSize(4).maxSteps(1))
                .build();
        StageOutput output = run("judged", config);

        for (int i = 0; i < output.samples().size(); i += 2) {
            JsonNode first = output.samples().get(i);
            JsonNode second = output.samples().get(i + 1);
            int difference = first.path("response").asText().length()
                    - second.path("response").asText().length();
            assertThat(first.path("chosen").asBoolean() ? difference : -difference)
                    .isNotPositive();
            assertThat(first.has("score")).isFalse();
        }
        assertThat(output.metrics().get(0).has("objective/scores")).isFalse();
    }

    @Test
    void aJudgeThatFailsNamesTheRowsOfItsQuestions() {
        OnlineDpoConfig config = OnlineDpoConfig.builder(harness.model("policy"), prompts)
                .judge(JudgeConfig.named("asleep"))
                .sampling(SamplingConfig.of(12, 1))
                .training(keys -> keys.batchSize(2).maxSteps(1).shuffle(false))
                .build();

        assertThatThrownBy(() -> run("asleep", config))
                .isInstanceOf(UserError.class)
                .hasMessageStartingWith("judge asleep failed on 2 questions: java.lang.IllegalStateException: asleep; ")
                .hasMessageContaining("; its rows are ")
                .hasMessageEndingWith("prompts.jsonl:2");
    }

    /** Answers nothing. */
    static final class Asleep implements PairwiseJudge {
        @Override
        public double[] compare(List<Pair> pairs) {
            throw new IllegalStateException("asleep");
        }
    }

    @Test
    void aResponseThatDidNotEndLoses() {
        StageOutput plain = run("plain", config(4, 1).build());
        StageOutput output = run("penalised", config(4, 1).missingEosPenalty(5).build());

        for (int i = 0; i < output.samples().size(); i++) {
            double penalty = output.samples().get(i).path("ended").asBoolean() ? 0 : 5;
            assertThat(output.samples().get(i).path("score").asDouble())
                    .isCloseTo(plain.samples().get(i).path("score").asDouble() - penalty, within(1e-12));
        }
    }

    @Test
    void eachEpochHasItsBeta() {
        OnlineDpoConfig config = stored("1 0", "0 1")
                .beta(0.1, 0.4)
                .training(keys -> keys.maxSteps(6))
                .build();

        assertThat(run("betas", config).metric("beta")).containsExactly(0.1, 0.1, 0.4, 0.4, 0.4, 0.4);
    }

    @Test
    void ipoComparesWholeResponsesUnlessAskedOtherwise() {
        // At the start both log-ratios are 0, so the loss is 1 / (2 beta)^2 either way; a step later lengths tell
        StageOutput whole = run("whole", stored("1 0", "1 0").lossType("ipo").build());
        StageOutput byToken = run(
                "token",
                stored("1 0", "1 0")
                        .lossType("ipo")
                        .set(PreferenceLosses.IPO_LENGTH, IpoLength.TOKEN)
                        .build());

        assertThat(whole.metric("loss").get(0)).isCloseTo(25, within(1e-6));
        assertThat(whole.metric("grad_norm").get(0))
                .isGreaterThan(1.2 * byToken.metric("grad_norm").get(0));
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void aResumedRunIsTheRunThatWasNeverStopped(boolean adapter) {
        OnlineDpoConfigBuilder builder = config(2, 4).training(keys -> keys.saveSteps(1));
        OnlineDpoConfig config =
                (adapter ? builder.adapter(AdapterConfig.DEFAULT) : builder.syncRefModel(0.6, 2)).build();
        StageOutput unbroken = run("unbroken", config);
        harness.stopAfter(2, "broken", OnlineDpoStage.class, config);
        StageOutput resumed = harness.resume("broken", OnlineDpoStage.class, config);

        assertThat(resumed.lines()).isEqualTo(unbroken.lines());
        assertThat(resumed.weights()).isEqualTo(unbroken.weights());
    }

    @Test
    void forwardPassesOnOtherMachinesChangeNothing() {
        harness.model("reward", TinyModel.llama().head(Head.SCALAR));
        OnlineDpoConfig config = OnlineDpoConfig.builder(harness.model("policy"), prompts)
                .rewardModel(harness.model("reward"))
                .sampling(SamplingConfig.of(8, 0.9))
                .training(keys -> keys.batchSize(3).maxSteps(2))
                .build();
        StageOutput here = run("here", config);
        harness.computeOn(kernels -> new IsolatedCluster(kernels, 3));

        assertThat(run("there", config).lines()).isEqualTo(here.lines());
    }

    /** Log-probs are those of the whole distribution, whatever is drawn from it. */
    @Test
    void samplerAndTrainerAgreeAlsoWhereNotAllTokensAreDrawn() throws IOException {
        OnlineDpoConfig config = config(3, 1)
                .sampling(new SamplingConfig(12, 0.8, 0.7, 40, 0.01, 1.3, WeightType.FLOAT32))
                .build();

        assertThat(run("filtered", config).samples()).hasSize(6);
        assertThat(Files.readString(folder.resolve("filtered/messages.jsonl")))
                .contains("sampler and trainer agree: a token's log-prob differs by at most ");
    }

    /** The loss has the policy's own log-probs, so it begins at ln 2 whoever sampled. */
    @Test
    void aSamplerOfRoundedWeightsGivesOtherAnswersAndItsDistanceIsLogged() {
        OnlineDpoConfig config = config(3, 3)
                .sampling(SamplingConfig.of(12, 0.7).withRolloutWeights(WeightType.INT8))
                .training(keys -> keys.saveSteps(1))
                .build();
        StageOutput unbroken = run("unbroken", config);
        harness.stopAfter(2, "broken", OnlineDpoStage.class, config);

        assertThat(unbroken.metric("loss").get(0)).isCloseTo(Math.log(2), within(1e-6));
        assertThat(unbroken.metric("sampling/logp_diff_max"))
                .hasSize(3)
                .allSatisfy(largest -> assertThat(largest).isBetween(1e-4, 1.0));
        assertThat(unbroken.metric("sampling/logp_diff_mean").get(0)).isPositive();
        assertThat(harness.resume("broken", OnlineDpoStage.class, config).weights())
                .isEqualTo(unbroken.weights());
        StageOutput plain = run(
                "plain", config.toBuilder().sampling(SamplingConfig.of(12, 0.7)).build());
        assertThat(plain.samples()).isNotEqualTo(unbroken.samples());
        assertThat(plain.metrics().get(0).has("sampling/logp_diff_max")).isFalse();
        harness.computeOn(kernels -> new IsolatedCluster(kernels, 3));
        assertThat(run("isolated", config).lines()).isEqualTo(unbroken.lines());
    }

    @Test
    void anAdaptersReferenceIsTheModelWithoutIt() {
        StageOutput output =
                run("adapter", config(2, 2).adapter(AdapterConfig.DEFAULT).build());

        assertThat(output.metric("loss").get(0)).isCloseTo(Math.log(2), within(1e-6));
        assertThat(output.metric("objective/kl").get(0)).isCloseTo(0, within(1e-6));
    }

    @Test
    void aLossWithoutReferenceReportsNoDistanceFromOne() {
        JsonNode line =
                run("simpo", config(2, 1).lossType("simpo").build()).metrics().get(0);

        assertThat(line.has("objective/kl")).isFalse();
        assertThat(line.has("objective/rlhf_reward")).isFalse();
    }

    @Test
    void mistakesAreNamed() {
        assertThatThrownBy(() -> run("a", config(1, 1).rewardFunction("wit").build()))
                .isInstanceOf(UserError.class)
                .hasMessageStartingWith("unknown reward_function wit; available: ");
        assertThatThrownBy(() -> run("b", config(1, 1).lossType("ippo").build()))
                .isInstanceOf(UserError.class)
                .hasMessageContaining("loss_type must be one of");
        assertThatThrownBy(() -> run(
                        "c", config(1, 1).sampling(SamplingConfig.of(1000, 1)).build()))
                .isInstanceOf(UserError.class)
                .hasMessageContaining("max_new_tokens 1000");
    }

    @Test
    void aScoreOrALogProbThatIsNoNumberNamesItsRow() throws IOException {
        UnaryOperator<TrainingConfigBuilder> keys =
                all -> all.shuffle(false).saveSteps(1).onNonfinite(OnNonfinite.STOP);
        assertThatThrownBy(() -> harness.run(
                        "score",
                        OnlineDpoStage.class,
                        config(3, 4).rewardFunction("nan").training(keys).build()))
                .isInstanceOf(UserError.class)
                .hasMessageStartingWith("reward_function nan must return finite scores, but returned NaN")
                .hasMessageContaining("prompts.jsonl:7;");
        assertThat(folder.resolve("score/nonfinite/step-3/report.json")).exists();
        assertThat(folder.resolve("score/checkpoints/step-2")).exists();

        UnaryOperator<TrainingConfigBuilder> skips = all -> all.shuffle(false).onNonfinite(OnNonfinite.SKIP);
        StageOutput skipped = harness.run(
                "skip",
                OnlineDpoStage.class,
                config(3, 4).rewardFunction("nan").training(skips).build());
        assertThat(skipped.metric("loss")).hasSize(3);
        assertThat(skipped.metric("nonfinite_steps")).endsWith(1.0);
    }
}
