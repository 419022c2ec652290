package io.github.rlhf4j.ppo;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.google.inject.AbstractModule;
import com.google.inject.Guice;
import io.github.rlhf4j.core.CounterRandom;
import io.github.rlhf4j.core.UserError;
import io.github.rlhf4j.core.kernels.CpuKernels;
import io.github.rlhf4j.core.kernels.Kernels;
import io.github.rlhf4j.core.model.Head;
import io.github.rlhf4j.core.model.ModelConfig;
import io.github.rlhf4j.core.model.Transformer;
import io.github.rlhf4j.core.tokenizer.BpeTokenizerFiles;
import io.github.rlhf4j.core.tokenizer.BpeTrainer;
import io.github.rlhf4j.core.train.AdamWConfig;
import io.github.rlhf4j.core.train.CheckpointConfig;
import io.github.rlhf4j.core.train.Console;
import io.github.rlhf4j.core.train.LearningRateConfig;
import io.github.rlhf4j.core.train.ModelReference;
import io.github.rlhf4j.core.train.StageRun;
import io.github.rlhf4j.core.train.StepsConfig;
import io.github.rlhf4j.core.train.TrainingConfig;
import io.github.rlhf4j.datasets.DatasetSpec;
import io.github.rlhf4j.datasets.DatasetsModule;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The whole stage on a random model of two layers; most rewards like short answers. */
class PpoTrainerTest {
    private final Kernels kernels = new CpuKernels(1);

    @TempDir
    private Path folder;

    /** Likes short answers: a response loses a tenth for each token. */
    static final class Brevity implements RewardFunction {
        @Override
        public double[] score(List<Answer> answers) {
            return answers.stream()
                    .mapToDouble(answer -> -0.1 * answer.tokens())
                    .toArray();
        }
    }

    /** Returns one score for all. */
    static final class Broadcast implements RewardFunction {
        @Override
        public double[] score(List<Answer> answers) {
            return new double[] {1};
        }
    }

    /** What a test varies. */
    private record Options(
            int steps, long saveSteps, String reward, PpoConfig.ValueKind value, int microBatchTokens, boolean ptx) {
        private static Options of(int steps) {
            return new Options(steps, 0, "brevity", PpoConfig.ValueKind.OWN, 0, false);
        }

        private Options saving(long every) {
            return new Options(steps, every, reward, value, microBatchTokens, ptx);
        }

        private Options rewardedBy(String name) {
            return new Options(steps, saveSteps, name, value, microBatchTokens, ptx);
        }

        private Options shared() {
            return new Options(steps, saveSteps, reward, PpoConfig.ValueKind.SHARED, microBatchTokens, ptx);
        }

        private Options cutInto(int tokens) {
            return new Options(steps, saveSteps, reward, value, tokens, ptx);
        }

        private Options withPretraining() {
            return new Options(steps, saveSteps, reward, value, microBatchTokens, true);
        }
    }

    @BeforeEach
    void makeModelAndPrompts() throws IOException {
        List<String> prompts = List.of("What is red? ", "Who is there? ", "Why? ", "Name a sea. ", "Go on. ", "And? ");
        List<String> rows = new ArrayList<>();
        prompts.forEach(prompt -> rows.add("{\"prompt\": \"" + prompt + "\", \"completion\": \"It is so.\"}"));
        Files.writeString(folder.resolve("prompts.jsonl"), String.join("\n", rows) + "\n");
        BpeTokenizerFiles tokenizer = BpeTrainer.train(rows.iterator(), 270, List.of());
        ModelConfig config = ModelConfig.llama(tokenizer.vocabSize(), 16, 32, 2, 2, 1, 96, true);
        for (Head head : Head.values()) {
            Path model = folder.resolve(head.name());
            try (Transformer fresh = Transformer.create(config, Set.of(head), kernels, CounterRandom.of(3))) {
                fresh.save(model, Optional.empty());
            }
            tokenizer.writeTo(model, Optional.empty());
        }
    }

    @Test
    void earnsMoreAndMoreReward() throws IOException {
        List<Double> scores = metric(run("ppo", Options.of(25), false), "objective/scores");

        assertThat(scores.subList(20, 25).stream().mapToDouble(x -> x).average().orElseThrow())
                .isGreaterThan(scores.subList(0, 5).stream()
                                .mapToDouble(x -> x)
                                .average()
                                .orElseThrow()
                        + 0.1);
    }

    @Test
    void theFirstIterationStartsAtTheReference() throws IOException {
        List<String> lines = run("ppo", Options.of(2), false);

        assertThat(metric(lines, "objective/kl").get(0)).isCloseTo(0, within(1e-3));
        assertThat(metric(lines, "objective/entropy").get(0)).isPositive();
        assertThat(metric(lines, "policy/entropy_avg"))
                .allSatisfy(entropy -> assertThat(entropy).isPositive());
        assertThat(metric(lines, "episode")).containsExactly(4.0, 6.0);
    }

    @Test
    void aResumedRunIsTheRunThatWasNeverStopped() throws IOException {
        List<String> unbroken = run("unbroken", Options.of(4).saving(2), false);
        run("broken", Options.of(2).saving(2), false);
        List<String> resumed = run("broken", Options.of(4).saving(2), true);

        assertThat(resumed).isEqualTo(unbroken);
        for (String model : List.of("model", "value_model", "ema")) {
            assertThat(weights("broken", model)).isEqualTo(weights("unbroken", model));
        }
    }

    @Test
    void aSharedTrunkLearnsPolicyAndValueTogether() throws IOException {
        List<String> lines = run("shared", Options.of(10).shared(), false);

        assertThat(metric(lines, "loss/value_avg").get(9))
                .isLessThan(metric(lines, "loss/value_avg").get(0));
        assertThat(folder.resolve("shared/value_model")).doesNotExist();
    }

    @Test
    void cuttingMiniBatchesIntoMicroBatchesChangesNothing() throws IOException {
        List<String> whole = run("whole", Options.of(1), false);
        List<String> cut = run("cut", Options.of(1).cutInto(30), false);

        for (String name :
                List.of("loss/policy_avg", "loss/value_avg", "policy/approxkl_avg", "grad_norm", "val/ratio")) {
            assertThat(metric(cut, name).get(0)).isCloseTo(metric(whole, name).get(0), within(1e-5));
        }
    }

    @Test
    void pretrainingIsMixedIn() throws IOException {
        run("ptx", Options.of(1).withPretraining(), false);
        run("plain", Options.of(1), false);

        assertThat(weights("ptx", "model")).isNotEqualTo(weights("plain", "model"));
    }

    @Test
    void aRewardModelScoresTheResponsesToo() throws IOException {
        List<String> lines = run("model", Options.of(2).rewardedBy(""), false);

        assertThat(metric(lines, "objective/scores"))
                .hasSize(2)
                .allSatisfy(score -> assertThat(score).isFinite());
    }

    @Test
    void aRewardFunctionMustScoreEveryResponse() {
        assertThatThrownBy(() -> run("x", Options.of(1).rewardedBy("broadcast"), false))
                .isInstanceOf(UserError.class)
                .hasMessageContaining("reward_function broadcast must return one score for each of 4 responses");
        assertThatThrownBy(() -> run("x", Options.of(1).rewardedBy("brevty"), false))
                .isInstanceOf(UserError.class)
                .hasMessageContaining("unknown reward_function brevty; available: brevity, broadcast");
    }

    private List<String> run(String name, Options options, boolean resume) throws IOException {
        PpoTrainer trainer = Guice.createInjector(new DatasetsModule(), new PpoModule(), new AbstractModule() {
                    @Override
                    protected void configure() {
                        RewardBinder.rewardBinder(binder())
                                .bind("brevity", Brevity.class)
                                .bind("broadcast", Broadcast.class);
                    }
                })
                .getInstance(PpoTrainer.class);
        Path directory = Files.createDirectories(folder.resolve(name));
        StageRun.Setting setting = new StageRun.Setting(
                name, directory, folder.resolve("cache"), 5, 5, kernels, Console.SILENT, resume, () -> 0);
        try (StageRun run = new StageRun(setting)) {
            PpoConfig config = config(options);
            trainer.check(config);
            trainer.run(config, run);
        }
        return Files.readAllLines(directory.resolve("metrics.jsonl"));
    }

    private PpoConfig config(Options options) {
        ModelReference policy = new ModelReference("start", folder.resolve(Head.LANGUAGE.name()));
        ModelReference reward = new ModelReference("reward", folder.resolve(Head.SCALAR.name()));
        DatasetSpec prompts = DatasetSpec.of(folder.resolve("prompts.jsonl").toString());
        boolean function = !options.reward().isEmpty();
        TrainingConfig training = TrainingConfig.of(
                        LearningRateConfig.constant(3e-3), StepsConfig.of(4, options.steps()))
                .with(AdamWConfig.DEFAULT.withMicroBatchTokens(options.microBatchTokens()))
                .with(CheckpointConfig.every(options.saveSteps()));
        return new PpoConfig(
                policy,
                prompts,
                function ? Optional.empty() : Optional.of(reward),
                function ? Optional.of(options.reward()) : Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                options.value(),
                options.ptx() ? Optional.of(prompts) : Optional.empty(),
                options.ptx() ? 1 : 0,
                options.ptx() ? 2 : 0,
                0,
                false,
                Optional.empty(),
                12,
                1.0,
                2,
                2,
                0.2,
                0.2,
                0,
                0.5,
                0,
                1,
                0.95,
                false,
                0.01,
                KlEstimator.K1,
                PpoConfig.KlSchedule.ADAPTIVE,
                6,
                10000,
                1,
                PpoConfig.RewardNormalization.NONE,
                0,
                RewardPlacement.END,
                Aggregation.TOKEN,
                0,
                10,
                options.value() == PpoConfig.ValueKind.OWN ? 0.9 : 0,
                0,
                true,
                1,
                training);
    }

    private byte[] weights(String run, String model) throws IOException {
        return Files.readAllBytes(folder.resolve(run).resolve(model).resolve("model.safetensors"));
    }

    private static List<Double> metric(List<String> lines, String name) throws IOException {
        List<Double> values = new ArrayList<>();
        for (String line : lines) {
            JsonNode value = new ObjectMapper().readTree(line).get(name);
            if (value != null) {
                values.add(value.asDouble());
            }
        }
        return values;
    }
}
