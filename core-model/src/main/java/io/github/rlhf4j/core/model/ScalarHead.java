package io.github.rlhf4j.core.model;

import io.github.rlhf4j.core.kernels.Kernels;
import io.github.rlhf4j.core.tensor.Tensor;

/** One number at each row that is read: a linear layer of one output, or of two whose difference it is. */
final class ScalarHead {
    private final Kernels kernels;
    private final Linear linear; // (1 or 2, C)
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
        Tensor scores = scores(count);
        linear.forward(scores, hidden(outputs, normed));
        for (int i = 0; i < count; i++) {
            out.scalars()[i] = hasLabels() ? scores.get(i, 1) - scores.get(i, 0) : scores.get(i, 0);
        }
    }

    /** Adds the gradient of the weight, and into {@code dNormed} (M, C) that of the hidden states. */
    void backward(Tensor dNormed, OutputRows outputs, Tensor normed, double[] dScalars) {
        int count = outputs.scalarRows().length;
        if (count == 0) {
            return;
        }
        Tensor dScores = scores(count);
        for (int i = 0; i < count; i++) {
            if (hasLabels()) {
                dScores.set(i, 0, -dScalars[i]);
                dScores.set(i, 1, dScalars[i]);
            } else {
                dScores.set(i, 0, dScalars[i]);
            }
        }
        linear.backwardWeight(dScores, hidden(outputs, normed));
        Tensor dHidden = activations.dHeadRows.rows(count); // (scalar rows, C)
        linear.backwardInput(dHidden, dScores);
        kernels.scatterAddRows(dNormed, outputs.scalarRows(), 0, count, dHidden);
    }

    private boolean hasLabels() {
        return linear.outputs() == 2;
    }

    /** (scalar rows, 1 or 2). */
    private Tensor scores(int count) {
        return (hasLabels() ? activations.labelScores : activations.scores).rows(count);
    }

    private Tensor hidden(OutputRows outputs, Tensor normed) {
        Tensor hidden = activations.headRows.rows(outputs.scalarRows().length);
        kernels.gatherRows(hidden, normed, outputs.scalarRows(), 0, outputs.scalarRows().length);
        return hidden;
    }
}
