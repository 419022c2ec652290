package io.github.rlhf4j.core.model;

import io.github.rlhf4j.core.kernels.Kernels;
import io.github.rlhf4j.core.tensor.NativeMemory;
import io.github.rlhf4j.core.tensor.Tensor;
import org.jspecify.annotations.Nullable;

/** A linear layer whose rows are computed independently of each other, from a copy of its weights in panels, an adapter's merged into them. */
final class PackedLinear implements Projection {
    private final Kernels kernels;
    private final Linear linear;
    private final Tensor panels; // (outputs / 32, 32 inputs)
    private @Nullable Long fingerprint; // of the weights in the panels

    /** @param memory for the panels; null for the heap, where they are read without being copied, but which is small */
    PackedLinear(Kernels kernels, Linear linear, @Nullable NativeMemory memory) {
        this.kernels = kernels;
        this.linear = linear;
        int width = linear.inputs() * Kernels.PANEL;
        this.panels = memory == null
                ? Tensor.onHeap(Kernels.panels(linear.outputs()), width)
                : memory.allocateUninitialized(kernels.type(), Kernels.panels(linear.outputs()), width);
    }

    private PackedLinear(Kernels kernels, Linear linear, Tensor panels) {
        this.kernels = kernels;
        this.linear = linear;
        this.panels = panels;
    }

    /** The same panels for {@code other}, the same layer on other kernels. */
    PackedLinear on(Kernels others, Linear other) {
        return new PackedLinear(others, other, panels);
    }

    /** Numbers that the copy of a weight (outputs, inputs) holds. */
    static long panelElements(int outputs, int inputs) {
        return (long) Kernels.panels(outputs) * Kernels.PANEL * inputs;
    }

    /** Takes the weights as they are now. Where nothing has changed nothing is written: reading weights takes a fifth of the time that packing them does. */
    void refresh() {
        long now = linear.fingerprint();
        if (fingerprint == null || fingerprint != now) {
            linear.pack(panels);
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
        kernels.multiplyPacked(out, x, panels, add);
        Tensor bias = linear.bias().orElse(null);
        if (bias != null) {
            kernels.addRow(out, bias);
        }
    }
}
