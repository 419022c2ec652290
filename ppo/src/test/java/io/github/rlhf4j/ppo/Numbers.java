package io.github.rlhf4j.ppo;

import io.github.rlhf4j.core.model.TokenSequence;

/** Experience whose tokens do not matter. */
final class Numbers {
    private Numbers() {}

    static Experience experience(double[] oldLogProbs, double[] advantages, double[] values, double[] returns) {
        return new Experience(tokens(oldLogProbs.length), oldLogProbs, advantages, values, returns);
    }

    /** A prompt of one token and a response of so many. */
    static TokenSequence tokens(int tokens) {
        return TokenSequence.completion(new int[tokens + 1], 1);
    }
}
