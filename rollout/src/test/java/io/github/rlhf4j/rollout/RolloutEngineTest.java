package io.github.rlhf4j.rollout;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.github.rlhf4j.core.CounterRandom;
import io.github.rlhf4j.core.UserError;
import io.github.rlhf4j.core.cluster.Cluster;
import io.github.rlhf4j.core.cluster.InProcessCluster;
import io.github.rlhf4j.core.cluster.SharedModel;
import io.github.rlhf4j.core.generation.FinishReason;
import io.github.rlhf4j.core.generation.Generated;
import io.github.rlhf4j.core.generation.SamplingOptions;
import io.github.rlhf4j.core.kernels.cpu.CpuKernels;
import io.github.rlhf4j.core.model.Head;
import io.github.rlhf4j.core.model.ModelConfig;
import io.github.rlhf4j.core.model.TokenSequence;
import io.github.rlhf4j.core.model.Transformer;
import io.github.rlhf4j.core.stage.StructuredOutputsConfig;
import io.github.rlhf4j.core.tokenizer.Tokenizer;
import io.github.rlhf4j.core.train.BatchScorer;
import io.github.rlhf4j.datasets.tokens.TokenizedPrompt;
import io.github.rlhf4j.testing.FakeTokenizer;
import io.github.rlhf4j.testing.IsolatedCluster;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Groups of samples of a small random model, with rewards and log-probs. */
class RolloutEngineTest {
    private static final CpuKernels KERNELS = new CpuKernels(1);
    private static final Transformer POLICY = model(Head.LANGUAGE, 3);
    private static final Transformer REWARD = model(Head.SCALAR, 4);
    private static final Tokenizer TOKENIZER = FakeTokenizer.numbers(40).stops(2);
    private static final int[] EOS = {2};
    private static final CounterRandom RANDOM = CounterRandom.of(5);
    private static final List<TokenizedPrompt> PROMPTS = List.of(
            new TokenizedPrompt(new int[] {1, 7, 8}),
            new TokenizedPrompt(new int[] {1, 9}, Map.of("answer", "12")),
            new TokenizedPrompt(new int[] {1}));

    @AfterAll
    static void close() {
        POLICY.close();
        REWARD.close();
        KERNELS.close();
    }

    private static Transformer model(Head head, long seed) {
        return Transformer.create(
                ModelConfig.llama(40, 16, 32, 2, 2, 1, 64, true), Set.of(head), KERNELS, CounterRandom.of(seed));
    }

    private static SamplingOptions sampling(int... stops) {
        return SamplingOptions.sampling(0.9, 12, stops);
    }

    private static List<List<Rollout>> sample(Cluster cluster, int samples) {
        try (SharedModel policy = cluster.share("policy", POLICY)) {
            return new RolloutEngine(policy, TOKENIZER, sampling(EOS), samples).sample(PROMPTS, RANDOM);
        }
    }

    private static List<List<Rollout>> sample(int samples) {
        try (Cluster cluster = new InProcessCluster(KERNELS)) {
            return sample(cluster, samples);
        }
    }

    private static Rollout ofTokens(int... responseIds) {
        var answer = new RewardFunction.Answer("", "", responseIds.length, true);
        return Rollout.sampled(new int[] {1}, responseIds, answer, new double[responseIds.length]);
    }

    @Test
    void aGroupIsTheSamplesOfOnePrompt() {
        List<List<Rollout>> groups = sample(4);

        assertThat(groups).hasSize(3).allSatisfy(group -> assertThat(group).hasSize(4));
        for (int i = 0; i < groups.size(); i++) {
            Set<String> texts = new LinkedHashSet<>();
            for (Rollout rollout : groups.get(i)) {
                assertThat(rollout.promptIds()).isEqualTo(PROMPTS.get(i).ids());
                assertThat(rollout.answer().columns()).isEqualTo(PROMPTS.get(i).columns());
                assertThat(rollout.answer().tokens()).isEqualTo(rollout.tokens());
                texts.add(rollout.answer().response());
            }
            assertThat(texts).hasSizeGreaterThan(1);
        }
    }

    @Test
    void aSampleDoesNotDependOnTheSizeOfItsGroup() {
        List<List<Rollout>> alone = sample(1);
        List<List<Rollout>> four = sample(4);

        for (int i = 0; i < alone.size(); i++) {
            assertThat(four.get(i).get(0).responseIds())
                    .isEqualTo(alone.get(i).get(0).responseIds());
            assertThat(four.get(i).get(0).samplerLogProbs())
                    .isEqualTo(alone.get(i).get(0).samplerLogProbs());
        }
    }

    /** The policy is the model: log-probs of sampler and trainer are the same, though the sampler had few tokens to choose from. */
    @Test
    void responsesAreHeldToALanguageAndTheirLogProbsAreThoseOfTheModel() {
        Optional<StructuredOutputsConfig> held = Optional.of(StructuredOutputsConfig.choice("3 4", "12 7 9", "12 8"));
        List<Rollout> here;
        try (Cluster cluster = new InProcessCluster(KERNELS);
                SharedModel policy = cluster.share("policy", POLICY)) {
            RolloutEngine engine = new RolloutEngine(policy, TOKENIZER, sampling(EOS), 4, held);
            here = engine.withTrainerLogProbs(Rollout.flat(engine.sample(PROMPTS, RANDOM)));
        }
        for (Rollout rollout : here) {
            assertThat(rollout.answer().response()).isIn("3 4", "12 7 9", "12 8");
            assertThat(rollout.ended()).isTrue();
            for (int t = 0; t < rollout.tokens(); t++) {
                assertThat(rollout.samplerLogProbs()[t]).isCloseTo(rollout.trainerLogProbs()[t], within(1e-5));
            }
        }
        Cluster elsewhere = new IsolatedCluster(KERNELS, 3);
        try (SharedModel policy = elsewhere.share("policy", POLICY)) {
            List<Rollout> there =
                    Rollout.flat(new RolloutEngine(policy, TOKENIZER, sampling(EOS), 4, held).sample(PROMPTS, RANDOM));
            for (int i = 0; i < here.size(); i++) {
                assertThat(there.get(i).responseIds()).isEqualTo(here.get(i).responseIds());
                assertThat(there.get(i).samplerLogProbs()).isEqualTo(here.get(i).samplerLogProbs());
            }
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 7})
    void otherMachinesSampleTheSame(int pieces) {
        List<Rollout> here = Rollout.flat(sample(3));
        List<Rollout> there = Rollout.flat(sample(new IsolatedCluster(KERNELS, pieces), 3));

        assertThat(there).hasSameSizeAs(here);
        for (int i = 0; i < here.size(); i++) {
            assertThat(there.get(i).responseIds()).isEqualTo(here.get(i).responseIds());
            assertThat(there.get(i).samplerLogProbs()).isEqualTo(here.get(i).samplerLogProbs());
            assertThat(there.get(i).answer()).isEqualTo(here.get(i).answer());
        }
    }

    @Test
    void trainerAndReferenceReadTheSamplesAtTheTemperatureOfSampling() {
        try (Cluster cluster = new InProcessCluster(KERNELS);
                SharedModel policy = cluster.share("policy", POLICY);
                SharedModel reference = cluster.share("reference", POLICY)) {
            RolloutEngine engine = new RolloutEngine(policy, TOKENIZER, sampling(EOS), 2);
            List<Rollout> rollouts = Rollout.flat(engine.sample(PROMPTS, RANDOM));
            rollouts = engine.withRefLogProbs(engine.withTrainerLogProbs(rollouts), reference);

            assertThat(SamplingDifference.of(rollouts).largest()).isPositive().isLessThan(1e-5);
            for (Rollout rollout : rollouts) {
                assertThat(rollout.refLogProbs()).isEqualTo(rollout.trainerLogProbs());
                assertThat(rollout.oldLogProbs()).isSameAs(rollout.trainerLogProbs());
            }
        }
    }

    @Test
    void severalRewardsAreAddedByWeightAndKeepTheirOwnScores() {
        Rewards rewards = new Rewards(List.of(
                new Rewards.Weighted("length", rollouts -> scores(rollouts, 1), 0.5),
                new Rewards.Weighted("brevity", rollouts -> scores(rollouts, -1), 2)));

        List<Rollout> scored = rewards.score(List.of(ofTokens(5), ofTokens(6, 7, 8)));

        assertThat(scored.get(0).score()).isEqualTo(0.5 - 2);
        assertThat(scored.get(1).score()).isEqualTo(1.5 - 6);
        assertThat(scored.get(1).scores()).containsExactly(Map.entry("length", 3.0), Map.entry("brevity", -3.0));
        assertThat(scored.get(1).sample())
                .containsEntry("score", -4.5)
                .containsEntry("scores", Map.of("length", 3.0, "brevity", -3.0));
        assertThat(ResponseMetrics.of(scored))
                .containsEntry("objective/raw_scores", -3.0)
                .containsEntry("rewards/length/mean", 2.0)
                .containsEntry("rewards/brevity/mean", -2.0)
                .containsEntry("rewards/length/std", Math.sqrt(2));
    }

    private static double[] scores(List<Rollout> rollouts, double factor) {
        return rollouts.stream()
                .mapToDouble(rollout -> factor * rollout.tokens())
                .toArray();
    }

    @Test
    void oneRewardIsTheScoreAndNothingMore() {
        List<Rollout> scored =
                Rewards.of("length", rollouts -> scores(rollouts, 1)).score(List.of(ofTokens(5, 6)));

        assertThat(scored.get(0).sample()).doesNotContainKey("scores").containsEntry("score", 2.0);
        assertThat(ResponseMetrics.of(scored))
                .doesNotContainKeys("rewards/length/mean", "objective/raw_scores_std")
                .containsEntry("completions/clipped_ratio", 0.0);
        assertThatThrownBy(() -> new Rewards(List.of())).hasMessageContaining("one at least");
    }

    @Test
    void aRewardModelIsReadAtTheLastToken() {
        List<Rollout> rollouts = List.of(ofTokens(5, 2), ofTokens(6, 7, 8));
        List<List<TokenSequence>> sequences = List.of(
                List.of(TokenSequence.scoredAtEnd(new int[] {1, 5, 2})),
                List.of(TokenSequence.scoredAtEnd(new int[] {1, 6, 7, 8})));
        List<List<BatchScorer.Scored>> expected = new BatchScorer(REWARD, 1024).score(sequences, 1);

        try (Cluster cluster = new InProcessCluster(KERNELS);
                SharedModel reward = cluster.share("reward", REWARD)) {
            double[] scores = Reward.of("reward", reward).score(rollouts);

            assertThat(scores)
                    .containsExactly(
                            expected.get(0).get(0).scalars()[0],
                            expected.get(1).get(0).scalars()[0]);
        }
    }

    @Test
    void aRewardFunctionGivesEachAnswerAFiniteScore() {
        List<Rollout> rollouts = List.of(ofTokens(5), ofTokens(6));

        assertThatThrownBy(
                        () -> Reward.of("broken", answers -> new double[] {1}).score(rollouts))
                .isInstanceOf(UserError.class)
                .hasMessage("reward_function broken must return one score for each of 2 responses, but returned 1");
        assertThatThrownBy(() -> Reward.of("broken", answers -> new double[] {1, Double.NaN})
                        .score(rollouts))
                .isInstanceOf(UserError.class)
                .hasMessageStartingWith(
                        "reward_function broken must return finite scores, but returned NaN for the response");
    }

    @Test
    void whereNothingStopsAResponseAnEndTokenInItEndsIt() {
        List<Generated> generated = new ArrayList<>();
        int[][] ids = {{5, 2, 6}, {5, 6, 7}};
        IntStream.range(0, 2)
                .forEach(i -> generated.add(new Generated(i, 0, ids[i], new double[3], FinishReason.LENGTH)));
        try (Cluster cluster = new InProcessCluster(KERNELS);
                SharedModel policy = cluster.share("policy", POLICY)) {
            List<TokenizedPrompt> prompts = PROMPTS.subList(0, 2);
            List<List<Rollout>> never =
                    new RolloutEngine(policy, TOKENIZER, sampling(), 1).rollouts(prompts, generated);
            List<List<Rollout>> stops =
                    new RolloutEngine(policy, TOKENIZER, sampling(EOS), 1).rollouts(prompts, generated);

            assertThat(Rollout.flat(never)).extracting(Rollout::ended).containsExactly(true, false);
            assertThat(Rollout.flat(stops)).extracting(Rollout::ended).containsExactly(false, false);
        }
    }

    @Test
    void targetsAreTheResponsesTokensAndValuesAreReadOneRowBefore() {
        Rollout rollout = Rollout.sampled(
                new int[] {1, 7, 8}, new int[] {5, 2}, ofTokens(5, 2).answer(), new double[2]);

        assertThat(rollout.sequence().ids()).containsExactly(1, 7, 8, 5, 2);
        assertThat(rollout.sequence().targets()).containsExactly(3, 4);
        assertThat(rollout.valueSequence(2).scalarRows()).containsExactly(2, 3);
        assertThat(rollout.valueSequence(3).scalarRows()).containsExactly(2, 3, 4);
        assertThat(rollout.scoreSequence().scalarRows()).containsExactly(4);
        assertThat(rollout.scores()).isEmpty();
        assertThat(rollout.withScores(Map.of("a", 1.0), 1).score()).isCloseTo(1, within(0.0));
    }
}
