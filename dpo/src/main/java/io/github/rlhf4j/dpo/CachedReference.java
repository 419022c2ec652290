package io.github.rlhf4j.dpo;

import io.github.rlhf4j.core.train.Examples;
import io.github.rlhf4j.core.train.StageContext;
import io.github.rlhf4j.datasets.tokens.TokenizedPair;
import java.util.List;

/** {@code precompute_ref_log_probs: true}: a frozen reference, asked once for each pair. */
final class CachedReference implements Reference {
    private final PairScorer scorer;
    private final Runnable release;
    private final ReferenceCache cache;
    private final StageContext context;
    private boolean released;

    /**
     * @param scorer the reference as it was loaded: must not have been trained yet while data are attached
     * @param release gives its memory back
     */
    CachedReference(PairScorer scorer, Runnable release, ReferenceCache cache, StageContext context) {
        this.scorer = scorer;
        this.release = release;
        this.cache = cache;
        this.context = context;
    }

    @Override
    public Examples<DpoExample> attach(Examples<TokenizedPair> pairs) {
        ReferenceLogProbs logProbs = cache.computeOrLoad(
                pairs,
                scorer,
                context.random().derive("reference sample"),
                () -> context.progress("reference log-probs", pairs.size(), "pairs"));
        return new AttachedExamples(pairs, logProbs::chosen, logProbs::rejected);
    }

    @Override
    public List<DpoExample> complete(List<DpoExample> examples) {
        return examples;
    }

    @Override
    public void attached() {
        if (!released) {
            released = true;
            release.run();
        }
    }

    @Override
    public void close() {
        attached();
    }
}
