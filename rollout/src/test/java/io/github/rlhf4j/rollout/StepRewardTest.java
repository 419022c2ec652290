package io.github.rlhf4j.rollout;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.github.rlhf4j.core.cluster.Cluster;
import io.github.rlhf4j.core.cluster.InProcessCluster;
import io.github.rlhf4j.core.cluster.SharedModel;
import io.github.rlhf4j.core.generation.Scorer;
import io.github.rlhf4j.core.kernels.Kernels;
import io.github.rlhf4j.core.kernels.reference.ReferenceKernels;
import io.github.rlhf4j.core.math.StableMath;
import io.github.rlhf4j.core.model.Head;
import io.github.rlhf4j.core.model.Transformer;
import io.github.rlhf4j.core.tensor.DataType;
import io.github.rlhf4j.core.tokenizer.HuggingFaceTokenizer;
import io.github.rlhf4j.core.train.BatchScorer;
import io.github.rlhf4j.core.train.NonFinite;
import io.github.rlhf4j.datasets.Content;
import io.github.rlhf4j.datasets.tokens.PromptText;
import io.github.rlhf4j.datasets.tokens.StepTokens;
import io.github.rlhf4j.datasets.tokens.TemplateChatEncoder;
import io.github.rlhf4j.datasets.tokens.TextTokens;
import io.github.rlhf4j.testing.SpoiledCluster;
import io.github.rlhf4j.testing.TinyModel;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Steps of responses, scored by a random process reward model, against the scorer of lines. */
class StepRewardTest {
    private static final String PROMPT = "Which colour is the sky? ";
    private static final List<String> RESPONSES = List.of("It is blue.\nNo.\n\nIt is red.", "It is green.\n", " \n ");

    private HuggingFaceTokenizer tokenizer;
    private Transformer model;
    private StepTokens tokens;

    @BeforeEach
    void open(@TempDir Path folder) {
        Kernels kernels = new ReferenceKernels(DataType.FLOAT);
        Path directory = TinyModel.llama().head(Head.LABELS).write(folder.resolve("steps"));
        tokenizer = HuggingFaceTokenizer.open(directory);
        model = Transformer.load(directory, Set.of(Head.LABELS), kernels);
        tokens = new StepTokens(tokenizer, "\n", false);
    }

    @AfterEach
    void close() {
        model.close();
        tokenizer.close();
    }

    private Rollout rollout(String response) {
        int[] ids = tokenizer.encode(response, false);
        return Rollout.sampled(
                tokenizer.encode(PROMPT, true),
                ids,
                new RewardFunction.Answer(PROMPT, response, ids.length, true),
                new double[ids.length]);
    }

    /** By the scorer, of a sequence that is put together here. */
    private double[] expected(String response) {
        List<String> steps = response.lines().filter(line -> !line.isBlank()).toList();
        int[] ids = tokens.prompt(PROMPT);
        int[] rows = new int[steps.size()];
        for (int i = 0; i < rows.length; i++) {
            ids = IntStream.concat(
                            Arrays.stream(ids),
                            IntStream.concat(
                                    Arrays.stream(tokenizer.encode(steps.get(i), false)),
                                    Arrays.stream(tokenizer.encode("\n", false))))
                    .toArray();
            rows[i] = ids.length - 1;
        }
        double[][] scores = new double[1][];
        new Scorer(model)
                .score(List.of(new Scorer.Sequence("it", ids, rows)).iterator(), scored -> scores[0] = scored.scores());
        return Arrays.stream(scores[0]).map(StableMath::sigmoid).toArray();
    }

    @ParameterizedTest
    @EnumSource(StepAggregation.class)
    void aScoreIsMadeOfTheStepsProbabilities(StepAggregation aggregation) {
        try (Cluster cluster = new InProcessCluster(model.kernels());
                SharedModel shared = cluster.share("steps", model)) {
            double[] scores = new StepReward("it", shared, tokens, aggregation, 96)
                    .score(RESPONSES.stream().map(this::rollout).toList());

            assertThat(scores[0]).isCloseTo(aggregation.score(expected(RESPONSES.get(0))), within(1e-6));
            assertThat(scores[1]).isCloseTo(expected(RESPONSES.get(1))[0], within(1e-6));
            assertThat(scores[2]).isZero();
        }
    }

    @Test
    void eachStepsScoreIsGivenWhereItsSeparatorEndsOrAtTheLastToken() {
        try (Cluster cluster = new InProcessCluster(model.kernels());
                SharedModel shared = cluster.share("steps", model)) {
            StepReward reward = new StepReward("it", shared, tokens, StepAggregation.EACH, 96);
            List<Rollout> rollouts = RESPONSES.stream().map(this::rollout).toList();
            Rollout scored = Rewards.of("steps", reward).score(rollouts).get(0);
            double[] expected = expected(RESPONSES.get(0));
            double[] placed = scored.tokenScores();

            assertThat(scored.score()).isCloseTo(Arrays.stream(expected).sum(), within(1e-6));
            int[] at = IntStream.range(0, placed.length)
                    .filter(t -> placed[t] != 0)
                    .toArray();
            assertThat(at).hasSize(3);
            assertThat(at[2]).isEqualTo(placed.length - 1);
            for (int step = 0; step < 3; step++) {
                assertThat(placed[at[step]]).isCloseTo(expected[step], within(1e-6));
            }
            String first = tokenizer.decode(Arrays.copyOf(scored.responseIds(), at[0] + 1), true);
            assertThat(first).isEqualTo("It is blue.\n");
        }
    }

    @Test
    void aModelThatReadsOtherTokensIsGivenTextsAndItsScoresAreAtThePolicysTokens(@TempDir Path folder) {
        TinyModel.llama()
                .tokenizer(TinyModel.tokenizer(262, List.of("Which one?")))
                .write(folder);
        TextTokens texts = new TextTokens(tokenizer, TemplateChatEncoder.of(tokenizer), false, 96);
        try (HuggingFaceTokenizer policy = HuggingFaceTokenizer.open(folder);
                Cluster cluster = new InProcessCluster(model.kernels());
                SharedModel shared = cluster.share("steps", model)) {
            int[] ids = policy.encode(RESPONSES.get(0), false);
            Rollout rollout = Rollout.sampled(
                            policy.encode(PROMPT, true),
                            ids,
                            new RewardFunction.Answer(PROMPT, RESPONSES.get(0), ids.length, true),
                            new double[ids.length])
                    .withPrompt(Optional.of(new PromptText(Content.of(PROMPT), false)));
            StepReward reward =
                    new StepReward("it", shared, tokens, StepAggregation.EACH, 96, policy, Optional.of(texts));
            double[] placed = reward.tokenScores(List.of(rollout)).get(0);
            double[] expected = expected(RESPONSES.get(0));

            assertThat(Arrays.stream(placed).filter(score -> score != 0).toArray())
                    .containsExactly(expected, within(1e-6));
            int first = IntStream.range(0, placed.length)
                    .filter(t -> placed[t] != 0)
                    .findFirst()
                    .orElseThrow();
            assertThat(policy.decode(Arrays.copyOf(ids, first + 1), true)).isEqualTo("It is blue.\n");
        }
    }

    /** As other scores that are no numbers: the row is named, and on_nonfinite decides. */
    @Test
    void aStepsScoreThatIsNoNumberIsItsResponses() {
        List<Rollout> rollouts = List.of(rollout(" \n "), rollout("It is blue."), rollout("It is red.\nNo."));
        try (Cluster cluster = new SpoiledCluster(model.kernels(), (work, result) -> {
                    BatchScorer.Scored last = (BatchScorer.Scored) ((List<?>) ((List<?>) result).get(1)).get(0);
                    last.scalars()[1] = Double.NaN;
                });
                SharedModel shared = cluster.share("steps", model)) {
            StepReward reward = new StepReward("it", shared, tokens, StepAggregation.MIN, 96);

            assertThatThrownBy(() -> RewardFailure.named(
                            () -> reward.score(rollouts), place -> Map.of("file", "f", "line", place)))
                    .isInstanceOf(NonFinite.class)
                    .hasMessageStartingWith("the process reward model it gives a step the score NaN")
                    .satisfies(failure -> assertThat(((NonFinite) failure).described())
                            .containsExactly(Map.of("file", "f", "line", 2)));
        }
    }

    @Test
    void probabilitiesBecomeOneScore() {
        double[] steps = {0.5, 0.25, 0.75};

        assertThat(StepAggregation.MIN.score(steps)).isEqualTo(0.25);
        assertThat(StepAggregation.PRODUCT.score(steps)).isEqualTo(0.09375);
        assertThat(StepAggregation.LAST.score(steps)).isEqualTo(0.75);
        assertThat(StepAggregation.MEAN.score(steps)).isEqualTo(0.5);
        assertThat(StepAggregation.EACH.score(steps)).isEqualTo(1.5);
        assertThat(StepAggregation.MIN.score(new double[0])).isZero();
    }
}
