package io.github.rlhf4j.dpo;

import io.github.rlhf4j.core.model.TokenSequence;
import io.github.rlhf4j.datasets.tokens.TokenizedUnpaired;
import java.util.List;

/**
 * A response with its label, and its prompt with another prompt's response, which the KL estimate is made of.
 *
 * @param row the response itself
 * @param mismatched the prompt with the response that {@link MismatchedResponses} chose
 */
record KtoTokens(TokenizedUnpaired row, TokenSequence mismatched) {
    static final int RESPONSE = 0;
    static final int MISMATCHED = 1;

    /** The layout of both, for the reference. */
    List<TokenSequence> both() {
        return List.of(response(), mismatched);
    }

    TokenSequence response() {
        return ResponseLayout.response(row.promptIds(), row.completionIds());
    }
}
