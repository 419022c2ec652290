package io.github.rlhf4j.dpo;

import io.github.rlhf4j.core.model.TokenSequence;
import io.github.rlhf4j.core.stage.StageContext;
import io.github.rlhf4j.core.train.Examples;
import java.util.Arrays;
import java.util.List;

/**
 * {@code precompute_ref_log_probs: true}: a frozen reference, asked once for each example that the run uses.
 *
 * @param <T> the example
 */
final class PrecomputedReference<T> implements Reference<T> {
    private final ResponseLayout<T> layout;
    private final ResponseLogProbs scorer;
    private final Runnable release;
    private final ReferenceCache cache;
    private final StageContext context;
    private boolean released;

    /**
     * @param scorer the reference as it was loaded: must not have been trained yet while data are attached
     * @param release gives its memory back
     */
    PrecomputedReference(
            ResponseLayout<T> layout,
            ResponseLogProbs scorer,
            Runnable release,
            ReferenceCache cache,
            StageContext context) {
        this.layout = layout;
        this.scorer = scorer;
        this.release = release;
        this.cache = cache;
        this.context = context;
    }

    @Override
    public Examples<WithRefLogProbs<T>> attach(Examples<T> examples, long[] used) {
        Examples<List<TokenSequence>> needed =
                Examples.of(used.length, i -> layout.of(examples.get(used[Math.toIntExact(i)])));
        ReferenceLogProbs logProbs = cache.computeOrLoad(
                needed,
                scorer,
                context.random().derive("reference sample"),
                () -> context.progress("reference log-probs", used.length, "examples"));
        return Examples.of(
                examples.size(),
                index -> new WithRefLogProbs<>(examples.get(index), logProbs.of(Arrays.binarySearch(used, index))));
    }

    @Override
    public List<WithRefLogProbs<T>> complete(List<WithRefLogProbs<T>> examples) {
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
