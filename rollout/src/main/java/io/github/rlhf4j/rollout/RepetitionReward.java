package io.github.rlhf4j.rollout;

import io.github.rlhf4j.core.stage.ConfigKey;
import io.github.rlhf4j.core.stage.GivenKeys;
import java.nio.IntBuffer;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * {@code repetition}: (1 - distinct / all) * max_penalty over the n-grams of the response's tokens; 0 for fewer than n tokens.
 *
 * <p>Source: Yeo et al. 2025, arXiv:2502.03373, App. C.2; TRL's get_repetition_penalty_reward.
 */
final class RepetitionReward implements RewardFunction {
    static final ConfigKey<Long> SIZE =
            ConfigKey.whole("ngram_size", 3).atLeast(1).meaning("tokens of an n-gram");
    static final ConfigKey<Double> PENALTY =
            ConfigKey.number("max_penalty", -1).atMost(0).meaning("of a response that repeats itself only");

    private final int size;
    private final double penalty;

    RepetitionReward() {
        this(GivenKeys.NONE);
    }

    private RepetitionReward(GivenKeys given) {
        size = (int) Math.min(Integer.MAX_VALUE, given.get(SIZE));
        penalty = given.get(PENALTY);
    }

    @Override
    public List<ConfigKey<?>> keys() {
        return List.of(SIZE, PENALTY);
    }

    @Override
    public RewardFunction with(GivenKeys given) {
        return new RepetitionReward(given);
    }

    @Override
    public double[] score(List<Answer> answers) {
        return answers.stream().mapToDouble(answer -> score(answer.ids())).toArray();
    }

    private double score(int[] ids) {
        if (ids.length < size) {
            return 0;
        }
        Set<IntBuffer> distinct = new HashSet<>();
        int all = ids.length - size + 1;
        for (int from = 0; from < all; from++) {
            distinct.add(IntBuffer.wrap(ids, from, size).slice());
        }
        double share = 1 - (double) distinct.size() / all;
        return share == 0 ? 0 : share * penalty;
    }
}
