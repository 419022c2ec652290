package io.github.rlhf4j.rollout;

import java.util.List;

/** {@code reward_function: exact_match}: 1 where the response is the column {@code answer} of the prompt's row, white space around them aside; else 0. */
public final class ExactMatch implements RewardFunction {
    @Override
    public double[] score(List<Answer> answers) {
        return answers.stream()
                .mapToDouble(answer ->
                        answer.response().strip().equals(answer.text("answer").strip()) ? 1 : 0)
                .toArray();
    }
}
