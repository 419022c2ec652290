package io.github.rlhf4j.rollout;

import io.github.rlhf4j.core.stage.ConfigKey;
import io.github.rlhf4j.core.stage.GivenKeys;
import java.util.List;

/** {@code exact_match}: 1 where the response is the column {@code answer} of the prompt's row, white space around them aside; else 0. */
final class ExactMatch implements RewardFunction {
    private final String column;

    ExactMatch() {
        this(GivenKeys.NONE);
    }

    private ExactMatch(GivenKeys given) {
        column = given.get(AnswerColumn.KEY);
    }

    @Override
    public List<ConfigKey<?>> keys() {
        return List.of(AnswerColumn.KEY);
    }

    @Override
    public RewardFunction with(GivenKeys given) {
        return new ExactMatch(given);
    }

    @Override
    public double[] score(List<Answer> answers) {
        return answers.stream()
                .mapToDouble(answer ->
                        answer.response().strip().equals(answer.text(column).strip()) ? 1 : 0)
                .toArray();
    }
}
