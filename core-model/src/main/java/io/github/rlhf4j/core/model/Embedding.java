package io.github.rlhf4j.core.model;

import io.github.rlhf4j.core.kernels.Kernels;
import io.github.rlhf4j.core.tensor.CompactMatrix;
import io.github.rlhf4j.core.tensor.Tensor;
import org.jspecify.annotations.Nullable;

/** From tokens, and where they are learned from positions, to rows. */
final class Embedding {
    private final Kernels kernels;
    private final LayerParameter tokens; // (V, C)
    private final @Nullable LayerParameter positions; // (positions, C)

    Embedding(Kernels kernels, LayerParameter tokens, @Nullable LayerParameter positions) {
        this.kernels = kernels;
        this.tokens = tokens;
        this.positions = positions;
    }

    static Embedding of(LayerParameters parameters, Kernels kernels) {
        String learned = ParameterLayout.POSITIONS;
        return new Embedding(
                kernels,
                parameters.of(ParameterLayout.EMBEDDING),
                parameters.has(learned) ? parameters.of(learned) : null);
    }

    /**
     * Fills the rows of a pass.
     *
     * @param x (N, C)
     * @param scratch of C columns
     */
    void forward(Tensor x, int[] tokenIds, int[] positionOfRow, ActivationBuffer scratch) {
        gather(x, tokens, tokenIds);
        if (positions != null) {
            Tensor added = scratch.rows(x.rows());
            gather(added, positions, positionOfRow);
            kernels.addScaled(x, added, 1);
        }
    }

    private void gather(Tensor out, LayerParameter table, int[] rows) {
        CompactMatrix compact = table.now().compact();
        if (compact == null) {
            kernels.gatherRows(out, table.now().value(), rows, 0, out.rows());
        } else {
            kernels.gatherCompact(out, compact, rows, 0, out.rows());
        }
    }

    /** Adds the gradients of the tables, where they are trainable. */
    void backward(Tensor dX, int[] tokenIds, int[] positionOfRow) {
        tokens.now().gradient(kernels).ifPresent(table -> kernels.scatterAddRows(table, tokenIds, 0, dX.rows(), dX));
        if (positions != null) {
            positions
                    .now()
                    .gradient(kernels)
                    .ifPresent(table -> kernels.scatterAddRows(table, positionOfRow, 0, dX.rows(), dX));
        }
    }

    boolean trainable() {
        return tokens.now().trainable() || (positions != null && positions.now().trainable());
    }
}
