package io.github.rlhf4j.dpo;

import io.github.rlhf4j.core.tokenizer.Tokenizer;
import io.github.rlhf4j.core.train.Examples;
import io.github.rlhf4j.datasets.tokens.CachedExamples;
import io.github.rlhf4j.datasets.tokens.TokenizedUnpaired;
import io.github.rlhf4j.datasets.tokens.TokenizingOptions;
import java.util.List;
import java.util.OptionalInt;

/** A kto stage's rows, each with another prompt's response of its batch. */
final class KtoRows {
    private final CachedExamples<TokenizedUnpaired> train;
    private final TokenizingOptions options;
    private final OptionalInt bosId;
    private final boolean boundariesMove;
    private final int batchSize;
    private final int replicas;
    private final MismatchedResponses mismatched;

    KtoRows(CachedExamples<TokenizedUnpaired> train, TokenizingOptions options, Tokenizer tokenizer, KtoConfig config) {
        this.train = train;
        this.options = options;
        this.bosId = tokenizer.bosId();
        this.boundariesMove = train.report().boundaryMismatches() > 0;
        this.batchSize = config.training().batchSize();
        this.replicas = config.parts().replicas();
        this.mismatched = of(train);
    }

    private MismatchedResponses of(Examples<TokenizedUnpaired> rows) {
        return new MismatchedResponses(rows, options, bosId, boundariesMove);
    }

    List<String> warnings(KtoConfig config) {
        return KtoWarnings.of(config, train, mismatched);
    }

    /** The rows of a step. */
    List<KtoTokens> ofBatch(List<TokenizedUnpaired> batch) {
        return mismatched.ofBatch(batch);
    }

    /** The rows of training, in batches of file order. */
    Examples<KtoTokens> train() {
        return mismatched.inFileOrder(train, Math.multiplyExact(replicas, batchSize));
    }

    /** An evaluation set, in batches of file order; its responses may come from the rows of training. */
    Examples<KtoTokens> held(Examples<TokenizedUnpaired> rows) {
        return of(joined(rows, train)).inFileOrder(rows, batchSize);
    }

    private static <T> Examples<T> joined(Examples<T> first, Examples<T> second) {
        return Examples.of(
                first.size() + second.size(),
                index -> index < first.size() ? first.get(index) : second.get(index - first.size()));
    }
}
