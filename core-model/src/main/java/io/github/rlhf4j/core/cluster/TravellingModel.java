package io.github.rlhf4j.core.cluster;

import io.github.rlhf4j.core.model.Adapter;
import io.github.rlhf4j.core.model.ModelBytes;
import io.github.rlhf4j.core.model.ParameterStorage;
import io.github.rlhf4j.core.model.ParameterStore;
import io.github.rlhf4j.core.model.Transformer;
import io.github.rlhf4j.core.wire.Blob;
import io.github.rlhf4j.core.wire.WireWriter;
import java.util.Optional;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** The bytes of a shared model, made anew when its numbers have changed: a fingerprint of them tells, whatever its owner says. */
final class TravellingModel {
    private final SharedModel shared;
    private final Consumer<Blob> forget;
    private final boolean canTravel;
    private @Nullable Blob weights;
    private @Nullable Blob adapter;
    private long weightsPrint;
    private long adapterPrint;

    /** @param forget told of bytes that nobody needs any more */
    TravellingModel(SharedModel shared, Consumer<Blob> forget) {
        this.shared = shared;
        this.forget = forget;
        this.canTravel = ModelBytes.canTravel(shared.model());
    }

    boolean canTravel() {
        return canTravel;
    }

    SharedModel shared() {
        return shared;
    }

    SentModel now() {
        Transformer model = shared.model();
        Optional<Adapter> on = model.adapter();
        long print = fingerprint(model, model.parameters());
        if (weights == null || print != weightsPrint) {
            weights = replaced(weights, model, ModelBytes::writeWeights);
            weightsPrint = print;
        }
        if (on.isPresent()) {
            long print2 = fingerprint(model, on.get().parameters());
            if (adapter == null || print2 != adapterPrint) {
                adapter = replaced(adapter, model, ModelBytes::writeAdapter);
                adapterPrint = print2;
            }
        }
        return new SentModel(
                shared.version(),
                weights,
                on.isPresent() ? Optional.ofNullable(adapter) : Optional.empty(),
                on.map(Adapter::isOn).orElse(false),
                model.computesAsGenerated(),
                model.generationWeights(),
                model.kernels().compute());
    }

    private Blob replaced(@Nullable Blob before, Transformer model, BiConsumer<Transformer, WireWriter> write) {
        WireWriter out = new WireWriter();
        write.accept(model, out);
        Blob now = out.blob();
        if (before != null && !before.equals(now)) {
            forget.accept(before);
        }
        return now;
    }

    private static long fingerprint(Transformer model, ParameterStore store) {
        long print = 1;
        for (ParameterStorage storage : store.storages()) {
            print = 31 * print + model.kernels().fingerprint(storage.value());
        }
        return print;
    }

    void close() {
        if (weights != null) {
            forget.accept(weights);
        }
        if (adapter != null) {
            forget.accept(adapter);
        }
    }
}
