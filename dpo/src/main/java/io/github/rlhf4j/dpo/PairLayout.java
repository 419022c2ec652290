package io.github.rlhf4j.dpo;

import io.github.rlhf4j.core.model.TokenSequence;
import io.github.rlhf4j.datasets.tokens.TokenizedPair;
import java.util.Arrays;
import java.util.List;

/** How a pair lies in a batch: the prompt once, both responses under it, chosen first, all response tokens as targets. */
final class PairLayout {
    private PairLayout() {}

    static List<TokenSequence> of(TokenizedPair pair) {
        return List.of(sequence(pair.promptIds(), pair.chosenIds()), sequence(pair.promptIds(), pair.rejectedIds()));
    }

    private static TokenSequence sequence(int[] promptIds, int[] responseIds) {
        int[] ids = Arrays.copyOf(promptIds, promptIds.length + responseIds.length);
        System.arraycopy(responseIds, 0, ids, promptIds.length, responseIds.length);
        return TokenSequence.completion(ids, promptIds.length);
    }
}
