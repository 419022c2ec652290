package io.github.rlhf4j.core.model;

import io.github.rlhf4j.core.tensor.CompactMatrix;
import io.github.rlhf4j.core.tensor.Tensor;
import java.util.Optional;

/** A weight of the model under Hugging Face's name: a view into the matrix that the engine multiplies. The memory is the {@link ParameterStore}'s. */
public final class Parameter {
    private final ParameterLayout.Part part;
    private final FusedParameter owner;
    private final int from;
    private final int to;

    Parameter(ParameterLayout.Part part, FusedParameter owner, int from, int to) {
        this.part = part;
        this.owner = owner;
        this.from = from;
        this.to = to;
    }

    /** Hugging Face's name, e.g. {@code model.layers.0.self_attn.q_proj.weight}. */
    public String name() {
        return part.name();
    }

    /**
     * The weight: (outputs, inputs), or one row for a norm or a bias.
     *
     * @throws IllegalStateException where it is held in fewer bits
     */
    public Tensor value() {
        return view(owner.value());
    }

    /** The weight where it is frozen and held in fewer bits. */
    Optional<CompactMatrix> compact() {
        return Optional.ofNullable(owner.compact()).map(matrix -> matrix.rows(from, to));
    }

    /** Number of weights. */
    public long size() {
        return owner.isVector()
                ? to - from
                : (long) (to - from) * owner.matrix().columns();
    }

    FusedParameter owner() {
        return owner;
    }

    int firstRow() {
        return from;
    }

    /** Its gradient, empty where it is frozen or gradients are not enabled. */
    public Optional<Tensor> gradient() {
        return owner.gradient().map(this::view);
    }

    void settleGradient() {
        owner.settleGradient();
    }

    /** Whether it has a gradient. */
    public boolean trainable() {
        return owner.trainable();
    }

    /** Whether weight decay applies: not to biases and norms. */
    public boolean decays() {
        return owner.decays();
    }

    /** Shape as Hugging Face's files have it: one dimension for norms and biases; (inputs, outputs) where the family stores it so. */
    public long[] shape() {
        return owner.matrix().shape(part);
    }

    /** Whether files hold the transpose of {@link #value}. */
    boolean isTransposed() {
        return owner.matrix().transposed();
    }

    ParameterLayout.Part layout() {
        return part;
    }

    /** The same elements of another tensor laid out as the parameter's storage, e.g. of an optimiser's moments. */
    public Tensor in(ParameterStorage storage, Tensor flat) {
        return view(owner.matrixIn(storage, flat));
    }

    /** This part of a matrix like its owner's. */
    Tensor view(Tensor matrix) {
        return owner.isVector() ? matrix.columns(from, to) : matrix.rows(from, to);
    }

    @Override
    public String toString() {
        return part.name();
    }
}
