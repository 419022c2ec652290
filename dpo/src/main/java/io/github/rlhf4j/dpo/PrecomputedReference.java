package io.github.rlhf4j.dpo;

import io.github.rlhf4j.core.model.TokenSequence;
import io.github.rlhf4j.core.stage.StageContext;
import io.github.rlhf4j.core.stage.StageLoop;
import io.github.rlhf4j.core.train.Examples;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.LongStream;

/**
 * {@code precompute_ref_log_probs: true}: a frozen reference, asked once for each example that the run uses, and freed before training.
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

    /** @param release gives the reference's memory back */
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
    public ScoredRows<T> score(StageLoop<T> loop, Examples<T> rows, Map<String, ? extends Examples<T>> held) {
        Examples<WithRefLogProbs<T>> train = precompute(rows, loop.used());
        Map<String, HeldOut<T>> sets = new LinkedHashMap<>();
        held.forEach((name, set) -> sets.put(
                name, HeldOut.of(precompute(set, LongStream.range(0, set.size()).toArray()))));
        close();
        return new ScoredRows<>(loop.over(train), sets);
    }

    /** @param used ascending indices of those that will be asked for; no other has log-probs */
    private Examples<WithRefLogProbs<T>> precompute(Examples<T> examples, long[] used) {
        Examples<List<TokenSequence>> needed = Examples.of(
                used.length,
                i -> layout.of(examples.get(used[Math.toIntExact(i)])),
                indices -> examples.describe(Arrays.stream(indices)
                        .map(i -> used[Math.toIntExact(i)])
                        .toArray()));
        ReferenceLogProbs logProbs = cache.computeOrLoad(
                needed,
                scorer,
                context.random().derive("reference sample"),
                () -> context.progress("reference log-probs", used.length, "examples"));
        return Examples.of(
                examples.size(),
                index -> new WithRefLogProbs<>(examples.get(index), logProbs.of(Arrays.binarySearch(used, index))),
                examples::describe);
    }

    @Override
    public void close() {
        if (!released) {
            released = true;
            release.run();
        }
    }
}
