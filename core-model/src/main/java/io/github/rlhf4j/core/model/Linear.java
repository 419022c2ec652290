package io.github.rlhf4j.core.model;

import io.github.rlhf4j.core.kernels.Kernels;
import io.github.rlhf4j.core.tensor.CompactMatrix;
import io.github.rlhf4j.core.tensor.NativeMemory;
import io.github.rlhf4j.core.tensor.Tensor;
import java.util.Optional;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** A linear layer, {@code y = x W^T + b}, and what an {@link Adapter} adds to it. */
public final class Linear implements Projection {
    private final Kernels kernels;
    private final LayerParameter weight; // (outputs, inputs)
    private final @Nullable LayerParameter bias; // (1, outputs)
    private final int from; // the first output
    private final int to;
    private final @Nullable Linear whole; // of which this is a part
    private @Nullable LinearAdapter adapter; // of the whole

    Linear(Kernels kernels, LayerParameter weight, @Nullable LayerParameter bias) {
        this(kernels, weight, bias, 0, weight.own().forProducts().matrix().rows(), null);
    }

    private Linear(
            Kernels kernels,
            LayerParameter weight,
            @Nullable LayerParameter bias,
            int from,
            int to,
            @Nullable Linear whole) {
        this.whole = whole;
        this.kernels = kernels;
        this.weight = weight;
        this.bias = bias;
        this.from = from;
        this.to = to;
    }

    static Linear of(Kernels kernels, LayerParameters parameters, String key) {
        String biasKey = key + ParameterLayout.BIAS;
        return new Linear(kernels, parameters.of(key), parameters.has(biasKey) ? parameters.of(biasKey) : null);
    }

    /** The outputs {@code first .. end - 1} of this layer as a layer: the same rows of the same weight. */
    Linear outputs(int first, int end) {
        return new Linear(kernels, weight, bias, from + first, from + end, whole == null ? this : whole);
    }

    /** The key of the weight in {@link ParameterLayout}. */
    String key() {
        return weight.own().matrix().key();
    }

    /** Adds low-rank terms from now on, here and in parts of this layer; null for none. */
    void use(@Nullable LinearAdapter terms) {
        adapter = terms;
    }

    /** Says which rows of the batch the next calls compute with; null for all. The dropout of an adapter asks. */
    void rowsAre(int @Nullable [] rows) {
        LinearAdapter terms = adapter();
        if (terms != null) {
            terms.rowsAre(rows);
        }
    }

    /** Whether anyone asks for {@link #rowsAre}. */
    boolean needsRows() {
        LinearAdapter terms = adapter();
        return terms != null && terms.needsRows();
    }

    private @Nullable LinearAdapter adapter() {
        return whole == null ? adapter : whole.adapter;
    }

    private @Nullable LinearAdapter termsThatCount() {
        LinearAdapter terms = adapter();
        return terms != null && terms.isOn() ? terms : null;
    }

    private boolean isWhole() {
        return to - from == weight.own().matrix().rows();
    }

    /** This layer's columns of something that has one for each row of the weight. */
    private Tensor columns(Tensor of) {
        return isWhole() ? of : of.columns(from, to);
    }

    /** Number of outputs. */
    public int outputs() {
        return to - from;
    }

    /** Number of inputs. */
    public int inputs() {
        return weight.own().matrix().columns();
    }

    private @Nullable CompactMatrix compact() {
        CompactMatrix compact = weight.now().compact();
        return compact == null || isWhole() ? compact : compact.rows(from, to);
    }

    /**
     * W, (outputs, inputs).
     *
     * @throws IllegalStateException where it is held in fewer bits
     */
    public Tensor weight() {
        return isWhole() ? weight.now().value() : weight.now().value().rows(from, to);
    }

    /** b, (1, outputs). */
    public Optional<Tensor> bias() {
        return Optional.ofNullable(bias).map(of -> of.now().value()).map(this::columns);
    }

    @Override
    public void forward(Tensor out, Tensor x) {
        forward(out, x, 0);
    }

    @Override
    public void forwardAdding(Tensor out, Tensor x) {
        forward(out, x, 1);
    }

    private void forward(Tensor out, Tensor x, double beta) {
        LinearAdapter terms = adapter();
        if (terms != null && terms.isScaled(from, to)) {
            forwardScaled(terms, out, x, beta != 0);
            return;
        }
        multiply(out, x, beta);
        if (bias != null) {
            kernels.addRow(out, columns(bias.now().value()));
        }
        if (terms != null) {
            terms.forward(out, x, from, to);
        }
    }

    private void multiply(Tensor out, Tensor x, double beta) {
        Tensor transpose = weight.now().transpose();
        if (transpose == null) {
            whole().multiply(out, x, from, to, beta);
        } else {
            kernels.matmul(out, x, false, columns(transpose), false, 1, beta);
        }
    }

    private void forwardScaled(LinearAdapter terms, Tensor out, Tensor x, boolean add) {
        Tensor own = add ? terms.sum(out.rows(), out.columns()) : out;
        multiply(own, x, 0);
        terms.forwardScaled(own, x, from, to, whole());
        if (add) {
            kernels.addScaled(out, own, 1);
        }
        if (bias != null) {
            kernels.addRow(out, columns(bias.now().value()));
        }
    }

    /** W of the layer that this is a part of. */
    private WeightRows whole() {
        return new WeightRows(kernels, weight.now());
    }

    /** {@code dX = dOut W}. */
    void backwardInput(Tensor dX, Tensor dOut) {
        LinearAdapter terms = adapter();
        if (terms != null && terms.isScaled(from, to)) {
            terms.backwardInputScaled(dX, dOut, from, to, whole());
            return;
        }
        whole().multiplyBackward(dX, dOut, from, to);
        if (terms != null) {
            terms.backwardInput(dX, dOut, from, to);
        }
    }

    /** Adds the gradients of weight, bias and adapter, where they are trainable. */
    void backwardWeight(Tensor dOut, Tensor x) {
        weight.now().addGradient(kernels, from, dOut, x);
        Tensor dBias = bias == null ? null : bias.now().gradient(kernels).orElse(null);
        if (dBias != null) {
            kernels.addColumnSums(columns(dBias), dOut);
        }
        LinearAdapter terms = adapter();
        if (terms == null || !terms.trainable()) {
            return;
        }
        if (terms.isScaled(from, to)) {
            terms.backwardWeightScaled(dOut, x, from, to, whole());
        } else {
            terms.backwardWeight(dOut, x, from, to);
        }
    }

    boolean trainable() {
        LinearAdapter terms = adapter();
        return weight.now().trainable()
                || (bias != null && bias.now().trainable())
                || (terms != null && terms.trainable());
    }

    /** A number that changes with what {@link #withMergedWeight} gives. */
    long fingerprint() {
        long print = weight.now().isKept() ? 0 : kernels.fingerprint(weight());
        LinearAdapter terms = adapter();
        return terms == null ? print : 31 * print + terms.fingerprint();
    }

    /** Gives W with the adapter's terms added, (outputs, inputs), to be read during the call. The layer must be whole. */
    void withMergedWeight(Consumer<Tensor> use) {
        LinearAdapter terms = termsThatCount();
        CompactMatrix compact = compact();
        if (compact == null && terms == null) {
            use.accept(weight());
            return;
        }
        try (NativeMemory memory = new NativeMemory(1 << 16)) {
            Tensor merged = memory.allocateUninitialized(kernels.type(), outputs(), inputs());
            if (compact == null) {
                kernels.copy(merged, weight());
            } else {
                kernels.expand(merged, compact);
            }
            if (terms != null) {
                terms.mergeInto(merged);
            }
            use.accept(merged);
        }
    }

    /** Puts W with the adapter's terms added into panels for {@link Kernels#multiplyPacked}. The layer must be whole. */
    void pack(Tensor panels) {
        CompactMatrix compact = compact();
        if (compact == null || termsThatCount() != null) {
            withMergedWeight(merged -> kernels.pack(panels, merged));
            return;
        }
        CompactPieces.forEach(
                compact,
                kernels,
                (first, piece) -> kernels.pack(
                        panels.rows(first / Kernels.PANEL, first / Kernels.PANEL + Kernels.panels(piece.rows())),
                        piece));
    }

    /** Completes a fresh adapter, which may begin with what W is. */
    void beginAdapter() {
        LinearAdapter terms = adapter();
        if (terms != null) {
            terms.begin(whole());
        }
    }

    /** Adds the adapter's terms to W. */
    void merge() {
        LinearAdapter terms = adapter();
        if (terms != null) {
            terms.mergeInto(weight());
        }
    }
}
