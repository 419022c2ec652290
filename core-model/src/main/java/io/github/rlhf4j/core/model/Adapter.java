package io.github.rlhf4j.core.model;

import io.github.rlhf4j.core.CounterRandom;
import io.github.rlhf4j.core.kernels.Kernels;
import io.github.rlhf4j.core.tensor.Tensor;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The low-rank terms on the layers of a model ({@link LoraConfig}), and copies of modules that are trained as a whole: all that is trained where a model has them. Owns the memory of A, B, the copies and their gradients until {@link #close}.
 *
 * <p>Off, the model computes what it does without them, to the bit.
 */
public final class Adapter implements AutoCloseable {
    private final LoraConfig config;
    private final AdapterLayout layout;
    private final ParameterStore parameters;
    private final boolean ownsParameters;
    private final Map<String, LinearAdapter> linears = new HashMap<>(); // by the key of the layer's weight
    private final Map<String, FusedParameter> copies = new LinkedHashMap<>(); // by the key of the model's matrix
    private final ActivationBuffer low; // (N, R): A x
    private final ActivationBuffer dLow; // (N, R)
    private boolean on = true;

    Adapter(LoraConfig config, AdapterLayout layout, Kernels kernels) {
        this(config, layout, kernels, new ParameterStore(layout.parameters(), kernels), true);
    }

    private Adapter(
            LoraConfig config,
            AdapterLayout layout,
            Kernels kernels,
            ParameterStore parameters,
            boolean ownsParameters) {
        this.config = config;
        this.layout = layout;
        this.parameters = parameters;
        this.ownsParameters = ownsParameters;
        low = new ActivationBuffer(kernels.type(), layout.widest());
        dLow = new ActivationBuffer(kernels.type(), layout.widest());
        layout.modules().forEach((key, modules) -> {
            List<LinearAdapter.Term> terms = modules.stream()
                    .map(module -> new LinearAdapter.Term(module, parameters.matrix(module.up())))
                    .toList();
            FusedParameter down = parameters.matrix(AdapterLayout.downKey(key));
            linears.put(key, new LinearAdapter(this, kernels, down, terms));
        });
        layout.copies().forEach((key, own) -> copies.put(key, parameters.matrix(own)));
    }

    /** Draws A as peft does, uniform within 1 / sqrt(inputs), and makes B zero. */
    void draw(ModelConfig model, CounterRandom random) {
        WeightInitializer.draw(parameters, model, random);
    }

    /** The same A and B for the same model on other kernels; to be closed before this one. */
    Adapter on(Kernels others) {
        return new Adapter(config, layout, others, parameters, false).turned(on);
    }

    /** The same A and B on other kernels, with gradients of their own; to be closed before this one. */
    Adapter replica(Kernels others) {
        return new Adapter(config, layout, others, parameters.sharing(others), true).turned(on);
    }

    /** What is on a layer. */
    @Nullable
    LinearAdapter of(Linear linear) {
        return linears.get(linear.key());
    }

    /** Its copies of whole matrices, by the key of the model's. */
    Map<String, FusedParameter> copies() {
        return copies;
    }

    /** Rank, scale and modules. */
    public LoraConfig config() {
        return config;
    }

    /** A and B under peft's names, such as {@code base_model.model.model.layers.0.self_attn.q_proj.lora_A.weight}. */
    public ParameterStore parameters() {
        return parameters;
    }

    AdapterLayout layout() {
        return layout;
    }

    double scale() {
        return config.scale();
    }

    /** Whether its terms count. */
    public boolean isOn() {
        return on;
    }

    Adapter turned(boolean newOn) {
        on = newOn;
        return this;
    }

    Tensor low(int rows, int ranks) {
        return low.rows(rows).columns(0, ranks);
    }

    Tensor dLow(int rows, int ranks) {
        return dLow.rows(rows).columns(0, ranks);
    }

    /** Native bytes of what passes through it. */
    long activationBytes() {
        return low.bytes() + dLow.bytes();
    }

    @Override
    public void close() {
        low.close();
        dLow.close();
        if (ownsParameters) {
            parameters.close();
        }
    }
}
