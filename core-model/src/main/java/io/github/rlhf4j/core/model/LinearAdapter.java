package io.github.rlhf4j.core.model;

import io.github.rlhf4j.core.kernels.Kernels;
import io.github.rlhf4j.core.model.LowRank.Cut;
import io.github.rlhf4j.core.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * The low-rank terms of one layer, {@code s B A x} on the outputs of each module that has one.
 *
 * <p>Where B A began as a part of the weight (PiSSA, OLoRA), the terms are {@code s (B A - B0 A0) x}: the weight itself stays. With DoRA ({@link RowLengths}) the layer's product and the terms are scaled together, so they are computed
 * together: the methods that end in "Scaled" include the layer's own product.
 */
final class LinearAdapter implements AutoCloseable {
    private final Adapter owner;
    private final Kernels kernels;
    private final LowRank lowRank;
    private final @Nullable LowRank origin; // B0 and A0
    private final @Nullable RowLengths lengths;
    private final List<AdapterPart> parts = new ArrayList<>();
    private int @Nullable [] rowsInBatch;

    /** @param origin null where B A begins as zero */
    LinearAdapter(Adapter owner, Kernels kernels, LowRank lowRank, @Nullable LowRank origin) {
        this.owner = owner;
        this.kernels = kernels;
        this.lowRank = lowRank;
        this.origin = origin;
        lengths = owner.config().variant().useDora()
                ? new RowLengths(owner, kernels, this, lowRank, owner.parameters())
                : null;
    }

    /** To be called once A and B of a fresh adapter are there. */
    void begin(WeightRows weight) {
        if (lengths != null) {
            lengths.begin(weight);
        }
    }

    /** To be called where the weight of the layer may be another than before. */
    void weightHasChanged() {
        if (lengths != null) {
            lengths.forget();
        }
    }

    /** Whether the layer's outputs from {@code from} to {@code to - 1} are scaled too. */
    boolean isScaled(int from, int to) {
        return lengths != null && part(from, to) != null;
    }

    boolean isOn() {
        return owner.isOn();
    }

    boolean trainable() {
        return isOn() && lowRank.down().trainable();
    }

    /** Says which rows of the batch the next calls compute with; null for all. Dropout asks. */
    void rowsAre(int @Nullable [] rows) {
        rowsInBatch = rows;
    }

    /** Whether anyone asks. */
    boolean needsRows() {
        return owner.dropout() != null;
    }

    private AdapterInput input(Tensor x) {
        return new AdapterInput(owner, kernels, x, rowsInBatch);
    }

    /** Adds to outputs {@code from .. to - 1} of the layer, the columns of {@code out}. */
    void forward(Tensor out, Tensor x, int from, int to) {
        AdapterPart part = part(from, to);
        if (part == null || x.rows() == 0) {
            return;
        }
        Tensor low = part.newLow(input(x)); // (N, R')
        for (Cut cut : part.cuts()) {
            kernels.matmul(cut.of(out), cut.ranksOf(low), false, cut.up(), true, owner.scale(), 1);
        }
        subtractOrigin(out, x, from, to);
    }

    private void subtractOrigin(Tensor out, Tensor x, int from, int to) {
        if (origin != null) {
            for (Cut cut : origin.cuts(from, to)) {
                Tensor low =
                        owner.scratch().originLow(x.rows(), cut.term().module().rank());
                kernels.matmul(low, x, false, cut.ownDown(), true, 1, 0);
                kernels.matmul(cut.of(out), low, false, cut.up(), true, -owner.scale(), 1);
            }
        }
    }

    private void subtractOriginBackward(Tensor dX, Tensor dOut, int from, int to) {
        if (origin != null) {
            for (Cut cut : origin.cuts(from, to)) {
                Tensor dLow =
                        owner.scratch().originLow(dX.rows(), cut.term().module().rank());
                kernels.matmul(dLow, cut.of(dOut), false, cut.up(), false, -owner.scale(), 0);
                kernels.matmul(dX, dLow, false, cut.ownDown(), false, 1, 1);
            }
        }
    }

    /**
     * {@code out = g (W x + s B A x)} of outputs {@code from .. to - 1}; those without a term stay W x.
     *
     * @param out W x on entry
     * @param weight W of the whole layer
     */
    void forwardScaled(Tensor out, Tensor x, int from, int to, WeightRows weight) {
        AdapterPart part = required(from, to);
        RowLengths factors = refreshed(weight);
        if (owner.dropout() == null) {
            forward(out, x, from, to);
            part.cuts().forEach(cut -> factors.scale(cut.of(out), cut));
            return;
        }
        AdapterInput input = input(x);
        Tensor low = part.newLow(input);
        for (Cut cut : part.cuts()) { // W x + (g - 1) W drop(x) + g s B A drop(x), as peft
            Tensor dropped = unscaledOfDropped(cut, input.of(cut), weight);
            kernels.addScaled(cut.of(out), dropped, -1);
            kernels.matmul(dropped, cut.ranksOf(low), false, cut.up(), true, owner.scale(), 1);
            factors.scale(dropped, cut);
            kernels.addScaled(cut.of(out), dropped, 1);
        }
        subtractOrigin(out, x, from, to);
    }

    /** The product of a module's own weight, without what B A was at first, with what the module sees. */
    private Tensor unscaledOfDropped(Cut cut, Tensor x, WeightRows weight) {
        Tensor out = owner.scratch().output(x.rows(), cut.end() - cut.first());
        weight.multiply(out, x, cut.first(), cut.end(), 0);
        subtractOrigin(out, x, cut.first(), cut.end());
        return out;
    }

    /**
     * The gradient of {@link #forwardScaled}: {@code dX = } all of it.
     *
     * @param weight W of the whole layer
     */
    void backwardInputScaled(Tensor dX, Tensor dOut, int from, int to, WeightRows weight) {
        AdapterPart part = required(from, to);
        Tensor scaled = scaled(dOut, part, weight);
        if (owner.dropout() == null) {
            weight.multiplyBackward(dX, scaled, from, to);
            backwardInput(dX, scaled, from, to);
            return;
        }
        weight.multiplyBackward(dX, dOut, from, to);
        subtractOriginBackward(dX, dOut, from, to);
        Tensor dLow = part.dLow(scaled);
        AdapterInput input = input(dX);
        kernels.addScaled(scaled, dOut, -1); // g - 1
        for (Cut cut : part.cuts()) {
            Tensor dInput = owner.scratch().input(dX.rows(), dX.columns());
            Tensor rest = cut.of(scaled);
            weight.multiplyBackward(dInput, rest, cut.first(), cut.end());
            subtractOriginBackward(dInput, rest, cut.first(), cut.end());
            kernels.matmul(dInput, cut.ranksOf(dLow), false, cut.ownDown(), false, 1, 1);
            kernels.addScaled(dX, input.drop(dInput, cut), 1);
        }
    }

    /** Adds the gradients of A, B and the lengths. */
    void backwardWeightScaled(Tensor dOut, Tensor x, int from, int to, WeightRows weight) {
        AdapterPart part = required(from, to);
        RowLengths factors = refreshed(weight);
        AdapterInput input = input(x);
        Tensor low = part.low(input);
        for (Cut cut : part.cuts()) {
            Tensor unscaled = unscaledOfDropped(cut, input.of(cut), weight);
            kernels.matmul(unscaled, cut.ranksOf(low), false, cut.up(), true, owner.scale(), 1);
            factors.addGradient(cut.of(dOut), unscaled, cut);
        }
        backwardWeight(scaled(dOut, part, weight), x, from, to);
    }

    private Tensor scaled(Tensor dOut, AdapterPart part, WeightRows weight) {
        RowLengths factors = refreshed(weight);
        Tensor scaled = owner.scratch().dOutput(dOut.rows(), dOut.columns());
        kernels.copy(scaled, dOut);
        part.cuts().forEach(cut -> factors.scale(cut.of(scaled), cut));
        return scaled;
    }

    /** Memory for a product that is scaled before it is added, (N, W). */
    Tensor sum(int rows, int columns) {
        return owner.scratch().sum(rows, columns);
    }

    private RowLengths refreshed(WeightRows weight) {
        RowLengths present = Objects.requireNonNull(lengths);
        present.refresh(weight);
        return present;
    }

    /** Adds to {@code dX} what comes from outputs {@code from .. to - 1}. */
    void backwardInput(Tensor dX, Tensor dOut, int from, int to) {
        AdapterPart part = part(from, to);
        if (part == null || dOut.rows() == 0) {
            return;
        }
        Tensor dLow = part.dLow(dOut);
        subtractOriginBackward(dX, dOut, from, to);
        if (owner.dropout() == null) {
            kernels.matmul(dX, dLow, false, part.down(), false, 1, 1);
            return;
        }
        AdapterInput input = input(dX);
        for (Cut cut : part.cuts()) {
            Tensor own = owner.scratch().input(dX.rows(), dX.columns());
            kernels.matmul(own, cut.ranksOf(dLow), false, cut.ownDown(), false, 1, 0);
            kernels.addScaled(dX, input.drop(own, cut), 1);
        }
    }

    /** Adds the gradients of A and of B's rows {@code from .. to - 1}. */
    void backwardWeight(Tensor dOut, Tensor x, int from, int to) {
        AdapterPart part = part(from, to);
        if (part == null || dOut.rows() == 0) {
            return;
        }
        AdapterInput input = input(x);
        Tensor low = part.low(input);
        for (Cut cut : part.cuts()) {
            cut.term().up().addGradient(kernels, cut.firstOfUp(), cut.of(dOut), cut.ranksOf(low), owner.scale());
        }
        Tensor dLow = part.dLow(dOut);
        if (!input.isDropped()) {
            lowRank.down().addGradient(kernels, part.firstRank(), dLow, x, 1);
            return;
        }
        for (Cut cut : part.cuts()) {
            int first = cut.term().module().firstRank();
            lowRank.down().addGradient(kernels, first, cut.ranksOf(dLow), input.of(cut), 1);
        }
    }

    /** Makes of a matrix like the layer's, (outputs, inputs), the one that computes what layer and terms do. */
    void mergeInto(Tensor weight) {
        addTermsTo(weight, 0, weight.rows());
        if (lengths != null) {
            lengths.scaleMerged(weight);
        }
    }

    /** Adds {@code s B A}, less what it was at first, to rows {@code first .. end - 1} of the layer's weight. */
    void addTermsTo(Tensor rows, int first, int end) {
        lowRank.addTo(rows, first, end, owner.scale(), kernels);
        if (origin != null) {
            origin.addTo(rows, first, end, -owner.scale(), kernels);
        }
    }

    /** A number that changes with A, B and whether they count. */
    long fingerprint() {
        return !isOn() ? 0 : lengths == null ? lowRank.fingerprint(kernels) : lengths.fingerprint();
    }

    /** What it has for those outputs; null where that is nothing, or while the adapter is off. */
    private @Nullable AdapterPart part(int from, int to) {
        if (!isOn()) {
            return null;
        }
        for (AdapterPart known : parts) {
            if (known.isOf(from, to)) {
                return known.cuts().isEmpty() ? null : known;
            }
        }
        AdapterPart found = new AdapterPart(owner, kernels, lowRank, from, to);
        parts.add(found);
        return found.cuts().isEmpty() ? null : found;
    }

    private AdapterPart required(int from, int to) {
        return Objects.requireNonNull(part(from, to));
    }

    long activationBytes() {
        return parts.stream().mapToLong(AdapterPart::bytes).sum();
    }

    @Override
    public void close() {
        parts.forEach(AdapterPart::close);
        if (lengths != null) {
            lengths.close();
        }
    }
}
