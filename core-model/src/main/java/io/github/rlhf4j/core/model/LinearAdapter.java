package io.github.rlhf4j.core.model;

import io.github.rlhf4j.core.kernels.Kernels;
import io.github.rlhf4j.core.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;

/**
 * The low-rank terms of one layer, {@code s B A x} on the outputs of each module that has one.
 *
 * <p>A x is computed again in the backward pass: it costs r / outputs of the layer's own product.
 */
final class LinearAdapter {
    private final Adapter owner;
    private final Kernels kernels;
    private final FusedParameter down; // A of all modules, (R, inputs)
    private final List<Term> terms; // in the order of their ranks
    private final List<Outputs> outputs = new ArrayList<>();

    /**
     * A module with its B.
     *
     * @param up (outputs, r)
     */
    record Term(AdapterLayout.Module module, FusedParameter up) {}

    LinearAdapter(Adapter owner, Kernels kernels, FusedParameter down, List<Term> terms) {
        this.owner = owner;
        this.kernels = kernels;
        this.down = down;
        this.terms = List.copyOf(terms);
    }

    boolean isOn() {
        return owner.isOn();
    }

    boolean trainable() {
        return isOn() && down.trainable();
    }

    /** Adds to outputs {@code from .. to - 1} of the layer, the columns of {@code out}. */
    void forward(Tensor out, Tensor x, int from, int to) {
        List<Cut> cuts = cuts(from, to);
        if (cuts.isEmpty() || x.rows() == 0) {
            return;
        }
        Tensor low = low(x, cuts); // (N, R')
        for (Cut cut : cuts) {
            kernels.matmul(cut.of(out), cut.ranksOf(low), false, cut.up(), true, owner.scale(), 1);
        }
    }

    /** Adds to {@code dX} what comes from outputs {@code from .. to - 1}. */
    void backwardInput(Tensor dX, Tensor dOut, int from, int to) {
        List<Cut> cuts = cuts(from, to);
        if (!cuts.isEmpty() && dOut.rows() > 0) {
            kernels.matmul(dX, dLow(dOut, cuts), false, downOf(cuts), false, 1, 1);
        }
    }

    /** Adds the gradients of A and of B's rows {@code from .. to - 1}. */
    void backwardWeight(Tensor dOut, Tensor x, int from, int to) {
        List<Cut> cuts = cuts(from, to);
        if (cuts.isEmpty() || dOut.rows() == 0) {
            return;
        }
        Tensor low = low(x, cuts);
        for (Cut cut : cuts) {
            cut.term().up().addGradient(kernels, cut.firstOfUp(), cut.of(dOut), cut.ranksOf(low), owner.scale());
        }
        down.addGradient(kernels, firstRank(cuts), dLow(dOut, cuts), x, 1);
    }

    /** Adds {@code s B A} to a matrix like the layer's, (outputs, inputs). */
    void addTo(Tensor weight) {
        for (Term term : terms) {
            AdapterLayout.Module module = term.module();
            kernels.matmul(
                    weight.rows(module.first(), module.end()),
                    term.up().value(),
                    false,
                    down.value().rows(module.firstRank(), module.endRank()),
                    false,
                    owner.scale(),
                    1);
        }
    }

    /** A number that changes with A, B and whether they count. */
    long fingerprint() {
        long print = isOn() ? kernels.fingerprint(down.value()) : 0;
        for (Term term : terms) {
            print = 31 * print + (isOn() ? kernels.fingerprint(term.up().value()) : 0);
        }
        return print;
    }

    /** {@code x A^T} of the modules of these cuts, (N, R'). */
    private Tensor low(Tensor x, List<Cut> cuts) {
        Tensor low = owner.low(x.rows(), ranks(cuts));
        kernels.matmul(low, x, false, downOf(cuts), true, 1, 0);
        return low;
    }

    /** Its gradient, {@code s dOut B}. */
    private Tensor dLow(Tensor dOut, List<Cut> cuts) {
        Tensor dLow = owner.dLow(dOut.rows(), ranks(cuts));
        for (Cut cut : cuts) {
            kernels.matmul(cut.ranksOf(dLow), cut.of(dOut), false, cut.up(), false, owner.scale(), 0);
        }
        return dLow;
    }

    private Tensor downOf(List<Cut> cuts) {
        int first = firstRank(cuts);
        return down.value().rows(first, first + ranks(cuts));
    }

    private static int firstRank(List<Cut> cuts) {
        return cuts.get(0).term().module().firstRank();
    }

    private static int ranks(List<Cut> cuts) {
        return cuts.get(cuts.size() - 1).term().module().endRank() - firstRank(cuts);
    }

    /** The part of each module that is among outputs {@code from .. to - 1}, where it has any; none while the adapter is off. */
    private List<Cut> cuts(int from, int to) {
        if (!isOn()) {
            return List.of();
        }
        for (Outputs known : outputs) {
            if (known.from() == from && known.to() == to) {
                return known.cuts();
            }
        }
        Outputs found = new Outputs(from, to, cut(from, to));
        outputs.add(found);
        return found.cuts();
    }

    private List<Cut> cut(int from, int to) {
        List<Term> within = terms.stream()
                .filter(term -> term.module().first() < to && term.module().end() > from)
                .toList();
        return within.stream()
                .map(term -> new Cut(term, from, to, within.get(0).module().firstRank()))
                .toList();
    }

    /** Outputs that were asked for before: all, or in the last layer queries, and keys with values. */
    private record Outputs(int from, int to, List<Cut> cuts) {}

    /**
     * A module's part of some outputs.
     *
     * @param from the first output of those
     * @param to the one after the last
     * @param firstRank the first row of A that is computed with
     */
    private record Cut(Term term, int from, int to, int firstRank) {
        private int first() {
            return Math.max(from, term.module().first());
        }

        private int end() {
            return Math.min(to, term.module().end());
        }

        int firstOfUp() {
            return first() - term.module().first();
        }

        /** B's rows. */
        Tensor up() {
            return term.up().value().rows(firstOfUp(), end() - term.module().first());
        }

        /** Columns of something with one for each of the outputs. */
        Tensor of(Tensor outputs) {
            return outputs.columns(first() - from, end() - from);
        }

        /** Columns of something with one for each row of A that is computed with. */
        Tensor ranksOf(Tensor low) {
            return low.columns(
                    term.module().firstRank() - firstRank, term.module().endRank() - firstRank);
        }
    }
}
