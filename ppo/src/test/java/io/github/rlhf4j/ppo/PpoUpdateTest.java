package io.github.rlhf4j.ppo;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.github.rlhf4j.core.CounterRandom;
import io.github.rlhf4j.core.kernels.Kernels;
import io.github.rlhf4j.core.kernels.cpu.CpuKernels;
import io.github.rlhf4j.core.model.Head;
import io.github.rlhf4j.core.model.TokenSequence;
import io.github.rlhf4j.core.model.Transformer;
import io.github.rlhf4j.core.stage.AdamWConfig;
import io.github.rlhf4j.core.stage.Console;
import io.github.rlhf4j.core.stage.LearningRateConfig;
import io.github.rlhf4j.core.stage.ModelReference;
import io.github.rlhf4j.core.stage.StageLoop;
import io.github.rlhf4j.core.stage.StageRun;
import io.github.rlhf4j.core.stage.StepsConfig;
import io.github.rlhf4j.core.stage.TrainingConfig;
import io.github.rlhf4j.core.train.BatchScorer;
import io.github.rlhf4j.core.train.Examples;
import io.github.rlhf4j.datasets.DatasetSpec;
import io.github.rlhf4j.datasets.tokens.TokenizedPrompt;
import io.github.rlhf4j.rollout.RewardFunction;
import io.github.rlhf4j.rollout.Rollout;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.DoubleStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * One whole iteration on a roll-out that is given: experience, then three epochs of updates of policy and value model, against an independent script in double
 * precision, tools/golden/ppo_update.py.
 */
class PpoUpdateTest {
    private static final Path FIXTURE = Golden.fixture("update");
    private static final Golden EXPERIENCE = new Golden("ppo: log-probs, values, advantages, returns, objective", 5e-5);
    private static final Golden UPDATES = new Golden("ppo: losses and statistics of three updates", 5e-5);
    private static final Golden NORMS = new Golden("ppo: gradient norms, relative", 1e-4);
    private static final Golden AFTER = new Golden("ppo: log-probs of responses and mean values afterwards", 1e-3);

    @TempDir
    private Path folder;

    private final Kernels kernels = new CpuKernels(1);
    private final JsonNode expected = read();
    private final JsonNode options = expected.path("options");
    private Transformer policy = load("policy", Head.LANGUAGE);
    private Transformer value = load("value", Head.SCALAR);

    @BeforeEach
    void freshModels() {
        close();
        policy = load("policy", Head.LANGUAGE);
        value = load("value", Head.SCALAR);
    }

    @AfterEach
    void close() {
        policy.close();
        value.close();
    }

    @AfterAll
    static void report() throws IOException {
        for (Golden golden : List.of(EXPERIENCE, UPDATES, NORMS, AFTER)) {
            golden.report();
        }
    }

    @Test
    void experienceIsTheScripts() {
        try (Prepared prepared = prepare(config())) {
            PpoTrainer.Collected collected = prepared.collect();

            assertThat(collected.metrics().named()).hasSize(6);
            collected
                    .metrics()
                    .named()
                    .forEach((name, metric) -> EXPERIENCE.compare(name, metric, number("objective", name)));
            for (int i = 0; i < collected.experience().size(); i++) {
                Experience experience = collected.experience().get(i);
                EXPERIENCE.compare("old", experience.oldLogProbs(), doubles("old", i));
                EXPERIENCE.compare("advantages", experience.advantages(), doubles("advantages", i));
                EXPERIENCE.compare("values", experience.oldValues(), doubles("values", i));
                EXPERIENCE.compare("returns", experience.returns(), doubles("returns", i));
            }
        }
    }

    @Test
    void updatesAreTheScripts() {
        List<Rollout> rollouts;
        try (Prepared prepared = prepare(config())) {
            PpoTrainer.Collected collected = prepared.collect();
            rollouts = collected.rollouts();
            List<PpoTrainer.Update> updates = prepared.trainer().update(1, collected.experience(), CounterRandom.of(1));
            assertThat(updates).hasSize(options.path("num_ppo_epochs").asInt());
            for (int i = 0; i < updates.size(); i++) {
                compare(updates.get(i), expected.path("updates").get(i));
            }
        }
        List<BatchScorer.Scored> policyNow = score(policy, rollouts, false);
        List<BatchScorer.Scored> valueNow = score(value, rollouts, true);
        for (int i = 0; i < rollouts.size(); i++) {
            double values = Arrays.stream(valueNow.get(i).scalars()).average().orElseThrow();
            AFTER.compare("log_probs_after", policyNow.get(i).sumLogProb(), doubles("log_probs_after")[i]);
            AFTER.compare("values_after", values, doubles("values_after")[i]);
        }
    }

    @Test
    void aMiniBatchWithTooLargeARatioChangesNothing() {
        double[] before = policy.embedding().toArray();
        double[] valuesBefore = value.embedding().toArray();
        try (Prepared prepared = prepare(config())) {
            List<Experience> unlikely = prepared.collect().experience().stream()
                    .map(experience -> Records.with(
                            experience,
                            "oldLogProbs",
                            DoubleStream.generate(() -> -50)
                                    .limit(experience.tokens())
                                    .toArray()))
                    .toList();

            assertThat(prepared.trainer().update(1, unlikely, CounterRandom.of(1)))
                    .allSatisfy(update -> {
                        assertThat(update.skipped()).isTrue();
                        assertThat(update.statistics().meanRatio()).isGreaterThan(10);
                    });
            assertThat(policy.embedding().toArray()).containsExactly(before);
            assertThat(value.embedding().toArray()).containsExactly(valuesBefore);
        }
    }

    @Test
    void whitenedRewardsKeepTheirMeanAndHaveASpreadOfOne() {
        PpoConfig undiscounted = Records.with(config(), "gamma", 1.0, "lam", 1.0);
        double[] plain = rewards(experience(undiscounted));
        double[] whitened = rewards(experience(Records.with(undiscounted, "whitenRewards", true)));

        double mean = Arrays.stream(plain).average().orElseThrow();
        double variance =
                Arrays.stream(plain).map(x -> (x - mean) * (x - mean)).average().orElseThrow();
        for (int i = 0; i < plain.length; i++) {
            assertThat(whitened[i]).isCloseTo((plain[i] - mean) / Math.sqrt(variance + 1e-8) + mean, within(1e-9));
        }
    }

    /** With gamma = lam = 1 a return is the sum of the rewards that follow. */
    private static double[] rewards(List<Experience> all) {
        return all.stream()
                .flatMapToDouble(experience -> {
                    double[] returns = experience.returns();
                    double[] rewards = returns.clone();
                    for (int t = 0; t + 1 < rewards.length; t++) {
                        rewards[t] = returns[t] - returns[t + 1];
                    }
                    return Arrays.stream(rewards);
                })
                .toArray();
    }

    @Test
    void aScoreAfterTheEndHasAPositionOfItsOwnWithTheValueThere() {
        PpoConfig after = Records.with(
                config(), "rewardPlacement", RewardPlacement.AFTER_END, "gamma", 1.0, "lam", 1.0, "klCoef", 0.0);
        boolean[] seen = new boolean[2];
        for (Experience experience : experience(after)) {
            TokenSequence atTheEnd =
                    TokenSequence.scoredAtEnd(experience.sequence().ids());
            double valueAtTheEnd = new BatchScorer(value, 1024)
                    .score(List.of(List.of(atTheEnd)), 1)
                    .get(0)
                    .get(0)
                    .scalars()[0];
            boolean room = experience.tokens() < 7; // response_length
            seen[room ? 1 : 0] = true;
            double[] values = experience.oldValues();
            assertThat(values).hasSize(room ? experience.tokens() + 1 : experience.tokens());
            if (room) {
                assertThat(values[experience.tokens()]).isCloseTo(valueAtTheEnd, within(1e-5));
            }
        }
        assertThat(seen).contains(true);
        assertThat(seen[1]).isTrue();
    }

    private static void compare(PpoTrainer.Update update, JsonNode theirs) {
        double norm = theirs.path("grad_norm").asDouble();
        NORMS.compare("grad_norm", update.gradientNorm() / norm, 1);
        Map<String, Double> ours = UpdateMetrics.named(List.of(update.statistics()));
        theirs.properties().forEach(metric -> {
            if (!metric.getKey().equals("grad_norm")) {
                UPDATES.compare(
                        metric.getKey(),
                        ours.getOrDefault(metric.getKey(), Double.NaN),
                        metric.getValue().asDouble());
            }
        });
    }

    private List<Experience> experience(PpoConfig config) {
        try (Prepared prepared = prepare(config)) {
            return prepared.collect().experience();
        }
    }

    /** A trainer of the models in the fixture with their samples; closes what it opened. */
    private record Prepared(
            PpoTrainer trainer, List<Rollout> sampled, double klCoef, StageRun run, List<Transformer> models)
            implements AutoCloseable {
        PpoTrainer.Collected collect() {
            return trainer.collect(sampled, klCoef);
        }

        @Override
        public void close() {
            trainer.close();
            run.close();
            models.forEach(Transformer::close);
        }
    }

    private Prepared prepare(PpoConfig config) {
        Transformer reference = load("reference", Head.LANGUAGE);
        Transformer reward = load("reward", Head.SCALAR);
        List<TokenizedPrompt> prompts = new ArrayList<>();
        List<List<TokenSequence>> groups = new ArrayList<>();
        for (int i = 0; i < expected.path("prompts").size(); i++) {
            prompts.add(new TokenizedPrompt(ids("prompts", i)));
            groups.add(List.of(Rollout.responseTargets(ids("prompts", i), ids("responses", i), 0)));
        }
        List<List<BatchScorer.Scored>> scored = new BatchScorer(policy, 1024)
                .score(groups, options.path("temperature").asDouble());
        List<Rollout> sampled = new ArrayList<>();
        for (int i = 0; i < prompts.size(); i++) {
            int[] ids = ids("responses", i);
            boolean ended = expected.path("ended").get(i).asBoolean();
            var answer = new RewardFunction.Answer("", "", ids.length, ended);
            sampled.add(Rollout.sampled(
                    prompts.get(i).ids(), ids, answer, scored.get(i).get(0).logProbs()));
        }
        StageRun run = new StageRun(
                new StageRun.Setting("ppo", folder, folder, 1, 1, kernels, Console.SILENT, false, () -> 0));
        PpoModels models = new PpoModels(policy, reference, Optional.of(value), Optional.of(reward), Optional.empty());
        StageLoop<TokenizedPrompt> loop =
                StageLoop.of(run, config.loopOver(), Examples.of(prompts.size(), i -> prompts.get((int) i)));
        PpoTrainer trainer =
                new PpoTrainer(config, run, loop, models, new IdTokenizer(), Optional.empty(), Optional.empty());
        return new Prepared(trainer, sampled, options.path("kl_coef").asDouble(), run, List.of(reference, reward));
    }

    private List<BatchScorer.Scored> score(Transformer model, List<Rollout> rollouts, boolean values) {
        List<List<TokenSequence>> groups = rollouts.stream()
                .map(rollout -> List.of(values ? rollout.valueSequence(rollout.tokens()) : rollout.sequence()))
                .toList();
        return new BatchScorer(model, 1024)
                .score(groups, options.path("temperature").asDouble()).stream()
                        .map(group -> group.get(0))
                        .toList();
    }

    private PpoConfig config() {
        TrainingConfig training = TrainingConfig.of(
                        LearningRateConfig.constant(number("options", "learning_rate")), StepsConfig.of(5, 1))
                .with(AdamWConfig.DEFAULT.withMaxGradNorm(number("options", "max_grad_norm")));
        return PpoConfig.builder(new ModelReference("policy", FIXTURE.resolve("policy")), DatasetSpec.of("none"))
                .training(training)
                .rewardModel(new ModelReference("reward", FIXTURE.resolve("reward")))
                .responseLength(7)
                .temperature(number("options", "temperature"))
                .numPpoEpochs(options.path("num_ppo_epochs").asInt())
                .cliprange(number("options", "cliprange"))
                .cliprangeValue(number("options", "cliprange_value"))
                .vfCoef(number("options", "vf_coef"))
                .entropyCoef(number("options", "entropy_coef"))
                .gamma(number("options", "gamma"))
                .lam(number("options", "lam"))
                .klCoef(number("options", "kl_coef"))
                .missingEosPenalty(number("options", "missing_eos_penalty"))
                .build();
    }

    private Transformer load(String name, Head head) {
        return Transformer.load(FIXTURE.resolve(name), Set.of(head), kernels);
    }

    private double number(String group, String name) {
        return expected.path(group).path(name).asDouble(Double.NaN);
    }

    private double[] doubles(String name) {
        return new ObjectMapper().convertValue(expected.path(name), double[].class);
    }

    private double[] doubles(String name, int i) {
        return new ObjectMapper().convertValue(expected.path(name).get(i), double[].class);
    }

    private int[] ids(String name, int i) {
        return new ObjectMapper().convertValue(expected.path(name).get(i), int[].class);
    }

    private static JsonNode read() {
        try {
            return new ObjectMapper().readTree(FIXTURE.resolve("expected.json").toFile());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
