package io.github.rlhf4j.datasets.inspection;

import io.github.rlhf4j.datasets.DataRecord;
import io.github.rlhf4j.datasets.tokens.TokenCache;
import io.github.rlhf4j.datasets.tokens.TokenizedSequence;
import io.github.rlhf4j.datasets.tokens.TokenizingOptions;
import java.util.List;
import java.util.function.Function;

/** Lengths in tokens of rows as trainers see them: each response with its prompt is a sequence, nothing is cut. */
public final class TokenLengths {
    private static final int NO_LIMIT = 1 << 30;

    private final Lengths lengths = new Lengths();
    private final Function<DataRecord, List<TokenizedSequence>> tokenizing;

    /** Tokenises as {@code cache} does, and writes nothing to it. */
    public TokenLengths(TokenCache cache) {
        this.tokenizing = cache.tokenizing(TokenizingOptions.of(NO_LIMIT));
    }

    /** Counts the sequences of a row. */
    public void add(DataRecord row) {
        sequences(row).forEach(sequence -> lengths.add(sequence.ids().length));
    }

    /** The sequences of a row, with the tokens that a loss counts by default. */
    public List<TokenizedSequence> sequences(DataRecord row) {
        return tokenizing.apply(row);
    }

    /** What was counted. */
    public Lengths lengths() {
        return lengths;
    }
}
