package io.github.rlhf4j.core.model;

import io.github.rlhf4j.core.kernels.Kernels;
import io.github.rlhf4j.core.tensor.Tensor;
import java.util.List;

/**
 * The matrices A and B of the modules of one layer; the modules' A are in one matrix, one after the other.
 *
 * @param down A of all modules, (R, inputs)
 * @param terms in the order of their ranks
 */
record LowRank(FusedParameter down, List<Term> terms) {
    LowRank {
        terms = List.copyOf(terms);
    }

    /**
     * A module with its B.
     *
     * @param up (outputs, r)
     */
    record Term(AdapterLayout.Module module, FusedParameter up) {}

    /** Those of a layer whose key this is. */
    static LowRank of(ParameterStore store, String key, List<AdapterLayout.Module> modules) {
        List<Term> terms = modules.stream()
                .map(module -> new Term(module, store.matrix(module.up())))
                .toList();
        return new LowRank(store.matrix(AdapterLayout.downKey(key)), terms);
    }

    /** The part of each module that is among outputs {@code from .. to - 1}, where it has any. */
    List<Cut> cuts(int from, int to) {
        List<Term> within = terms.stream()
                .filter(term -> term.module().first() < to && term.module().end() > from)
                .toList();
        return within.stream()
                .map(term ->
                        new Cut(this, term, from, to, within.get(0).module().firstRank()))
                .toList();
    }

    /** Adds {@code factor B A} to rows {@code first .. end - 1} of a matrix like the layer's, (outputs, inputs), of which {@code rows} are those. */
    void addTo(Tensor rows, int first, int end, double factor, Kernels kernels) {
        for (Cut cut : cuts(first, end)) {
            Tensor into = rows.rows(cut.first() - first, cut.end() - first);
            kernels.matmul(into, cut.up(), false, cut.ownDown(), false, factor, 1);
        }
    }

    /** A number that changes with A and B. */
    long fingerprint(Kernels kernels) {
        long print = kernels.fingerprint(down.value());
        for (Term term : terms) {
            print = 31 * print + kernels.fingerprint(term.up().value());
        }
        return print;
    }

    /**
     * A module's part of some outputs.
     *
     * @param from the first output of those
     * @param to the one after the last
     * @param firstRank the first row of A that is computed with
     */
    record Cut(LowRank of, Term term, int from, int to, int firstRank) {
        /** The module's first output among those. */
        int first() {
            return Math.max(from, term.module().first());
        }

        int end() {
            return Math.min(to, term.module().end());
        }

        int firstOfUp() {
            return first() - term.module().first();
        }

        /** B's rows. */
        Tensor up() {
            return term.up().value().rows(firstOfUp(), end() - term.module().first());
        }

        /** The module's own rows of A. */
        Tensor ownDown() {
            return of.down()
                    .value()
                    .rows(term.module().firstRank(), term.module().endRank());
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
