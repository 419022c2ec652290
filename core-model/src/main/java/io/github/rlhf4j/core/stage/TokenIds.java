package io.github.rlhf4j.core.stage;

import io.github.rlhf4j.core.tokenizer.HuggingFaceTokenizer;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * What a model's token ids mean, as far as it is known.
 *
 * @param tokens by id; empty where the tokenizer is not there yet, or the model has none of its own
 * @param rows ids that the model has a row for; 0 where that is not known yet
 */
public record TokenIds(List<String> tokens, int rows) {
    /** Nothing is known. */
    public static final TokenIds UNKNOWN = new TokenIds(List.of(), 0);

    public TokenIds {
        tokens = List.copyOf(tokens);
    }

    /** Those of a tokenizer for a model with so many rows. */
    static TokenIds of(HuggingFaceTokenizer tokenizer, int rows) {
        List<String> tokens = new ArrayList<>();
        for (int id = 0; id < tokenizer.vocabSize(); id++) {
            tokens.add(tokenizer.token(id));
        }
        return new TokenIds(tokens, rows);
    }

    /**
     * How {@code other} reads these ids otherwise; empty where it does not, or nobody can tell. It may have more of them.
     *
     * @param sameRows whether it must have as many rows, not only enough
     */
    Optional<String> misreadBy(TokenIds other, boolean sameRows) {
        if (!tokens.isEmpty() && !other.tokens.isEmpty()) {
            for (int id = 0; id < Math.min(tokens.size(), other.tokens.size()); id++) {
                if (!tokens.get(id).equals(other.tokens.get(id))) {
                    return Optional.of("id %d is \"%s\" there and \"%s\" here"
                            .formatted(id, other.tokens.get(id), tokens.get(id)));
                }
            }
        }
        boolean known = rows > 0 && other.rows > 0;
        if (known && (sameRows ? rows != other.rows : rows > other.rows)) {
            return Optional.of("its vocabulary has " + other.rows + " tokens and this one's " + rows);
        }
        return Optional.empty();
    }
}
