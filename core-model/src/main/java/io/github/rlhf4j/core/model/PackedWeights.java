package io.github.rlhf4j.core.model;

import io.github.rlhf4j.core.kernels.Kernels;
import io.github.rlhf4j.core.tensor.DataType;
import io.github.rlhf4j.core.tensor.NativeMemory;
import io.github.rlhf4j.core.tensor.WeightType;
import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** A copy of all weights that a model multiplies by, in the form in which a row's product does not depend on the other rows. Taken by {@link #refresh}; owns its memory until {@link #close}. */
final class PackedWeights implements Projection.Choice, AutoCloseable {
    private final Map<Linear, PackedLinear> packed = new IdentityHashMap<>();
    private final List<PackedLinear> inOrder = new ArrayList<>();
    private final NativeMemory memory = new NativeMemory(1 << 16);
    private long onHeap; // bytes

    /** @param type of the copy */
    PackedWeights(Transformer model, WeightType type) {
        long bytes = model.size().packedBytes(type);
        if (model.kernels().type() == DataType.FLOAT
                && !model.kernels().readsByAddress(type)
                && HeapShare.PROCESS.take(bytes)) {
            onHeap = bytes;
        }
        NativeMemory where = onHeap > 0 ? null : memory;
        try {
            linears(model).forEach(linear -> put(linear, new PackedLinear(model.kernels(), linear, type, where)));
        } catch (RuntimeException | Error e) {
            close();
            throw e;
        }
    }

    private PackedWeights(PackedWeights other, Transformer same) {
        List<Linear> linears = linears(same);
        Kernels kernels = same.kernels();
        for (int i = 0; i < linears.size(); i++) {
            put(linears.get(i), other.inOrder.get(i).on(kernels, linears.get(i)));
        }
    }

    private void put(Linear linear, PackedLinear as) {
        packed.put(linear, as);
        inOrder.add(as);
    }

    /** The same copy for the same model on other kernels; to be closed before this one. */
    PackedWeights on(Transformer same) {
        return new PackedWeights(this, same);
    }

    private static List<Linear> linears(Transformer model) {
        List<Linear> linears = new ArrayList<>();
        model.blocks().forEach(block -> linears.addAll(block.linears()));
        linears.add(model.languageHead());
        return linears;
    }

    /** Takes the weights as they are now. */
    void refresh() {
        inOrder.forEach(PackedLinear::refresh);
    }

    @Override
    public PackedLinear of(Linear linear) {
        @Nullable PackedLinear found = packed.get(linear);
        if (found == null) {
            throw new IllegalStateException("a layer that is not packed");
        }
        return found;
    }

    @Override
    public void close() {
        HeapShare.PROCESS.giveBack(onHeap);
        onHeap = 0;
        memory.close();
    }
}
