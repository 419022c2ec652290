package io.github.rlhf4j.core.model;

import io.github.rlhf4j.core.kernels.Kernels;
import io.github.rlhf4j.core.tensor.Tensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * Mixtral's mixture of experts: a router sends each row to k of E SwiGLU experts, and their results are added with its weights.
 *
 * <p>Rows are laid out by expert, so that each expert is one product over its rows: the work follows k, not E. A row's weight multiplies the input of {@code down}, which is linear.
 */
final class MixtureOfExperts implements FeedForward {
    private final Kernels kernels;
    private final int layer;
    private final Linear router; // C -> E
    private final List<Linear> gateUps; // each C -> 2 F
    private final List<Linear> downs; // each F -> C
    private int @Nullable [] rowsInBatch;

    /** A product of one expert with its rows. */
    @FunctionalInterface
    private interface Product {
        void run(int expert, Tensor out, Tensor in);
    }

    MixtureOfExperts(FeedForwardConfig config, LayerParameters parameters, Kernels kernels, int layer) {
        this.kernels = kernels;
        this.layer = layer;
        router = Linear.of(kernels, parameters, layer + ParameterLayout.ROUTER);
        gateUps = experts(config, kernels, parameters, layer + ParameterLayout.HIDDEN);
        downs = experts(config, kernels, parameters, layer + ParameterLayout.DOWN);
    }

    private static List<Linear> experts(
            FeedForwardConfig config, Kernels kernels, LayerParameters parameters, String key) {
        return IntStream.range(0, config.experts())
                .mapToObj(expert -> Linear.of(kernels, parameters, key + "." + expert))
                .toList();
    }

    @Override
    public List<Linear> linears() {
        List<Linear> all = new ArrayList<>(gateUps);
        all.addAll(downs);
        all.add(router);
        return all;
    }

    @Override
    public void rowsAre(int @Nullable [] rows) {
        rowsInBatch = rows;
        router.rowsAre(rows);
    }

    @Override
    public void begin(Tensor x, FeedForwardBuffers.Saved saved, FeedForwardBuffers scratch, Projection.Choice choice) {
        ExpertRoutes routes = saved.routes();
        routes.resize(x.rows());
        choice.of(router).forward(routes.probabilities(), x);
        routes.choose(kernels, scratch, layer);
        int copies = routes.copies();
        Tensor gathered = scratch.gathered.rows(copies); // (M k, C)
        kernels.gatherRows(gathered, x, routes.rows(), 0, copies);
        forEachExpert(
                routes,
                saved.hidden().rows(copies),
                gathered,
                (expert, out, in) -> choice.of(gateUps.get(expert)).forward(out, in));
    }

    @Override
    public void finish(
            Tensor out,
            boolean add,
            FeedForwardBuffers.Saved saved,
            FeedForwardBuffers scratch,
            Projection.Choice choice) {
        ExpertRoutes routes = saved.routes();
        int copies = routes.copies();
        Tensor inner = scratch.inner.rows(copies); // (M k, F)
        kernels.swiGlu(inner, saved.hidden().rows(copies));
        kernels.scaleRows(inner, routes.weights());
        Tensor results = scratch.gathered.rows(copies); // (M k, C)
        forEachExpert(
                routes,
                results,
                inner,
                (expert, to, from) -> choice.of(downs.get(expert)).forward(to, from));
        if (!add) {
            kernels.zero(out);
        }
        kernels.scatterAddRows(out, routes.rows(), 0, copies, results);
    }

    @Override
    public void backward(Tensor dX, Tensor dOut, Tensor x, FeedForwardBuffers.Saved saved, FeedForwardBuffers scratch) {
        ExpertRoutes routes = saved.routes();
        int copies = routes.copies();
        Tensor hidden = saved.hidden().rows(copies); // (M k, 2 F)
        Tensor inner = scratch.inner.rows(copies); // (M k, F)
        Tensor dInner = scratch.dInner.rows(copies); // (M k, F), of the weighted, then of the unweighted
        Tensor gathered = scratch.gathered.rows(copies); // (M k, C): dOut, then x, then its gradient
        kernels.gatherRows(gathered, dOut, routes.rows(), 0, copies);
        kernels.swiGlu(inner, hidden);
        forEachExpert(
                routes,
                dInner,
                gathered,
                (expert, to, from) -> downs.get(expert).backwardInput(to, from));
        kernels.rowDots(routes.dWeights(), dInner, inner);
        kernels.scaleRows(inner, routes.weights());
        forEachExpert(
                routes, gathered, inner, (expert, d, in) -> downs.get(expert).backwardWeight(d, in));
        kernels.scaleRows(dInner, routes.weights());
        Tensor dHidden = hidden; // (M k, 2 F), read for the last time
        kernels.swiGluBackward(dHidden, dInner, hidden);
        if (trainable()) {
            kernels.gatherRows(gathered, x, routes.rows(), 0, copies);
            forEachExpert(
                    routes,
                    dHidden,
                    gathered,
                    (expert, d, in) -> gateUps.get(expert).backwardWeight(d, in));
        }
        forEachExpert(
                routes,
                gathered,
                dHidden,
                (expert, to, from) -> gateUps.get(expert).backwardInput(to, from));
        Tensor dLogits = routes.dLogits(kernels, scratch.balance); // (M, E)
        if (router.trainable()) {
            router.backwardWeight(dLogits, x);
        }
        router.backwardInput(dX, dLogits);
        kernels.scatterAddRows(dX, routes.rows(), 0, copies, gathered);
    }

    private void rowsAre(int expert, ExpertRoutes routes, int from, int to) {
        Linear gateUp = gateUps.get(expert);
        Linear down = downs.get(expert);
        if (gateUp.needsRows() || down.needsRows()) {
            int[] rows = Arrays.copyOfRange(routes.rows(), from, to);
            int[] all = rowsInBatch;
            if (all != null) {
                Arrays.setAll(rows, i -> all[rows[i]]);
            }
            gateUp.rowsAre(rows);
            down.rowsAre(rows);
        }
    }

    /** Runs {@code product} on each expert's rows of two matrices that are laid out by expert. */
    private void forEachExpert(ExpertRoutes routes, Tensor first, Tensor second, Product product) {
        for (int expert = 0; expert < downs.size(); expert++) {
            int from = routes.start(expert);
            int to = routes.start(expert + 1);
            if (from < to) {
                rowsAre(expert, routes, from, to);
                product.run(expert, first.rows(from, to), second.rows(from, to));
            }
        }
    }
}
