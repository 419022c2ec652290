package io.github.rlhf4j.core.model;

import io.github.rlhf4j.core.kernels.Divergence;
import io.github.rlhf4j.core.kernels.Kernels;
import io.github.rlhf4j.core.tensor.Tensor;
import java.util.IdentityHashMap;
import java.util.Map;

/**
 * A model whose distribution of each target token another one, the student, is compared with: in a {@link ForwardRequest} it makes {@code LOG_PROB} the divergence of the two, negated. It reads the same tokens; its size and family may be others.
 *
 * <p>Wherever a part of a step is computed, the teacher is computed there too, with the kernels of that place. Its logits exist for a chunk of targets at a time, as the student's do. Owns its views, not the model. Safe for threads that have kernels of their own.
 */
public final class Teacher implements AutoCloseable {
    private final Transformer model;
    private final Divergence divergence;
    private final Map<Kernels, Transformer> views = new IdentityHashMap<>();

    /** @param model with a language head; must be closed after this */
    public Teacher(Transformer model, Divergence divergence) {
        this.model = model;
        this.divergence = divergence;
    }

    /** What is measured. */
    public Divergence divergence() {
        return divergence;
    }

    /** The model that is imitated. */
    public Transformer model() {
        return model;
    }

    /** Computes a batch up to the head. */
    Pass begin(PackedBatch batch, Kernels kernels) {
        return new Pass(view(kernels), batch);
    }

    private Transformer view(Kernels kernels) {
        if (kernels == model.kernels()) {
            return model;
        }
        synchronized (views) {
            return views.computeIfAbsent(kernels, model::on);
        }
    }

    /** A batch in the teacher. */
    static final class Pass {
        private final Transformer model;
        private final OutputRows outputs;
        private final Tensor normed;

        private Pass(Transformer model, PackedBatch batch) {
            this.model = model;
            outputs = batch.outputRows(true, false);
            normed = model.normed(batch, outputs);
        }

        /** Logits of targets {@code from .. to - 1}: (to - from, V); valid until the next call. */
        Tensor logits(int from, int to) {
            return model.headLogits(outputs, normed, from, to);
        }
    }

    @Override
    public void close() {
        synchronized (views) {
            views.values().forEach(Transformer::close);
            views.clear();
        }
    }
}
