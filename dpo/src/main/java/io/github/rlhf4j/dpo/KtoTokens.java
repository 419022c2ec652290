package io.github.rlhf4j.dpo;

import io.github.rlhf4j.core.model.TokenSequence;
import io.github.rlhf4j.core.train.Examples;
import io.github.rlhf4j.datasets.tokens.TokenizedUnpaired;
import io.github.rlhf4j.datasets.tokens.TokenizingOptions;
import java.util.List;
import java.util.OptionalInt;

/**
 * A response with its label, and its prompt with another prompt's response, which the KL estimate is made of.
 *
 * @param row the response itself
 * @param mismatched the prompt with the response that {@link MismatchedResponses} chose
 */
public record KtoTokens(TokenizedUnpaired row, TokenSequence mismatched) {
    static final int RESPONSE = 0;
    static final int MISMATCHED = 1;

    /** The rows of a step, each with the response of the nearest row before it that has another prompt, going round. */
    public static List<KtoTokens> ofBatch(List<TokenizedUnpaired> batch) {
        Examples<TokenizedUnpaired> rows = Examples.of(batch.size(), i -> batch.get(Math.toIntExact(i)));
        return new MismatchedResponses(rows, TokenizingOptions.of(Integer.MAX_VALUE), OptionalInt.empty(), false)
                .ofBatch(batch);
    }

    /** The layout of both, for the reference. */
    public List<TokenSequence> both() {
        return List.of(response(), mismatched);
    }

    TokenSequence response() {
        return ResponseLayout.response(row.promptIds(), row.completionIds());
    }
}
