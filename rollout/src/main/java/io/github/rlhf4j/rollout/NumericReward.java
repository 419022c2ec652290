package io.github.rlhf4j.rollout;

import io.github.rlhf4j.core.stage.ConfigKey;
import io.github.rlhf4j.core.stage.GivenKeys;
import java.util.List;
import java.util.OptionalDouble;

/**
 * {@code numeric}: 1 where the response's answer is the column {@code answer} as a number ({@link MathAnswer}), or where neither is a number the same expression; else 0. No score where the column is empty.
 */
final class NumericReward implements RewardFunction {
    static final ConfigKey<Double> TOLERANCE = ConfigKey.number("tolerance", 0)
            .atLeast(0)
            .meaning("the largest difference as a share of the right answer; 0: exactly equal");

    private final String column;
    private final double tolerance;

    NumericReward() {
        this(GivenKeys.NONE);
    }

    private NumericReward(GivenKeys given) {
        column = given.get(AnswerColumn.KEY);
        tolerance = given.get(TOLERANCE);
    }

    @Override
    public List<ConfigKey<?>> keys() {
        return List.of(AnswerColumn.KEY, TOLERANCE);
    }

    @Override
    public RewardFunction with(GivenKeys given) {
        return new NumericReward(given);
    }

    @Override
    public double[] score(List<Answer> answers) {
        return scoreOrNone(answers).stream()
                .mapToDouble(score -> score.orElse(0))
                .toArray();
    }

    @Override
    public List<OptionalDouble> scoreOrNone(List<Answer> answers) {
        return answers.stream().map(this::score).toList();
    }

    private OptionalDouble score(Answer answer) {
        String right = answer.text(column);
        if (right.isBlank()) {
            return OptionalDouble.empty();
        }
        return OptionalDouble.of(MathAnswer.isRight(answer.response(), right, tolerance) ? 1 : 0);
    }
}
