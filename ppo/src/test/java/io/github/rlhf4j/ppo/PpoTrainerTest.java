package io.github.rlhf4j.ppo;

import static io.github.rlhf4j.ppo.Records.with;
import static io.github.rlhf4j.ppo.ToyPpo.metric;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.rlhf4j.core.UserError;
import io.github.rlhf4j.core.cluster.DistributedCluster;
import io.github.rlhf4j.core.cluster.ThreadsBackend;
import io.github.rlhf4j.core.kernels.cpu.CpuKernels;
import io.github.rlhf4j.core.model.Head;
import io.github.rlhf4j.core.model.Transformer;
import io.github.rlhf4j.core.stage.AdamWConfig;
import io.github.rlhf4j.core.stage.ModelReference;
import io.github.rlhf4j.core.stage.SelfCheckFailure;
import io.github.rlhf4j.core.stage.StepsConfig;
import io.github.rlhf4j.core.tensor.WeightType;
import io.github.rlhf4j.datasets.DatasetSpec;
import io.github.rlhf4j.datasets.KeptColumns;
import io.github.rlhf4j.testing.IsolatedCluster;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The whole stage on a random model of two layers; most rewards like short answers. */
class PpoTrainerTest {
    @TempDir
    private Path folder;

    private ToyPpo toy;

    @BeforeEach
    void makeModelAndPrompts() throws IOException {
        toy = new ToyPpo(folder);
    }

    @Test
    void earnsMoreAndMoreReward() throws IOException {
        List<Double> scores = metric(toy.run("ppo", toy.config(25)), "objective/scores");

        assertThat(mean(scores.subList(20, 25))).isGreaterThan(mean(scores.subList(0, 5)) + 0.1);
    }

    private static double mean(List<Double> values) {
        return values.stream().mapToDouble(x -> x).average().orElseThrow();
    }

    @Test
    void theFirstIterationStartsAtTheReference() throws IOException {
        List<String> lines = toy.run("ppo", toy.config(2));

        assertThat(metric(lines, "objective/kl").get(0)).isCloseTo(0, within(1e-3));
        assertThat(metric(lines, "objective/entropy").get(0)).isPositive();
        assertThat(metric(lines, "policy/entropy_avg"))
                .allSatisfy(entropy -> assertThat(entropy).isPositive());
        assertThat(metric(lines, "episode")).containsExactly(4.0, 6.0);
    }

    @Test
    void aResumedRunIsTheRunThatWasNeverStopped() throws IOException {
        resumes(with(toy.config(4), "emaDecay", 0.9), List.of("model", "value_model", "ema"));
    }

    @ParameterizedTest
    @EnumSource(
            value = ScoreConfig.RewardNormalization.class,
            names = {"RUNNING", "BATCH"})
    void aResumedRunKeepsTheStatisticsOfScores(ScoreConfig.RewardNormalization kind) throws IOException {
        resumes(with(toy.config(4), "rewardNormalization", kind, "rewardClip", 0.7), List.of("model"));
    }

    private void resumes(PpoConfig config, List<String> models) throws IOException {
        PpoConfig four = ToyPpo.saving(config, 2);
        PpoConfig two = with(four, "training", four.training().with(StepsConfig.of(4, 2)));
        List<String> unbroken = toy.run("unbroken", four);
        toy.run("broken", two);
        List<String> resumed = toy.resume("broken", four);

        assertThat(resumed).isEqualTo(unbroken);
        for (String model : models) {
            assertThat(toy.weights("broken", model)).isEqualTo(toy.weights("unbroken", model));
        }
    }

    @Test
    void staleRunsAreTheSameOnWorkersAndAfterAStop() throws IOException {
        PpoConfig config = with(toy.config(5), "staleness", 2);
        resumes(with(toy.config(4), "staleness", 2), List.of("model"));
        List<String> here = toy.run("here", config);
        toy.computeOn(kernels -> new DistributedCluster(kernels, new ThreadsBackend(2, 1, 2), 3, true));
        List<String> there = toy.run("there", config);

        assertThat(metric(here, "sample/staleness_mean")).containsExactly(0.0, 1.0, 2.0, 2.0, 2.0);
        assertThat(metric(here, "sampling/logp_diff_max").get(0)).isLessThan(1e-4);
        assertThat(metric(here, "sampling/logp_diff_max").get(4)).isGreaterThan(1e-4);
        assertThat(there).isEqualTo(here);
        assertThat(toy.weights("there", "model")).isEqualTo(toy.weights("here", "model"));
    }

    @ParameterizedTest
    @EnumSource(ValueConfig.ValueKind.class)
    void forwardPassesOnOtherMachinesChangeNothing(ValueConfig.ValueKind value) throws IOException {
        PpoConfig config = ToyPpo.rewardedBy(
                with(toy.config(3), "value", value, "oldLogProbs", RolloutConfig.OldLogProbs.TRAINER),
                toy.reference("reward"));
        List<String> here = toy.run("here", config);
        toy.computeOn(kernels -> new IsolatedCluster(kernels, 3));
        List<String> there = toy.run("there", config);

        assertThat(there).isEqualTo(here);
        assertThat(toy.weights("there", "model")).isEqualTo(toy.weights("here", "model"));
    }

    @Test
    void aSharedTrunkLearnsPolicyAndValueTogether() throws IOException {
        List<String> lines = toy.run("shared", with(toy.config(10), "value", ValueConfig.ValueKind.SHARED));

        assertThat(metric(lines, "loss/value_avg").get(9))
                .isLessThan(metric(lines, "loss/value_avg").get(0));
        assertThat(folder.resolve("shared/value_model")).doesNotExist();
    }

    @Test
    void cuttingMiniBatchesIntoMicroBatchesChangesNothing() throws IOException {
        PpoConfig config = toy.config(1);
        List<String> whole = toy.run("whole", config);
        List<String> cut = toy.run(
                "cut", with(config, "training", config.training().with(AdamWConfig.DEFAULT.withMicroBatchTokens(30))));

        for (String name :
                List.of("loss/policy_avg", "loss/value_avg", "policy/approxkl_avg", "grad_norm", "val/ratio")) {
            assertThat(metric(cut, name).get(0)).isCloseTo(metric(whole, name).get(0), within(1e-5));
        }
    }

    @Test
    void pretrainingKeepsUpTheLikelihoodOfItsTexts() throws IOException {
        List<String> lines = toy.run("ptx", toy.withPretraining(toy.config(12), 5));
        List<Double> losses = metric(lines, "loss/ptx_avg");

        assertThat(mean(losses.subList(9, 12))).isLessThan(mean(losses.subList(0, 3)) - 0.3);
        assertThat(metric(lines, "ptx/mean_token_accuracy")).hasSize(12);
        for (int i = 0; i < 12; i++) { // `loss` is all that is minimised
            assertThat(metric(lines, "loss").get(i))
                    .isCloseTo(
                            metric(lines, "loss/policy_avg").get(i)
                                    + 0.5 * metric(lines, "loss/value_avg").get(i)
                                    + 5 * losses.get(i),
                            within(0.3)); // texts differ in length, and means over mini-batches weigh them alike
        }
    }

    @Test
    void lossHasTheEntropyTermToo() throws IOException {
        List<String> lines = toy.run("entropy", with(toy.config(2), "entropyCoef", 0.5));

        for (int i = 0; i < 2; i++) {
            assertThat(metric(lines, "loss").get(i))
                    .isCloseTo(
                            metric(lines, "loss/policy_avg").get(i)
                                    + 0.5 * metric(lines, "loss/value_avg").get(i)
                                    - 0.5 * metric(lines, "policy/entropy_avg").get(i),
                            within(1e-9));
        }
    }

    @Test
    void scoresAreTheRewardModelsOwn() throws IOException {
        ModelReference doubled = toy.model("doubled", Head.SCALAR, 3);
        try (CpuKernels kernels = new CpuKernels(1);
                Transformer model = Transformer.load(doubled.directory(), Set.of(Head.SCALAR), kernels)) {
            kernels.scale(model.scalarHead().weight(), 2);
            model.save(doubled.directory(), Optional.of(doubled.directory()));
        }
        PpoConfig config = with(toy.config(1), "missingEosPenalty", 0.0);
        List<String> once = toy.run("once", ToyPpo.rewardedBy(config, toy.reference("reward")));
        List<String> twice = toy.run("twice", ToyPpo.rewardedBy(config, doubled));

        double score = metric(once, "objective/scores").get(0);
        assertThat(Math.abs(score)).isGreaterThan(1e-4);
        assertThat(metric(twice, "objective/scores").get(0)).isCloseTo(2 * score, within(1e-6));
        assertThat(metric(twice, "objective/raw_scores").get(0)).isCloseTo(2 * score, within(1e-6));
        assertThat(metric(twice, "objective/raw_scores_std").get(0))
                .isCloseTo(2 * metric(once, "objective/raw_scores_std").get(0), within(1e-6));
    }

    @Test
    void aRewardFunctionMustScoreEveryResponse() {
        assertThatThrownBy(() -> toy.run("x", with(toy.config(1), "rewardFunction", Optional.of("broadcast"))))
                .isInstanceOf(UserError.class)
                .hasMessageContaining("reward_function broadcast must return one score for each of 4 responses");
        assertThatThrownBy(() -> toy.run("x", with(toy.config(1), "rewardFunction", Optional.of("brevty"))))
                .isInstanceOf(UserError.class)
                .hasMessageContaining(
                        "unknown reward_function brevty; available: brevity, broadcast, by_place, cosine_scaled,"
                                + " exact_match, format, json_schema, language, length, numeric, regex, repetition,"
                                + " undefined, worth");
    }

    @Test
    void aRewardFunctionSeesTheColumnsOfThePromptsRow() throws IOException {
        StringBuilder rows = new StringBuilder();
        for (int i = 1; i <= 4; i++) { // all four make an iteration
            rows.append("{\"prompt\": \"Why " + i + "?\", \"worth\": " + i + ", \"other\": 0}\n");
        }
        Files.writeString(folder.resolve("worth.jsonl"), rows);
        DatasetSpec spec = DatasetSpec.of(folder.resolve("worth.jsonl").toString());
        PpoConfig config = with(toy.config(1), "rewardFunction", Optional.of("worth"));

        assertThat(metric(toy.run("a", with(config, "dataset", spec)), "objective/raw_scores"))
                .containsExactly(2.5);
        DatasetSpec worth = spec.keeping(KeptColumns.of("worth"));
        assertThat(metric(toy.run("b", with(config, "dataset", worth)), "objective/raw_scores"))
                .containsExactly(2.5);
        DatasetSpec other = spec.keeping(KeptColumns.of("other"));
        assertThatThrownBy(() -> toy.run("c", with(config, "dataset", other)))
                .isInstanceOf(UserError.class)
                .hasMessage(
                        "the reward function reads the column \"worth\", but a row of the dataset has [other]; where"
                                + " it has more, name the column in dataset.keep");
        assertThatThrownBy(
                        () -> toy.run("d", ToyPpo.rewardedBy(with(config, "dataset", worth), toy.reference("reward"))))
                .isInstanceOf(UserError.class)
                .hasMessageContaining("worth.jsonl: keep does nothing here");
    }

    @Test
    void scoresThatAreNoNumbersAreErrorsThatNameTheirSource() throws IOException {
        assertThatThrownBy(() -> toy.run("x", with(toy.config(1), "rewardFunction", Optional.of("undefined"))))
                .isInstanceOf(UserError.class)
                .hasMessageContaining("reward_function undefined must return finite scores, but returned NaN");
        ModelReference diverged = toy.model("diverged", Head.SCALAR, 3);
        try (CpuKernels kernels = new CpuKernels(1);
                Transformer model = Transformer.load(diverged.directory(), Set.of(Head.SCALAR), kernels)) {
            model.scalarHead().weight().set(0, 0, Float.NaN);
            model.save(diverged.directory(), Optional.of(diverged.directory()));
        }
        assertThatThrownBy(() -> toy.run("x", ToyPpo.rewardedBy(toy.config(1), diverged)))
                .isInstanceOf(UserError.class)
                .hasMessageContaining("the model in " + diverged.directory() + " cannot be used: score.weight");
    }

    @Test
    void scoresThatDependOnTheBatchStopTheRun() {
        assertThatThrownBy(() -> toy.run("x", with(toy.config(1), "rewardFunction", Optional.of("by_place"))))
                .isInstanceOf(SelfCheckFailure.class)
                .hasMessageContaining("scores do not depend on the batch");
    }

    @Test
    void batchNormalizationTakesMeanAndSpreadOutOfEachBatch() throws IOException {
        List<String> lines = toy.run(
                "batch",
                with(
                        toy.config(2),
                        "rewardNormalization",
                        ScoreConfig.RewardNormalization.BATCH,
                        "missingEosPenalty",
                        0.0));

        assertThat(metric(lines, "objective/scores"))
                .allSatisfy(score -> assertThat(score).isCloseTo(0, within(1e-9)));
        assertThat(metric(lines, "objective/raw_scores"))
                .allSatisfy(score -> assertThat(score).isLessThan(-0.3));
    }

    @Test
    void runningNormalizationTakesOutWhatWasSeenSoFar() throws IOException {
        List<String> lines = toy.run(
                "running",
                with(
                        toy.config(2),
                        "responseLength",
                        60,
                        "temperature",
                        2.0,
                        "rewardNormalization",
                        ScoreConfig.RewardNormalization.RUNNING,
                        "missingEosPenalty",
                        0.0));
        List<Double> raw = metric(lines, "objective/raw_scores");
        List<Double> scores = metric(lines, "objective/scores");

        assertThat(scores.get(0)).isCloseTo(0, within(1e-9)); // the first batch is all that was seen
        double mean = (4 * raw.get(0) + 2 * raw.get(1)) / 6; // of an epoch of six prompts
        assertThat(Math.signum(scores.get(1))).isEqualTo(Math.signum(raw.get(1) - mean));
        assertThat(Math.abs(scores.get(1))).isGreaterThan(1e-6);
    }

    @Test
    void storedNormalizationTakesTheRewardModelsStatistics() throws IOException {
        Path file = folder.resolve("reward/config.json");
        ObjectMapper json = new ObjectMapper();
        ObjectNode config = (ObjectNode) json.readTree(file.toFile());
        config.putObject("rlhf4j").put("score_mean", 0.25).put("score_std", 0.5);
        json.writeValue(file.toFile(), config);
        List<String> lines = toy.run(
                "stored",
                with(
                        ToyPpo.rewardedBy(toy.config(2), toy.reference("reward")),
                        "rewardNormalization",
                        ScoreConfig.RewardNormalization.STORED,
                        "missingEosPenalty",
                        0.0));

        for (int i = 0; i < 2; i++) {
            double raw = metric(lines, "objective/raw_scores").get(i);
            assertThat(metric(lines, "objective/scores").get(i)).isCloseTo((raw - 0.25) / 0.5, within(1e-9));
        }
    }

    @Test
    void clippedScoresStayWithinTheirLimitAndRawOnesAreLoggedAsTheyWere() throws IOException {
        List<String> lines = toy.run("clipped", with(toy.config(2), "rewardClip", 0.05, "missingEosPenalty", 0.0));

        assertThat(metric(lines, "objective/scores"))
                .allSatisfy(score -> assertThat(score).isCloseTo(-0.05, within(1e-12)));
        assertThat(metric(lines, "objective/raw_scores"))
                .allSatisfy(score -> assertThat(score).isLessThan(-0.3));
    }

    @Test
    void targetKlEndsAnIterationsEpochs() throws IOException {
        List<String> lines = toy.run("stopped", with(toy.config(2), "targetKl", 1e-12));
        List<String> whole = toy.run("whole", toy.config(2));

        assertThat(metric(lines, "policy/stopped_epoch")).containsExactly(1.0, 1.0);
        assertThat(metric(whole, "policy/stopped_epoch")).isEmpty();
        assertThat(metric(lines, "num_tokens").get(0))
                .isLessThan(metric(whole, "num_tokens").get(0));
    }

    @Test
    void miniBatchesWithTooLargeARatioAreSkippedAndCounted() throws IOException {
        List<String> lines = toy.run("skipped", with(toy.config(3), "maxRatio", 1 + 1e-7));
        List<String> whole = toy.run("whole", toy.config(3));

        assertThat(metric(lines, "policy/skipped_minibatches").stream()
                        .mapToDouble(x -> x)
                        .sum())
                .isPositive();
        assertThat(metric(whole, "policy/skipped_minibatches")).containsOnly(0.0);
        assertThat(toy.weights("skipped", "model")).isNotEqualTo(toy.weights("whole", "model"));
    }

    @Test
    void anotherReferenceIsFarFromTheStart() throws IOException {
        ModelReference other = toy.model("other", Head.LANGUAGE, 8);
        List<String> lines = toy.run("other-reference", with(toy.config(1), "refModel", Optional.of(other)));

        assertThat(Math.abs(metric(lines, "objective/kl").get(0))).isGreaterThan(0.01);
    }

    @Test
    void anOwnValueModelStartsWhereItIsTold() throws IOException {
        ModelReference start = toy.model("start", Head.SCALAR, 8);
        PpoConfig config = with(
                ToyPpo.rewardedBy(toy.config(1), toy.reference("reward")),
                "valueModel",
                Optional.of(start),
                "valueLearningRate",
                1e-30);
        toy.run("valued", config);
        toy.run("usual", with(config, "valueModel", Optional.empty()));

        assertThat(weights("valued/value_model")).isEqualTo(weights("start"));
        assertThat(weights("usual/value_model")).isEqualTo(weights("reward"));
    }

    private float[] weights(String name) {
        try (CpuKernels kernels = new CpuKernels(1);
                Transformer model = Transformer.load(folder.resolve(name), Set.of(Head.SCALAR), kernels)) {
            double[] all = model.parameters().all().stream()
                    .flatMapToDouble(
                            parameter -> Arrays.stream(parameter.value().toArray()))
                    .toArray();
            float[] floats = new float[all.length];
            for (int i = 0; i < all.length; i++) {
                floats[i] = (float) all[i];
            }
            return floats;
        }
    }

    @Test
    void theScoreAfterTheEndWorksWithModels() throws IOException {
        List<String> lines = toy.run(
                "after",
                with(
                        ToyPpo.rewardedBy(toy.config(3), toy.reference("reward")),
                        "rewardPlacement",
                        RewardPlacement.AFTER_END));

        assertThat(metric(lines, "loss/value_avg"))
                .hasSize(3)
                .allSatisfy(loss -> assertThat(loss).isFinite());
    }

    @ParameterizedTest
    @ValueSource(doubles = {0.05, 0.2, 3})
    void anyTemperatureStartsWithARatioOfOne(double temperature) throws IOException {
        List<String> lines = toy.run("tempered", with(toy.config(2), "temperature", temperature));

        assertThat(metric(lines, "sampling/logp_diff_max").get(0)).isLessThan(1e-4 * Math.max(1, 1 / temperature));
    }

    @Test
    void whatSamplerAndTrainerDifferByIsReported() throws IOException {
        List<String> lines = toy.run("differing", toy.config(2));

        for (int i = 0; i < 2; i++) {
            double largest = metric(lines, "sampling/logp_diff_max").get(i);
            assertThat(largest).isPositive().isLessThan(1e-4);
            assertThat(metric(lines, "sampling/logp_diff_mean").get(i))
                    .isPositive()
                    .isLessThanOrEqualTo(largest);
        }
    }

    @Test
    void theTrainersOldLogProbsMakeTheFirstRatioExactlyOne() throws IOException {
        PpoConfig once = with(toy.config(2), "numPpoEpochs", 1, "numMiniBatches", 1);
        List<String> lines = toy.run("trainer", with(once, "oldLogProbs", RolloutConfig.OldLogProbs.TRAINER));

        assertThat(metric(lines, "val/ratio")).containsExactly(1.0, 1.0);
        assertThat(metric(lines, "policy/approxkl_avg")).containsExactly(0.0, 0.0);
        assertThat(metric(toy.run("sampler", once), "policy/approxkl_avg"))
                .allSatisfy(kl -> assertThat(kl).isPositive());
        for (int i = 0; i < 2; i++) {
            assertThat(metric(lines, "sampling/logp_diff_max").get(i)).isPositive();
            assertThat(metric(lines, "sampling/importance_sampling_ratio/min").get(i))
                    .isBetween(1 - 1e-4, 1.0);
            assertThat(metric(lines, "sampling/importance_sampling_ratio/max").get(i))
                    .isBetween(1.0, 1 + 1e-4);
        }
    }

    /** A sampler with int8 weights is another policy, which importance weights correct; it is the same one after a stop and on other machines. */
    @Test
    void weightsInFewerBitsSampleAnotherPolicyThatIsCorrectedFor() throws IOException {
        PpoConfig config = with(
                toy.config(4),
                "oldLogProbs",
                RolloutConfig.OldLogProbs.TRAINER,
                "rolloutWeights",
                WeightType.INT8,
                "numPpoEpochs",
                1,
                "numMiniBatches",
                1);
        List<String> lines = toy.run("int8", config);

        assertThat(metric(lines, "val/ratio")).containsExactly(1.0, 1.0, 1.0, 1.0);
        assertThat(metric(lines, "objective/kl").get(0)).isZero();
        assertThat(metric(lines, "sampling/logp_diff_max"))
                .allSatisfy(largest -> assertThat(largest).isBetween(1e-4, 1.0));
        assertThat(metric(lines, "sampling/importance_sampling_ratio/max").get(0))
                .isGreaterThan(1 + 1e-4);
        toy.computeOn(kernels -> new IsolatedCluster(kernels, 3));
        assertThat(toy.run("there", config)).isEqualTo(lines);
        resumes(config, List.of("model"));
    }

    @ParameterizedTest
    @EnumSource(ValueConfig.ValueKind.class)
    void exactOnPolicyMeansNoDifferenceAtAll(ValueConfig.ValueKind value) throws IOException {
        PpoConfig exact =
                with(toy.config(3), "value", value, "numPpoEpochs", 1, "numMiniBatches", 1, "exactOnPolicy", true);
        List<String> lines = toy.run("exact", exact);

        assertThat(metric(lines, "sampling/logp_diff_max")).containsExactly(0.0, 0.0, 0.0);
        assertThat(metric(lines, "val/ratio")).containsExactly(1.0, 1.0, 1.0);
        assertThat(metric(lines, "objective/kl").get(0)).isZero();
        assertThat(metric(lines, "objective/kl").get(2)).isNotZero();
    }

    @Test
    void aResumedExactRunIsTheRunThatWasNeverStopped() throws IOException {
        resumes(with(toy.config(4), "exactOnPolicy", true), List.of("model"));
    }

    @Test
    void totalEpisodesCountsResponsesAndRoundsUp() throws IOException {
        PpoConfig config = toy.config(1);
        PpoConfig nine =
                with(config, "totalEpisodes", 9L, "training", config.training().with(StepsConfig.of(4, 0)));

        assertThat(metric(toy.run("nine", nine), "step")).containsExactly(1.0, 2.0, 3.0);
    }

    @Test
    void withoutAStopTokenEveryResponseIsFull() throws IOException {
        List<String> lines =
                toy.run("full", with(toy.config(2), "stopToken", Optional.of(RolloutConfig.StopToken.NONE)));

        assertThat(metric(lines, "completions/min_length")).containsOnly(12.0);
        assertThat(metric(toy.run("usual", toy.config(2)), "completions/clipped_ratio"))
                .allSatisfy(ratio -> assertThat(ratio).isBetween(0.0, 1.0));
    }

    @Test
    void anotherStopTokenEndsResponses() throws IOException {
        List<String> usual = toy.run("usual", with(toy.config(1), "responseLength", 60, "temperature", 3.0));
        double unended = metric(usual, "completions/clipped_ratio").get(0);
        double ended = 0;
        for (int id = 40; id < 46; id++) { // one of some tokens occurs in four responses of 60
            List<String> lines = toy.run(
                    "stop" + id,
                    with(toy.config(1), "responseLength", 60, "temperature", 3.0, "stopTokenId", Optional.of(id)));
            ended += metric(lines, "val/num_eos_tokens").get(0).intValue();
            assertThat(metric(lines, "completions/clipped_ratio").get(0))
                    .isEqualTo(1 - metric(lines, "val/num_eos_tokens").get(0) / 4);
        }

        assertThat(unended).isBetween(0.0, 1.0);
        assertThat(ended).isPositive();
    }

    @Test
    void samplesCarryTheirTokensWhereTheyAreAskedFor() throws IOException {
        toy.run("plain", with(toy.config(2), "numSampleGenerations", 4));
        toy.run("tokens", with(toy.config(2), "numSampleGenerations", 4, "logTokens", true));

        assertThat(folder.resolve("tokens/metrics.jsonl"))
                .hasSameBinaryContentAs(folder.resolve("plain/metrics.jsonl"));
        List<JsonNode> plain = toy.samples("plain");
        List<JsonNode> samples = toy.samples("tokens");
        assertThat(samples).hasSameSizeAs(plain);
        for (int i = 0; i < samples.size(); i++) {
            JsonNode sample = samples.get(i);
            JsonNode tokens = sample.path("tokens");
            StringBuilder text = new StringBuilder();
            double kl = 0;
            double advantage = 0;
            for (JsonNode token : tokens) {
                text.append(token.path("text").asText());
                kl += token.path("log_ratio").asDouble();
                advantage += token.path("advantage").asDouble();
                assertThat(token.path("value").isNumber()).isTrue();
            }
            assertThat(text.toString()).startsWith(sample.path("response").asText());
            assertThat(sample.path("length").asInt()).isEqualTo(tokens.size()).isPositive();
            assertThat(sample.path("kl").asDouble()).isEqualTo(kl);
            assertThat(sample.path("advantage").asDouble()).isCloseTo(advantage / tokens.size(), within(1e-12));
            assertThat(sample.path("score")).isEqualTo(plain.get(i).path("score"));
            assertThat(plain.get(i).has("tokens")).isFalse();
        }
    }

    @Test
    void samplesCarryTheRawScore() throws IOException {
        toy.run("sampled", with(toy.config(1), "rewardClip", 0.01, "numSampleGenerations", 4));

        for (JsonNode sample : toy.samples("sampled")) {
            assertThat(sample.path("score").asDouble()).isLessThan(-0.05);
        }
        assertThat(toy.samples("sampled")).hasSize(4);
        assertThat(Files.size(folder.resolve("sampled/samples.jsonl"))).isPositive();
    }
}
