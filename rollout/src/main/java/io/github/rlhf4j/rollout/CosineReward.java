package io.github.rlhf4j.rollout;

import io.github.rlhf4j.core.stage.ConfigKey;
import io.github.rlhf4j.core.stage.GivenKeys;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalDouble;

/**
 * {@code cosine_scaled}: {@code numeric} by length, so that a short right answer is worth more than a long one, and a long wrong one costs less.
 *
 * <pre>  min + (max - min) / 2 * (1 + cos(pi * min(tokens / max_len, 1)))</pre>
 *
 * <p>Source: Yeo et al. 2025, arXiv:2502.03373, App. C.1; TRL's get_cosine_scaled_reward.
 */
final class CosineReward implements RewardFunction {
    static final ConfigKey<Long> MAX_LEN =
            ConfigKey.whole("max_len", 512).atLeast(1).meaning("tokens at which the curve ends");
    static final ConfigKey<Double> MIN_WRONG =
            ConfigKey.number("min_value_wrong", -1).meaning("of a short wrong answer");
    static final ConfigKey<Double> MAX_WRONG =
            ConfigKey.number("max_value_wrong", -0.5).meaning("of a long wrong answer");
    static final ConfigKey<Double> MIN_CORRECT =
            ConfigKey.number("min_value_correct", 0.5).meaning("of a long right answer");
    static final ConfigKey<Double> MAX_CORRECT =
            ConfigKey.number("max_value_correct", 1).meaning("of a short right answer");

    private final RewardFunction correctness;
    private final GivenKeys given;

    CosineReward() {
        this(GivenKeys.NONE);
    }

    private CosineReward(GivenKeys given) {
        this.correctness = new NumericReward().with(given);
        this.given = given;
    }

    @Override
    public List<ConfigKey<?>> keys() {
        return List.of(
                AnswerColumn.KEY, NumericReward.TOLERANCE, MAX_LEN, MIN_WRONG, MAX_WRONG, MIN_CORRECT, MAX_CORRECT);
    }

    @Override
    public RewardFunction with(GivenKeys keys) {
        return new CosineReward(keys);
    }

    @Override
    public double[] score(List<Answer> answers) {
        return scoreOrNone(answers).stream()
                .mapToDouble(score -> score.orElse(0))
                .toArray();
    }

    @Override
    public List<OptionalDouble> scoreOrNone(List<Answer> answers) {
        List<OptionalDouble> correct = correctness.scoreOrNone(answers);
        List<OptionalDouble> scores = new ArrayList<>();
        for (int i = 0; i < answers.size(); i++) {
            OptionalDouble known = correct.get(i);
            scores.add(
                    known.isEmpty()
                            ? known
                            : OptionalDouble.of(scaled(
                                    known.getAsDouble() > 0, answers.get(i).tokens())));
        }
        return scores;
    }

    private double scaled(boolean isCorrect, int tokens) {
        double shortest = given.get(isCorrect ? MAX_CORRECT : MIN_WRONG);
        double longest = given.get(isCorrect ? MIN_CORRECT : MAX_WRONG);
        double progress = Math.min((double) tokens / given.get(MAX_LEN), 1);
        return longest + 0.5 * (shortest - longest) * (1 + Math.cos(progress * Math.PI));
    }
}
