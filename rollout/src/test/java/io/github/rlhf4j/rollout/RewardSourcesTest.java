package io.github.rlhf4j.rollout;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.rlhf4j.core.UserError;
import io.github.rlhf4j.core.stage.ConfigException;
import io.github.rlhf4j.core.stage.ConfigKey;
import io.github.rlhf4j.core.stage.GivenKeys;
import io.github.rlhf4j.core.stage.ModelReference;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class RewardSourcesTest {
    private static final ConfigKey<Double> FACTOR =
            ConfigKey.number("factor", 2).above(0).meaning("what a token is worth");
    private static final ConfigKey<String> LETTER = ConfigKey.text("letter").meaning("what to count");

    /** So much a token. */
    private record PerToken(double factor) implements RewardFunction {
        @Override
        public double[] score(List<Answer> answers) {
            return answers.stream()
                    .mapToDouble(answer -> factor * answer.tokens())
                    .toArray();
        }

        @Override
        public List<ConfigKey<?>> keys() {
            return List.of(FACTOR);
        }

        @Override
        public RewardFunction with(GivenKeys given) {
            return new PerToken(given.get(FACTOR));
        }
    }

    /** Needs a key. */
    private static final class Letters implements RewardFunction {
        @Override
        public double[] score(List<Answer> answers) {
            return new double[answers.size()];
        }

        @Override
        public List<ConfigKey<?>> keys() {
            return List.of(LETTER);
        }
    }

    private final RewardSources sources =
            new RewardSources(Map.of("per_token", new PerToken(1), "letters", new Letters()));

    static List<Rollout> ofTokens(int... lengths) {
        return IntStream.of(lengths)
                .mapToObj(n -> Rollout.sampled(
                        new int[] {1}, new int[n], new RewardFunction.Answer("p", "r" + n, n, true), new double[n]))
                .toList();
    }

    private static Rewards.Weighted fixed(String name, double weight, double... scores) {
        return new Rewards.Weighted(name, rollouts -> scores, weight);
    }

    private static List<Double> scores(Rewards.Weighted... rewards) {
        List<Double> scores = new ArrayList<>();
        new Rewards(List.of(rewards)).score(ofTokens(1, 2, 3)).forEach(rollout -> scores.add(rollout.score()));
        return scores;
    }

    @Test
    void aRewardThatSaysNothingIsLeftOutOfTheSumAndAFailureLeavesNone() {
        assertThat(scores(fixed("a", 1, 1, Reward.NONE, Reward.NONE), fixed("b", 2, 3, 4, Reward.NONE)))
                .containsExactly(7.0, 8.0, Double.NaN);
        assertThat(scores(fixed("a", 1, 1, Reward.FAILED, 2), fixed("b", 2, 3, 4, 5)))
                .containsExactly(7.0, Double.NaN, 12.0);
    }

    @Test
    void whatIsNoScoreIsWrittenAsNull() {
        Rollout rollout = new Rewards(List.of(fixed("a", 1, Reward.NONE), fixed("b", 1, 2)))
                .score(ofTokens(1))
                .get(0);
        assertThat(rollout.sample().toString()).contains("score=2.0, scores={a=null, b=2.0}");
        Rollout none = new Rewards(List.of(fixed("a", 1, Reward.NONE)))
                .score(ofTokens(1))
                .get(0);
        assertThat(none.isScored()).isFalse();
        assertThat(none.sample().toString()).contains("score=null");
    }

    @Test
    void aFunctionHasKeysOfItsOwn() {
        assertThat(sources.keys(RewardEntry.class, Map.of("function", "per_token")))
                .containsExactly(FACTOR);
        assertThat(sources.keys(RewardEntry.class, Map.of("model", "reward"))).contains(FACTOR, LETTER);
        assertThat(sources.keys(RewardsConfig.class, Map.of())).isEmpty();
    }

    @Test
    void whatAFunctionNeedsIsSaidBeforeTheRun() {
        assertThatThrownBy(() -> sources.check(List.of(RewardEntry.function("letters"))))
                .isInstanceOf(UserError.class)
                .hasMessage(
                        "reward function letters needs the key letter (what to count): write rewards: [{function: letters, letter: ...}]");
        assertThatThrownBy(() -> sources.check(List.of(RewardEntry.function("lettres"))))
                .isInstanceOf(UserError.class)
                .hasMessageStartingWith("unknown reward_function lettres");
        sources.check(List.of(RewardEntry.function("letters").with(LETTER, "e"), RewardEntry.function("per_token")));
    }

    @Test
    void anEntryHasOneSourceAndNoKeyWithoutEffect() {
        ModelReference a = new ModelReference("a", Path.of("a"));
        wrong(
                () -> RewardEntry.model(new ModelReference[0]),
                "function must be given, or else model, process_model or http, and only one of them, but is missing");
        wrong(
                () -> RewardEntry.model(a).aggregate(RewardEntry.Aggregate.MIN),
                "aggregate does nothing without a list of models");
        wrong(
                () -> RewardEntry.model(a).patience(1, RewardEntry.OnFailure.NONE),
                "timeout does nothing without a function or http");
        wrong(() -> RewardEntry.function("f").batches(2, 2), "batch_size does nothing without http");
        wrong(() -> RewardEntry.http("localhost"), "http must be a URL");
        wrong(() -> RewardEntry.function("f").weight(Double.NaN), "weight must be finite");
        wrong(() -> RewardEntry.function("f").patience(0, RewardEntry.OnFailure.STOP), "timeout must be seconds > 0");
        wrong(() -> RewardEntry.function("f").named("a b"), "name must consist of");
        wrong(
                () -> new RewardsConfig(List.of(RewardEntry.function("f"), RewardEntry.function("f"))),
                "two entries called f");
        wrong(
                () -> new RewardsConfig(List.of(RewardEntry.function("f")))
                        .checkAlone(Optional.empty(), Optional.of("g")),
                "rewards must have it as an entry of the list instead, but is given together with reward_function");
    }

    private static void wrong(org.assertj.core.api.ThrowableAssert.ThrowingCallable making, String message) {
        assertThatThrownBy(making).isInstanceOf(ConfigException.class).hasMessageContaining(message);
    }

    /** By hand: 1, 2 and 6 have the mean 3 and the variance (4 + 1 + 9) / 3. */
    @Test
    void anEnsembleIsItsMeanItsWorstOrItsMeanLessItsUncertainty() {
        ModelReference a = new ModelReference("a", Path.of("a"));
        double[] scores = {1, 2, 6};
        assertThat(RewardEntry.model(a, a, a).aggregated(scores)).isEqualTo(3);
        assertThat(RewardEntry.model(a, a, a)
                        .aggregate(RewardEntry.Aggregate.MIN)
                        .aggregated(scores))
                .isEqualTo(1);
        assertThat(RewardEntry.model(a, a, a)
                        .aggregate(RewardEntry.Aggregate.UNCERTAINTY)
                        .aggregated(scores))
                .isEqualTo(3 - 0.5 * 14 / 3);
    }

    @Test
    void aFunctionThatSaysNoNumberIsAnErrorThatNamesTheSample() {
        Reward nan = Reward.of("f", RewardFunction.each(answer -> answer.tokens() == 2 ? Double.NaN : 1));
        assertThatThrownBy(() -> nan.score(ofTokens(1, 2)))
                .isInstanceOf(UserError.class)
                .hasMessage(
                        "reward_function f must return finite scores, but returned NaN for the response \"r2\" to the prompt \"p\"");
        Reward none = Reward.of(
                "f",
                RewardFunction.orNone(answer -> answer.tokens() == 2 ? OptionalDouble.empty() : OptionalDouble.of(1)));
        assertThat(none.score(ofTokens(1, 2))).containsExactly(1, Reward.NONE);
    }

    @Test
    void afterAFailureTheOthersHaveTheirScores() {
        List<String> said = new ArrayList<>();
        RewardGuard guard =
                new RewardGuard(OptionalDouble.of(0.3), RewardEntry.OnFailure.NONE, Optional.empty(), said::add);
        Reward reward = new FunctionReward(
                "reward f",
                RewardFunction.each(answer -> {
                    switch (answer.tokens()) {
                        case 1 -> throw new IllegalStateException("one");
                        case 2 -> sleep();
                        case 3 -> {
                            return Double.NaN;
                        }
                        default -> {}
                    }
                    return 1;
                }),
                guard);
        assertThat(reward.score(ofTokens(1, 4, 2, 3, 5)))
                .containsExactly(Reward.FAILED, 1, Reward.FAILED, Reward.FAILED, 1);
        assertThat(said).containsExactly("reward f failed on 3 of 5 responses, which have no score");
    }

    @Test
    void orTheRunStopsWithOneLine() {
        Reward late = new FunctionReward(
                "reward f",
                RewardFunction.each(answer -> {
                    sleep();
                    return 1;
                }),
                new RewardGuard(OptionalDouble.of(0.1), RewardEntry.OnFailure.STOP, Optional.empty(), line -> {}));
        assertThatThrownBy(() -> late.score(ofTokens(1)))
                .isInstanceOf(UserError.class)
                .hasMessageStartingWith("reward f failed on 1 responses: took longer than its timeout of 0.1 s");
    }

    @Test
    void theResponseThatAFunctionThrowsAtIsNamed() {
        Reward throwing = new FunctionReward(
                "reward f",
                RewardFunction.each(answer -> {
                    if (answer.tokens() == 2) {
                        throw new IllegalStateException("two");
                    }
                    return 1;
                }),
                RewardGuard.NONE);
        List<Rollout> rollouts = ofTokens(1, 2, 3);
        assertThatThrownBy(() -> throwing.score(rollouts))
                .isInstanceOf(UserError.class)
                .hasMessageStartingWith(
                        "reward f failed on 3 responses: java.lang.IllegalStateException: two; it fails on "
                                + RewardGuard.shown(rollouts.get(1).answer()));
    }

    private static void sleep() {
        try {
            Thread.sleep(2000);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
