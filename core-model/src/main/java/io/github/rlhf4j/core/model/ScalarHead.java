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
        int reads = outputs.reads().length;
        out.resizeReads(reads);
        if (reads == 0) {
            return;
        }
        Tensor scores = activations.scores.rows(reads); // (reads, 1)
        linear.forward(scores, hidden(outputs, normed));
        for (int i = 0; i < reads; i++) {
            out.reads()[i] = scores.get(i, 0);
        }
    }

    /** Adds the gradient of the weight, and into {@code dNormed} (M, C) that of the hidden states. */
    void backward(Tensor dNormed, OutputRows outputs, Tensor normed, double[] dReads) {
        int reads = outputs.reads().length;
        if (reads == 0) {
            return;
        }
        Tensor dScores = activations.scores.rows(reads); // (reads, 1)
        for (int i = 0; i < reads; i++) {
            dScores.set(i, 0, dReads[i]);
        }
        linear.backwardWeight(dScores, hidden(outputs, normed));
        Tensor dHidden = activations.dHeadRows.rows(reads); // (reads, C)
        linear.backwardInput(dHidden, dScores);
        kernels.scatterAddRows(dNormed, outputs.reads(), 0, reads, dHidden);
    }

    private Tensor hidden(OutputRows outputs, Tensor normed) {
        Tensor hidden = activations.headRows.rows(outputs.reads().length);
        kernels.gatherRows(hidden, normed, outputs.reads(), 0, outputs.reads().length);
        return hidden;
    }
}
