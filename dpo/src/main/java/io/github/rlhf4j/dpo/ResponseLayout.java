package io.github.rlhf4j.dpo;

import io.github.rlhf4j.core.model.TokenSequence;
import io.github.rlhf4j.datasets.tokens.TokenizedPair;
import io.github.rlhf4j.datasets.tokens.TokenizedRanking;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;

/**
 * How an example's responses lie in a batch: each after its prompt, which the engine computes once, with all response tokens as targets.
 *
 * @param <T> the example
 */
@FunctionalInterface
public interface ResponseLayout<T> {
    /** Its sequences, in the order of its responses. */
    List<TokenSequence> of(T example);

    /** The chosen response and then the rejected one. */
    static List<TokenSequence> pair(TokenizedPair pair) {
        return List.of(response(pair.promptIds(), pair.chosenIds()), response(pair.promptIds(), pair.rejectedIds()));
    }

    /** The responses in their order. */
    static List<TokenSequence> ranking(TokenizedRanking ranking) {
        return Stream.of(ranking.responseIds())
                .map(response -> response(ranking.promptIds(), response))
                .toList();
    }

    /** One response after its prompt. */
    static TokenSequence response(int[] promptIds, int[] responseIds) {
        int[] ids = Arrays.copyOf(promptIds, promptIds.length + responseIds.length);
        System.arraycopy(responseIds, 0, ids, promptIds.length, responseIds.length);
        return TokenSequence.completion(ids, promptIds.length);
    }
}
