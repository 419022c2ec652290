package io.github.rlhf4j.core.model;

import io.github.rlhf4j.core.tensor.Tensor;
import java.util.Optional;

/** A weight of the model under Hugging Face's name: a view into the matrix that the engine multiplies. The memory is the {@link ParameterStore}'s. */
public final class Parameter {
    private final String name;
    private final FusedParameter owner;
    private final int from;
    private final int to;

    Parameter(String name, FusedParameter owner, int from, int to) {
        this.name = name;
        this.owner = owner;
        this.from = from;
        this.to = to;
    }

    /** Hugging Face's name, e.g. {@code model.layers.0.self_attn.q_proj.weight}. */
    public String name() {
        return name;
    }

    /** The weight: (outputs, inputs), or one row for a norm or a bias. */
    public Tensor value() {
        return view(owner.value());
    }

    /** Its gradient, empty where it is frozen or gradients are not enabled. */
    public Optional<Tensor> gradient() {
        return owner.gradient().map(this::view);
    }

    /** Whether it has a gradient. */
    public boolean trainable() {
        return owner.gradient().isPresent();
    }

    /** Whether weight decay applies: not to biases and norms. */
    public boolean decays() {
        return owner.decays();
    }

    /** Shape as Hugging Face's files have it: one dimension for norms and biases. */
    public long[] shape() {
        Tensor value = value();
        return owner.isVector() ? new long[] {value.columns()} : new long[] {value.rows(), value.columns()};
    }

    /** The same elements of another tensor laid out as the parameter's storage, e.g. of an optimiser's moments. */
    public Tensor in(ParameterStorage storage, Tensor flat) {
        return view(owner.matrixIn(storage, flat));
    }

    private Tensor view(Tensor matrix) {
        return owner.isVector() ? matrix.columns(from, to) : matrix.rows(from, to);
    }

    @Override
    public String toString() {
        return name;
    }
}
