package io.github.rlhf4j.rollout;

import io.github.rlhf4j.core.stage.ConfigException;
import io.github.rlhf4j.core.stage.ConfigKey;
import io.github.rlhf4j.core.stage.GivenKeys;
import java.util.List;

/**
 * {@code length}: 0 up to max_completion_len - soft_punish_cache tokens, then falling to -1 at max_completion_len.
 *
 * <p>Source: Yu et al. 2025 (DAPO), arXiv:2503.14476, Eq. 13; TRL's get_soft_overlong_punishment.
 */
final class LengthReward implements RewardFunction {
    static final ConfigKey<Long> LONGEST =
            ConfigKey.whole("max_completion_len", 512).atLeast(1).meaning("tokens from which a response has -1");
    static final ConfigKey<Long> CACHE = ConfigKey.whole("soft_punish_cache", 0)
            .atLeast(0)
            .meaning("tokens before that, over which the score falls from 0 to -1");

    private final long longest;
    private final long cache;

    LengthReward() {
        this(GivenKeys.NONE);
    }

    private LengthReward(GivenKeys given) {
        longest = given.get(LONGEST);
        cache = given.get(CACHE);
        ConfigException.checkConfig(
                cache <= longest, CACHE.name(), cache, "must be at most max_completion_len = " + longest);
    }

    @Override
    public List<ConfigKey<?>> keys() {
        return List.of(LONGEST, CACHE);
    }

    @Override
    public RewardFunction with(GivenKeys given) {
        return new LengthReward(given);
    }

    @Override
    public double[] score(List<Answer> answers) {
        return answers.stream().mapToDouble(answer -> score(answer.tokens())).toArray();
    }

    private double score(int tokens) {
        long free = longest - cache;
        return tokens <= free ? 0 : tokens <= longest ? (double) (free - tokens) / cache : -1;
    }
}
