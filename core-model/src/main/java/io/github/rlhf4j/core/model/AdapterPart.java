package io.github.rlhf4j.core.model;

import io.github.rlhf4j.core.kernels.Kernels;
import io.github.rlhf4j.core.model.LowRank.Cut;
import io.github.rlhf4j.core.tensor.Tensor;
import java.util.List;

/** What a {@link LinearAdapter} adds to outputs {@code from .. to - 1} of its layer: all of them, or in the last layer queries, and keys with values. */
final class AdapterPart implements AutoCloseable {
    private final Adapter owner;
    private final Kernels kernels;
    private final LowRank lowRank;
    private final List<Cut> cuts;
    private final ActivationBuffer low; // (N, R'): A x of the last forward pass that keeps it
    private final int from;
    private final int to;
    private long lowOf; // the pass whose A x is kept

    AdapterPart(Adapter owner, Kernels kernels, LowRank lowRank, int from, int to) {
        this.owner = owner;
        this.kernels = kernels;
        this.lowRank = lowRank;
        this.from = from;
        this.to = to;
        cuts = lowRank.cuts(from, to);
        low = new ActivationBuffer(kernels.type(), cuts.isEmpty() ? 0 : ranks());
    }

    List<Cut> cuts() {
        return cuts;
    }

    int from() {
        return from;
    }

    int to() {
        return to;
    }

    boolean isOf(int first, int end) {
        return from == first && to == end;
    }

    /** {@code x A^T}, (N, R'): kept for the backward pass where there will be one. */
    Tensor newLow(AdapterInput x) {
        boolean keeps = owner.keeps();
        Tensor out = keeps ? low.rows(x.rows()) : owner.scratch().low(x.rows(), ranks());
        lowOf = keeps ? owner.pass() : -1;
        compute(out, x);
        return out;
    }

    /** The same in the backward pass: what the forward pass has kept, where it has. */
    Tensor low(AdapterInput x) {
        if (lowOf == owner.pass()) {
            return low.rows(x.rows());
        }
        Tensor out = owner.scratch().low(x.rows(), ranks());
        compute(out, x);
        return out;
    }

    private void compute(Tensor out, AdapterInput x) {
        if (x.isDropped()) {
            for (Cut cut : cuts) {
                kernels.matmul(cut.ranksOf(out), x.of(cut), false, cut.ownDown(), true, 1, 0);
            }
        } else {
            kernels.matmul(out, x.all(), false, down(), true, 1, 0);
        }
    }

    /**
     * Its gradient, {@code s dOut B}, computed once for weights and input, where nothing else of the adapter is computed between the two.
     *
     * @param dOut (N, W), scaled by DoRA's factors where there are any
     */
    Tensor dLow(Tensor dOut) {
        Tensor dLow = owner.scratch().dLow(dOut.rows(), ranks());
        if (!owner.scratch().takesDLow(this)) {
            for (Cut cut : cuts) {
                kernels.matmul(cut.ranksOf(dLow), cut.of(dOut), false, cut.up(), false, owner.scale(), 0);
            }
        }
        return dLow;
    }

    /** A of the modules of these outputs, (R', inputs). */
    Tensor down() {
        int first = firstRank();
        return lowRank.down().value().rows(first, first + ranks());
    }

    int firstRank() {
        return cuts.get(0).term().module().firstRank();
    }

    int ranks() {
        return cuts.get(cuts.size() - 1).term().module().endRank() - firstRank();
    }

    long bytes() {
        return low.bytes();
    }

    @Override
    public void close() {
        low.close();
    }
}
