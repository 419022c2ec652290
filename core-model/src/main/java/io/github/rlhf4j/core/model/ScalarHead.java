package io.github.rlhf4j.core.model;

import io.github.rlhf4j.core.kernels.Kernels;
import io.github.rlhf4j.core.tensor.Tensor;

/** The scalar head at the rows that are read. */
final class ScalarHead {
    private final Kernels kernels;
    private final Linear linear; // (1, C)
    private final Activations activations;

    ScalarHead(Kernels kernels, Linear linear, Activations activations) {
        this.kernels = kernels;
        this.linear = linear;
        this.activations = activations;
    }

    Linear linear() {
        return linear;
    }

    void forward(Outputs out, OutputRows outputs, Tensor normed) {
        int count = outputs.scalarRows().length;
        out.resizeScalars(count);
        if (count == 0) {
            return;
        }
        Tensor scores = activations.scores.rows(count); // (scalar rows, 1)
        linear.forward(scores, hidden(outputs, normed));
        for (int i = 0; i < count; i++) {
            out.scalars()[i] = scores.get(i, 0);
        }
    }

    /** Adds the gradient of the weight, and into {@code dNormed} (M, C) that of the hidden states. */
    void backward(Tensor dNormed, OutputRows outputs, Tensor normed, double[] dScalars) {
        int count = outputs.scalarRows().length;
        if (count == 0) {
            return;
        }
        Tensor dScores = activations.scores.rows(count); // (scalar rows, 1)
        for (int i = 0; i < count; i++) {
            dScores.set(i, 0, dScalars[i]);
        }
        linear.backwardWeight(dScores, hidden(outputs, normed));
        Tensor dHidden = activations.dHeadRows.rows(count); // (scalar rows, C)
        linear.backwardInput(dHidden, dScores);
        kernels.scatterAddRows(dNormed, outputs.scalarRows(), 0, count, dHidden);
    }

    private Tensor hidden(OutputRows outputs, Tensor normed) {
        Tensor hidden = activations.headRows.rows(outputs.scalarRows().length);
        kernels.gatherRows(hidden, normed, outputs.scalarRows(), 0, outputs.scalarRows().length);
        return hidden;
    }
}
