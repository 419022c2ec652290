package io.github.rlhf4j.dpo;

import io.github.rlhf4j.core.train.Examples;
import io.github.rlhf4j.datasets.tokens.TokenizedPair;
import java.util.function.LongToDoubleFunction;

/** Pairs with the reference's log-probs at their side. */
record AttachedExamples(Examples<TokenizedPair> pairs, LongToDoubleFunction refChosen, LongToDoubleFunction refRejected)
        implements Examples<DpoExample> {
    @Override
    public long size() {
        return pairs.size();
    }

    @Override
    public DpoExample get(long index) {
        return new DpoExample(pairs.get(index), refChosen.applyAsDouble(index), refRejected.applyAsDouble(index));
    }
}
