package io.github.rlhf4j.core.model;

import java.util.function.Supplier;

/** The weights that a model's adapter had at one time, to compute with them again. Owns their memory until {@link #close}. */
public final class AdapterSnapshot implements AutoCloseable {
    private final Transformer model;
    private final ParameterStore then;
    private final ParameterStore now; // while the others are in use

    /** Those that it has now. */
    public AdapterSnapshot(Transformer model) {
        this.model = model;
        Adapter adapter = model.adapter().orElseThrow(() -> new IllegalStateException("this model has no adapter"));
        then = new ParameterStore(adapter.layout().parameters(), model.kernels());
        now = new ParameterStore(adapter.layout().parameters(), model.kernels());
        then.copyFrom(adapter.parameters());
    }

    /** What {@code work} gives with the adapter as it was then. */
    public <R> R compute(Supplier<R> work) {
        ParameterStore trained = model.trained();
        now.copyFrom(trained);
        trained.copyFrom(then);
        try {
            return work.get();
        } finally {
            trained.copyFrom(now);
        }
    }

    @Override
    public void close() {
        then.close();
        now.close();
    }
}
