package io.github.rlhf4j.core.model;

import io.github.rlhf4j.core.kernels.Kernels;
import io.github.rlhf4j.core.tensor.NativeMemory;
import io.github.rlhf4j.core.tensor.Tensor;

/** A linear layer whose rows are computed independently of each other, from a copy of its weights in panels. */
final class PackedLinear implements Projection {
    private final Kernels kernels;
    private final Linear linear;
    private final Tensor panels; // (outputs / 32, 32 inputs)

    PackedLinear(Kernels kernels, Linear linear, NativeMemory memory) {
        this.kernels = kernels;
        this.linear = linear;
        Tensor weight = linear.weight();
        this.panels =
                memory.allocateUninitialized(kernels.type(), panels(weight.rows()), weight.columns() * Kernels.PANEL);
    }

    private static int panels(int outputs) {
        return (outputs + Kernels.PANEL - 1) / Kernels.PANEL;
    }

    /** Numbers that the copy of a weight (outputs, inputs) holds. */
    static long panelElements(int outputs, int inputs) {
        return (long) panels(outputs) * Kernels.PANEL * inputs;
    }

    /** Takes the weights as they are now. */
    void refresh() {
        kernels.pack(panels, linear.weight());
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
