package io.github.rlhf4j.core.model;

import io.github.rlhf4j.core.kernels.Kernels;
import io.github.rlhf4j.core.tensor.Tensor;

/** Query, key and value of a layer, C -> (H + 2 Hkv) D: in one product where all rows have a query, else keys and values of all rows and queries of those that do. */
final class QueryKeyValue {
    private final Kernels kernels;
    private final Linear whole;
    private final Linear query; // C -> H D
    private final Linear keyValue; // C -> 2 Hkv D
    private final int queryWidth;

    QueryKeyValue(Kernels kernels, Linear whole, ModelConfig config) {
        this.kernels = kernels;
        this.whole = whole;
        queryWidth = config.queryWidth();
        query = whole.outputs(0, queryWidth);
        keyValue = whole.outputs(queryWidth, config.queryKeyValueWidth());
    }

    /** The layer itself. */
    Linear whole() {
        return whole;
    }

    boolean trainable() {
        return whole.trainable();
    }

    /**
     * Queries that are not asked for become zero, or what they are.
     *
     * @param out (N, (H + 2 Hkv) D)
     * @param x (N, C)
     */
    void forward(BlockPass pass, Tensor out, Tensor x, Activations scratch) {
        int[] rows = pass.queryRows();
        whole.rowsAre(null);
        if (rows == null || pass.order() != null) { // packed weights are those of the whole layer
            pass.projections().of(whole).forward(out, x);
            return;
        }
        keyValue.forward(keysAndValues(out), x);
        Tensor queries = scratch.selected.rows(rows.length); // (Q, H D)
        query.rowsAre(rows);
        query.forward(queries, gathered(x, rows, scratch.selectedNormed));
        Tensor all = queries(out);
        kernels.zero(all);
        kernels.scatterAddRows(all, rows, 0, rows.length, queries);
    }

    /**
     * {@code dX = } the gradient of x; adds the gradients of the weights where they are trainable.
     *
     * @param dX (N, C)
     * @param dOut (N, (H + 2 Hkv) D)
     * @param x (N, C), read where the weights are trainable
     */
    void backward(BlockPass pass, Tensor dX, Tensor dOut, Tensor x, Activations scratch) {
        int[] rows = pass.queryRows();
        whole.rowsAre(null);
        if (rows == null) {
            backward(whole, dX, dOut, x);
            return;
        }
        backward(keyValue, dX, keysAndValues(dOut), x);
        query.rowsAre(rows);
        Tensor dQueries = gathered(queries(dOut), rows, scratch.selected); // (Q, H D)
        if (trainable()) {
            query.backwardWeight(dQueries, gathered(x, rows, scratch.selectedNormed));
        }
        Tensor ofQueries = scratch.selectedNormed.rows(rows.length); // (Q, C)
        query.backwardInput(ofQueries, dQueries);
        kernels.scatterAddRows(dX, rows, 0, rows.length, ofQueries);
    }

    private static void backward(Linear linear, Tensor dX, Tensor dOut, Tensor x) {
        if (linear.trainable()) {
            linear.backwardWeight(dOut, x);
        }
        linear.backwardInput(dX, dOut);
    }

    private Tensor gathered(Tensor of, int[] rows, ActivationBuffer buffer) {
        Tensor out = buffer.rows(rows.length);
        kernels.gatherRows(out, of, rows, 0, rows.length);
        return out;
    }

    private Tensor queries(Tensor of) {
        return of.columns(0, queryWidth);
    }

    private Tensor keysAndValues(Tensor of) {
        return of.columns(queryWidth, of.columns());
    }
}
