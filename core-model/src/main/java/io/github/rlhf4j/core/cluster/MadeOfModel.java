package io.github.rlhf4j.core.cluster;

import io.github.rlhf4j.core.generation.Generator;
import io.github.rlhf4j.core.model.Transformer;
import io.github.rlhf4j.core.train.BatchScorer;
import io.github.rlhf4j.core.train.OptimizerSettings;
import java.util.HashMap;
import java.util.Map;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** A model with what is made of it when that is first asked for. Closing it ends what was made; the model is its owner's. */
final class MadeOfModel implements AutoCloseable {
    private final Transformer model;
    private final Map<Integer, BatchScorer> scorers = new HashMap<>(); // by rows of a micro-batch
    private final Map<String, Worker.Kept> kept = new HashMap<>();
    private @Nullable Generator generator;

    MadeOfModel(Transformer model) {
        this.model = model;
    }

    Transformer model() {
        return model;
    }

    Generator generator() {
        Generator made = generator;
        if (made == null) {
            made = new Generator(model);
            generator = made;
        }
        return made;
    }

    /** @param microBatchTokens rows at once; 0 chooses by the size of the model */
    BatchScorer scorer(int microBatchTokens) {
        return scorers.computeIfAbsent(
                microBatchTokens > 0 ? microBatchTokens : OptimizerSettings.defaultMicroBatchTokens(model),
                tokens -> new BatchScorer(model, tokens));
    }

    @SuppressWarnings("unchecked")
    <R extends Worker.Kept> R kept(String key, Supplier<R> make) {
        return (R) kept.computeIfAbsent(key, missing -> make.get());
    }

    @Override
    public void close() {
        kept.values().forEach(Worker.Kept::close);
        if (generator != null) {
            generator.close();
        }
    }
}
