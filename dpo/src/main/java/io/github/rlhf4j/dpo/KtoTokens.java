package io.github.rlhf4j.dpo;

import io.github.rlhf4j.core.model.TokenSequence;
import io.github.rlhf4j.core.train.Examples;
import io.github.rlhf4j.datasets.tokens.TokenizedUnpaired;
import io.github.rlhf4j.datasets.tokens.TokenizingOptions;
import io.github.rlhf4j.datasets.tokens.TruncationMode;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * A response with its label, and its prompt with another row's response, which the KL estimate is made of.
 *
 * @param row the response itself
 * @param mismatched the prompt with the response before it in the batch; the first's is the last's
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

    /** The rows of a batch. */
    static List<KtoTokens> ofBatch(List<TokenizedUnpaired> batch, TokenizingOptions options) {
        List<KtoTokens> tokens = new ArrayList<>();
        for (int i = 0; i < batch.size(); i++) {
            TokenizedUnpaired before = batch.get((i + batch.size() - 1) % batch.size());
            tokens.add(new KtoTokens(batch.get(i), mismatched(batch.get(i), before, options)));
        }
        return tokens;
    }

    /** Rows whose batches are those of file order. */
    static Examples<KtoTokens> inFileOrder(Examples<TokenizedUnpaired> rows, int batchSize, TokenizingOptions options) {
        return Examples.of(rows.size(), index -> {
            long first = index - index % batchSize;
            long last = Math.min(first + batchSize, rows.size()) - 1;
            TokenizedUnpaired before = rows.get(index == first ? last : index - 1);
            TokenizedUnpaired row = rows.get(index);
            return new KtoTokens(row, mismatched(row, before, options));
        });
    }

    /** Cut to max_length as rows are: from the left of the prompt, or with keep_start from the end. */
    private static TokenSequence mismatched(
            TokenizedUnpaired row, TokenizedUnpaired before, TokenizingOptions options) {
        int[] prompt = row.promptIds();
        int[] response = before.completionIds();
        int excess = Math.max(0, prompt.length + response.length - options.maxLength());
        return options.truncationMode() == TruncationMode.KEEP_START
                ? ResponseLayout.response(prompt, Arrays.copyOf(response, response.length - excess))
                : ResponseLayout.response(Arrays.copyOfRange(prompt, excess, prompt.length), response);
    }
}
