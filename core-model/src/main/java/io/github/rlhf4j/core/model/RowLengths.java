package io.github.rlhf4j.core.model;

import io.github.rlhf4j.core.kernels.Kernels;
import io.github.rlhf4j.core.model.LowRank.Cut;
import io.github.rlhf4j.core.model.LowRank.Term;
import io.github.rlhf4j.core.tensor.NativeMemory;
import io.github.rlhf4j.core.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;

/**
 * DoRA's lengths of the rows of one layer's modules (Liu et al. 2024, arXiv:2402.09353, Eq. 5):
 *
 * <pre>  W' = g (W + s B A),   g = m / ||W + s B A||</pre>
 *
 * <p>The norm of each row is a constant in the gradient (section 4.3). It is computed anew when A, B or m have changed.
 */
final class RowLengths implements AutoCloseable {
    private static final int TILE = 128; // rows of the weight at a time

    private final Adapter owner;
    private final Kernels kernels;
    private final LowRank trained;
    private final LinearAdapter layer;
    private final NativeMemory memory = new NativeMemory(1 << 12);
    private final List<OfTerm> terms = new ArrayList<>();
    private long seenIn; // the pass in which it was looked whether anything has changed
    private long fingerprint;
    private boolean known;

    /**
     * Of one module.
     *
     * @param lengths m, (1, outputs)
     * @param factors g, (1, outputs)
     * @param inverseNorms 1 / ||W + s B A||, (1, outputs)
     */
    private record OfTerm(Term term, FusedParameter lengths, Tensor factors, Tensor inverseNorms) {}

    RowLengths(Adapter owner, Kernels kernels, LinearAdapter layer, LowRank trained, ParameterStore store) {
        this.owner = owner;
        this.kernels = kernels;
        this.layer = layer;
        this.trained = trained;
        for (Term term : trained.terms()) {
            int outputs = term.module().outputs();
            terms.add(new OfTerm(
                    term,
                    store.matrix(term.module().lengths()),
                    memory.allocate(kernels.type(), 1, outputs),
                    memory.allocate(kernels.type(), 1, outputs)));
        }
    }

    /** Makes the lengths those of the rows as they are. */
    void begin(WeightRows weight) {
        compute(weight);
        for (OfTerm of : terms) {
            Tensor lengths = of.lengths().value();
            for (int i = 0; i < lengths.columns(); i++) {
                lengths.set(0, i, 1 / of.inverseNorms().get(0, i));
            }
        }
        known = false;
    }

    /** To be called before anything is read: once a pass it is looked whether the factors are still right. */
    void refresh(WeightRows weight) {
        if (known && seenIn == owner.pass()) {
            return;
        }
        seenIn = owner.pass();
        long now = fingerprint();
        if (known && now == fingerprint) {
            return;
        }
        compute(weight);
        for (OfTerm of : terms) {
            kernels.copy(of.factors(), of.lengths().value());
            kernels.scaleColumns(of.factors(), of.inverseNorms());
        }
        fingerprint = now;
        known = true;
    }

    /** The weight may be another. */
    void forget() {
        known = false;
    }

    long fingerprint() {
        long print = trained.fingerprint(kernels);
        for (OfTerm of : terms) {
            print = 31 * print + kernels.fingerprint(of.lengths().value());
        }
        return print;
    }

    private void compute(WeightRows weight) {
        for (OfTerm of : terms) {
            AdapterLayout.Module module = of.term().module();
            for (int first = module.first(); first < module.end(); first += TILE) {
                int end = Math.min(module.end(), first + TILE);
                Tensor tile = owner.scratch().input(end - first, weight.columns());
                weight.copyTo(tile, first, end);
                layer.addTermsTo(tile, first, end);
                norms(of, tile, first - module.first());
            }
        }
    }

    private void norms(OfTerm of, Tensor tile, int from) {
        Tensor squares = owner.scratch().low(tile.rows(), 1);
        kernels.rowDots(squares, tile, tile);
        for (int i = 0; i < tile.rows(); i++) {
            of.inverseNorms().set(0, from + i, 1 / Math.sqrt(squares.get(i, 0)));
        }
    }

    /** Multiplies a module's outputs by its factors. */
    void scale(Tensor inOut, Cut cut) {
        kernels.scaleColumns(inOut, columns(of(cut).factors(), cut));
    }

    /** Adds the gradient of m, where it is trained. */
    void addGradient(Tensor dOut, Tensor unscaled, Cut cut) {
        OfTerm of = of(cut);
        Tensor gradient = of.lengths().gradient(kernels).orElse(null);
        if (gradient == null) {
            return;
        }
        Tensor dots = owner.scratch().dOutput(1, dOut.columns());
        kernels.zero(dots);
        kernels.addColumnDots(dots, dOut, unscaled);
        kernels.scaleColumns(dots, columns(of.inverseNorms(), cut));
        kernels.addScaled(columns(gradient, cut), dots, 1);
    }

    private OfTerm of(Cut cut) {
        return terms.get(trained.terms().indexOf(cut.term()));
    }

    private static Tensor columns(Tensor of, Cut cut) {
        int first = cut.firstOfUp();
        return of.columns(first, first + cut.end() - cut.first());
    }

    /** Multiplies the rows of a matrix like the layer's, to which the low-rank terms have been added. */
    void scaleMerged(Tensor weight) {
        for (OfTerm of : terms) {
            Tensor rows =
                    weight.rows(of.term().module().first(), of.term().module().end());
            try (NativeMemory own = new NativeMemory(1 << 12)) {
                Tensor factors = own.allocate(kernels.type(), rows.rows(), 1);
                kernels.rowDots(factors, rows, rows);
                for (int i = 0; i < rows.rows(); i++) {
                    factors.set(i, 0, of.lengths().value().get(0, i) / Math.sqrt(factors.get(i, 0)));
                }
                kernels.scaleRows(rows, factors);
            }
        }
    }

    @Override
    public void close() {
        memory.close();
    }
}
