package io.github.rlhf4j.ppo;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.github.rlhf4j.core.CounterRandom;
import io.github.rlhf4j.core.generation.FinishReason;
import io.github.rlhf4j.core.generation.Generated;
import io.github.rlhf4j.core.generation.Generator;
import io.github.rlhf4j.core.kernels.Kernels;
import io.github.rlhf4j.core.kernels.cpu.CpuKernels;
import io.github.rlhf4j.core.model.Head;
import io.github.rlhf4j.core.model.TokenSequence;
import io.github.rlhf4j.core.model.Transformer;
import io.github.rlhf4j.core.optim.LearningRateSchedule;
import io.github.rlhf4j.core.stage.AdamWConfig;
import io.github.rlhf4j.core.stage.LearningRateConfig;
import io.github.rlhf4j.core.stage.ModelReference;
import io.github.rlhf4j.core.stage.StepsConfig;
import io.github.rlhf4j.core.stage.TrainingConfig;
import io.github.rlhf4j.core.train.BatchScorer;
import io.github.rlhf4j.core.train.ModelTrainer;
import io.github.rlhf4j.datasets.DatasetSpec;
import io.github.rlhf4j.datasets.tokens.TokenizedPrompt;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

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
        RolloutCollector.Experience experience = experience();

        assertThat(experience.metrics().named()).hasSize(6);
        experience
                .metrics()
                .named()
                .forEach((name, metric) -> EXPERIENCE.compare(name, metric, number("objective", name)));
        for (int i = 0; i < experience.rollouts().size(); i++) {
            PpoResponse fixed = experience.rollouts().get(i).fixed();
            EXPERIENCE.compare("old", fixed.oldLogProbs(), doubles("old", i));
            EXPERIENCE.compare("advantages", fixed.advantages(), doubles("advantages", i));
            EXPERIENCE.compare("values", fixed.oldValues(), doubles("values", i));
            EXPERIENCE.compare("returns", fixed.returns(), doubles("returns", i));
        }
    }

    @Test
    void updatesAreTheScripts() {
        List<Rollout> rollouts = experience().rollouts();
        try (ModelTrainer policyTrainer = trainer(policy);
                ModelTrainer valueTrainer = trainer(value)) {
            PpoUpdater updater =
                    new PpoUpdater(config(), policyTrainer, Optional.of(valueTrainer), Optional.empty(), 2);
            for (int epoch = 0; epoch < options.path("num_ppo_epochs").asInt(); epoch++) {
                compare(
                        updater.update(rollouts, 1, epoch + 1),
                        expected.path("updates").get(epoch));
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
        List<Rollout> rollouts = new ArrayList<>();
        for (Rollout rollout : experience().rollouts()) {
            double[] unlikely = new double[rollout.fixed().tokens()];
            Arrays.fill(unlikely, -50);
            rollouts.add(Records.with(rollout, "fixed", Records.with(rollout.fixed(), "oldLogProbs", unlikely)));
        }
        double[] before = policy.embedding().toArray();
        double[] valuesBefore = value.embedding().toArray();
        try (ModelTrainer policyTrainer = trainer(policy);
                ModelTrainer valueTrainer = trainer(value)) {
            PpoUpdater.Update update = new PpoUpdater(
                            config(), policyTrainer, Optional.of(valueTrainer), Optional.empty(), 2)
                    .update(rollouts, 1, 1);

            assertThat(update.skipped()).isTrue();
            assertThat(update.statistics().meanRatio()).isGreaterThan(10);
            assertThat(policy.embedding().toArray()).containsExactly(before);
            assertThat(value.embedding().toArray()).containsExactly(valuesBefore);
        }
    }

    @Test
    void whitenedRewardsKeepTheirMeanAndHaveASpreadOfOne() {
        PpoConfig undiscounted = Records.with(config(), "gamma", 1.0, "lam", 1.0);
        double[] plain = rewards(experience(undiscounted).rollouts());
        double[] whitened = rewards(
                experience(Records.with(undiscounted, "whitenRewards", true)).rollouts());

        double mean = Arrays.stream(plain).average().orElseThrow();
        double variance =
                Arrays.stream(plain).map(x -> (x - mean) * (x - mean)).average().orElseThrow();
        for (int i = 0; i < plain.length; i++) {
            assertThat(whitened[i]).isCloseTo((plain[i] - mean) / Math.sqrt(variance + 1e-8) + mean, within(1e-9));
        }
    }

    /** With gamma = lam = 1 a return is the sum of the rewards that follow. */
    private static double[] rewards(List<Rollout> rollouts) {
        return rollouts.stream()
                .flatMapToDouble(rollout -> {
                    double[] returns = rollout.fixed().returns();
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
        RolloutCollector.Experience experience = experience(after);
        List<BatchScorer.Scored> atTheEnd = new ArrayList<>();
        for (Rollout rollout : experience.rollouts()) {
            TokenSequence sequence = Rollout.scoreSequence(rollout.promptIds(), rollout.responseIds());
            atTheEnd.add(new BatchScorer(value, 1024)
                    .score(List.of(List.of(sequence)), 1)
                    .get(0)
                    .get(0));
        }
        boolean[] seen = new boolean[2];
        for (int i = 0; i < experience.rollouts().size(); i++) {
            Rollout rollout = experience.rollouts().get(i);
            int tokens = rollout.responseIds().length;
            boolean room = tokens < 7; // response_length
            seen[room ? 1 : 0] = true;
            double[] values = rollout.fixed().oldValues();
            assertThat(values).hasSize(room ? tokens + 1 : tokens);
            if (room) {
                assertThat(values[tokens]).isCloseTo(atTheEnd.get(i).scalars()[0], within(1e-5));
            }
        }
        assertThat(seen).contains(true);
        assertThat(seen[1]).isTrue();
    }

    private static void compare(PpoUpdater.Update update, JsonNode theirs) {
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

    private RolloutCollector.Experience experience() {
        return experience(config());
    }

    private RolloutCollector.Experience experience(PpoConfig config) {
        try (Transformer reference = load("reference", Head.LANGUAGE);
                Transformer reward = load("reward", Head.SCALAR)) {
            List<TokenizedPrompt> prompts = new ArrayList<>();
            List<List<TokenSequence>> groups = new ArrayList<>();
            for (int i = 0; i < expected.path("prompts").size(); i++) {
                prompts.add(new TokenizedPrompt(ids("prompts", i)));
                groups.add(List.of(Rollout.sequence(ids("prompts", i), ids("responses", i), 0)));
            }
            List<List<BatchScorer.Scored>> sampled = new BatchScorer(policy, 1024)
                    .score(groups, options.path("temperature").asDouble());
            List<Generated> samples = new ArrayList<>();
            for (int i = 0; i < prompts.size(); i++) {
                samples.add(sample(i, sampled.get(i).get(0).logProbs()));
            }
            RolloutCollector collector = new RolloutCollector(
                    config,
                    new Generator(policy),
                    new IdTokenizer(),
                    Optional.empty(),
                    new BatchScorer(reference, 1024),
                    new BatchScorer(value, 1024),
                    RewardSource.of("reward", reward, 1024));
            return collector.experience(
                    prompts, samples, options.path("kl_coef").asDouble(), new ScoreNormalizer.None());
        }
    }

    private Generated sample(int i, double[] logProbs) {
        boolean ended = expected.path("ended").get(i).asBoolean();
        return new Generated(i, 0, ids("responses", i), logProbs, ended ? FinishReason.STOP : FinishReason.LENGTH);
    }

    private List<BatchScorer.Scored> score(Transformer model, List<Rollout> rollouts, boolean values) {
        List<List<TokenSequence>> groups = new ArrayList<>();
        for (Rollout rollout : rollouts) {
            groups.add(List.of(
                    values
                            ? Rollout.valueSequence(
                                    rollout.promptIds(), rollout.responseIds(), rollout.responseIds().length)
                            : Rollout.sequence(rollout.promptIds(), rollout.responseIds(), 0)));
        }
        return new BatchScorer(model, 1024)
                .score(groups, options.path("temperature").asDouble()).stream()
                        .map(group -> group.get(0))
                        .toList();
    }

    private ModelTrainer trainer(Transformer model) {
        TrainingConfig training = config().training();
        return new ModelTrainer(
                model,
                training.learningRate(),
                LearningRateSchedule.of("constant", 0, 1, 0),
                training.optimizer(0),
                CounterRandom.of(1));
    }

    private PpoConfig config() {
        TrainingConfig training = TrainingConfig.of(
                        LearningRateConfig.constant(number("options", "learning_rate")), StepsConfig.of(5, 1))
                .with(AdamWConfig.DEFAULT.withMaxGradNorm(number("options", "max_grad_norm")));
        return new PpoConfig(
                new ModelReference("policy", FIXTURE.resolve("policy")),
                DatasetSpec.of("none"),
                Optional.of(new ModelReference("reward", FIXTURE.resolve("reward"))),
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                PpoConfig.ValueKind.OWN,
                Optional.empty(),
                0,
                0,
                0,
                false,
                Optional.empty(),
                7,
                number("options", "temperature"),
                options.path("num_ppo_epochs").asInt(),
                1,
                number("options", "cliprange"),
                number("options", "cliprange_value"),
                0,
                number("options", "vf_coef"),
                number("options", "entropy_coef"),
                number("options", "gamma"),
                number("options", "lam"),
                false,
                number("options", "kl_coef"),
                KlEstimator.K1,
                PpoConfig.KlSchedule.FIXED,
                0,
                0,
                number("options", "missing_eos_penalty"),
                PpoConfig.RewardNormalization.NONE,
                0,
                RewardPlacement.END,
                Aggregation.TOKEN,
                0,
                10,
                0,
                0,
                true,
                1,
                RolloutConfig.DEFAULT,
                training);
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
