package com.example.rlhf;

import io.github.rlhf4j.rollout.RewardFunction;
import java.util.List;

/** A reward that is computed: 1 for an answer of no more than eight tokens that ends, falling by 0.1 for each token more. */
public final class LengthReward implements RewardFunction {
    private static final int FREE_TOKENS = 8;
    private static final double PRICE = 0.1;

    @Override
    public double[] score(List<Answer> answers) {
        return answers.stream()
                .mapToDouble(answer -> (answer.ended() ? 1 : 0) - PRICE * Math.max(0, answer.tokens() - FREE_TOKENS))
                .toArray();
    }
}
