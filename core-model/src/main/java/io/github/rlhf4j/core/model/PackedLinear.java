package io.github.rlhf4j.core.model;

import io.github.rlhf4j.core.kernels.Kernels;
import io.github.rlhf4j.core.tensor.CompactPanels;
import io.github.rlhf4j.core.tensor.NativeMemory;
import io.github.rlhf4j.core.tensor.Tensor;
import io.github.rlhf4j.core.tensor.WeightType;
import org.jspecify.annotations.Nullable;

/** A linear layer whose rows are computed independently of each other, from a copy of its weights in panels, an adapter's merged into them. */
final class PackedLinear implements Projection {
    private final Kernels kernels;
    private final Linear linear;
    private final Panels panels;
    private @Nullable Long fingerprint; // of the weights in the panels

    /** The copy, in one of two forms. */
    private sealed interface Panels {
        void pack(Kernels kernels, Linear linear);

        void multiply(Kernels kernels, Tensor out, Tensor x, boolean add);
    }

    private record Full(Tensor panels) implements Panels { // (outputs / 32, 32 inputs)
        @Override
        public void pack(Kernels kernels, Linear linear) {
            linear.pack(panels);
        }

        @Override
        public void multiply(Kernels kernels, Tensor out, Tensor x, boolean add) {
            kernels.multiplyPacked(out, x, panels, add);
        }
    }

    private record Compact(CompactPanels panels) implements Panels {
        @Override
        public void pack(Kernels kernels, Linear linear) {
            linear.withMergedWeight(weight -> kernels.pack(panels, weight));
        }

        @Override
        public void multiply(Kernels kernels, Tensor out, Tensor x, boolean add) {
            kernels.multiplyPacked(out, x, panels, add);
        }
    }

    /**
     * @param type of the copy
     * @param memory for the panels; null for the heap, where they are read without being copied, but which is small
     */
    PackedLinear(Kernels kernels, Linear linear, WeightType type, @Nullable NativeMemory memory) {
        this(kernels, linear, panels(kernels, linear, type, memory));
    }

    private PackedLinear(Kernels kernels, Linear linear, Panels panels) {
        this.kernels = kernels;
        this.linear = linear;
        this.panels = panels;
    }

    private static Panels panels(Kernels kernels, Linear linear, WeightType type, @Nullable NativeMemory memory) {
        if (type.isCompact()) {
            return new Compact(CompactPanels.allocate(memory, type, linear.outputs(), linear.inputs()));
        }
        int width = linear.inputs() * Kernels.PANEL;
        int count = Kernels.panels(linear.outputs());
        return new Full(
                memory == null
                        ? Tensor.onHeap(count, width)
                        : memory.allocateUninitialized(kernels.type(), count, width));
    }

    /** The same panels for {@code other}, the same layer on other kernels. */
    PackedLinear on(Kernels others, Linear other) {
        return new PackedLinear(others, other, panels);
    }

    /** Numbers that the float32 copy of a weight (outputs, inputs) holds. */
    static long panelElements(int outputs, int inputs) {
        return (long) Kernels.panels(outputs) * Kernels.PANEL * inputs;
    }

    /** Takes the weights as they are now. Where nothing has changed nothing is written: reading weights takes a fifth of the time that packing them does. */
    void refresh() {
        long now = linear.fingerprint();
        if (fingerprint == null || fingerprint != now) {
            panels.pack(kernels, linear);
            fingerprint = now;
        }
    }

    @Override
    public void forward(Tensor out, Tensor x) {
        multiply(out, x, false);
    }

    @Override
    public void forwardAdding(Tensor out, Tensor x) {
        multiply(out, x, true);
    }

    private void multiply(Tensor out, Tensor x, boolean add) {
        panels.multiply(kernels, out, x, add);
        Tensor bias = linear.bias().orElse(null);
        if (bias != null) {
            kernels.addRow(out, bias);
        }
    }
}
