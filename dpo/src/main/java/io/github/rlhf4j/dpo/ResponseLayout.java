package io.github.rlhf4j.dpo;

import io.github.rlhf4j.core.model.TokenSequence;
import io.github.rlhf4j.datasets.tokens.TokenizedPair;
import java.util.Arrays;
import java.util.List;

/**
 * How an example's responses lie in a batch: each behind its prompt, which the engine computes once, with all response tokens as targets.
 *
 * @param <T> the example
 */
@FunctionalInterface
interface ResponseLayout<T> {
    /** As many sequences for every example. */
    List<TokenSequence> of(T example);

    /** The chosen response and then the rejected one. */
    static List<TokenSequence> pair(TokenizedPair pair) {
        return List.of(response(pair.promptIds(), pair.chosenIds()), response(pair.promptIds(), pair.rejectedIds()));
    }

    /** One response behind its prompt. */
    static TokenSequence response(int[] promptIds, int[] responseIds) {
        int[] ids = Arrays.copyOf(promptIds, promptIds.length + responseIds.length);
        System.arraycopy(responseIds, 0, ids, promptIds.length, responseIds.length);
        return TokenSequence.completion(ids, promptIds.length);
    }
}
