package io.github.rlhf4j.core.stage;

import io.github.rlhf4j.core.model.AdapterSnapshot;
import io.github.rlhf4j.core.model.Transformer;
import java.util.Optional;
import java.util.function.Supplier;

/**
 * The model that a stage with an adapter started from, which is its reference without a second model: the base where the adapter is new, and the base with the adapter as it was where the stage goes on training one, as TRL does.
 */
public final class StartingModel implements AutoCloseable {
    private final Transformer model;
    private final Optional<AdapterSnapshot> snapshot;

    /** Of a model with an adapter that is not trained yet. To be closed before the model. */
    public StartingModel(Transformer model, TuningConfig tuning, ModelReference start) {
        this.model = model;
        this.snapshot = tuning.goesOn(start) ? Optional.of(new AdapterSnapshot(model)) : Optional.empty();
    }

    /** What {@code work} gives with the model as the stage found it. */
    public <R> R compute(Supplier<R> work) {
        return snapshot.isPresent() ? snapshot.get().compute(work) : model.withoutAdapter(work);
    }

    @Override
    public void close() {
        snapshot.ifPresent(AdapterSnapshot::close);
    }
}
