package io.github.rlhf4j.core.model;

import io.github.rlhf4j.core.CounterRandom;
import io.github.rlhf4j.core.kernels.Kernels;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The low-rank terms on the layers of a model ({@link LoraConfig}), and copies of modules that are trained as a whole: all that is trained where a model has them. Owns the memory of A, B, the copies and their gradients until {@link #close}.
 *
 * <p>Off, the model computes what it does without them, to the bit.
 */
public final class Adapter implements AutoCloseable {
    private final LoraConfig config;
    private final Kernels kernels;
    private final AdapterLayout layout;
    private final ParameterStore parameters;
    private final @Nullable ParameterStore origins; // B0 and A0, which B A began as, as parts of the weights
    private final boolean ownsParameters;
    private final Map<String, LinearAdapter> linears = new HashMap<>(); // by the key of the layer's weight
    private final Map<String, FusedParameter> copies = new LinkedHashMap<>(); // by the key of the model's matrix
    private final AdapterScratch scratch;
    private @Nullable DropoutMask dropout; // of the pass
    private boolean keeps;
    private long pass;
    private boolean on = true;

    Adapter(LoraConfig config, AdapterLayout layout, Kernels kernels) {
        this(
                config,
                layout,
                kernels,
                new ParameterStore(layout.parameters(), kernels),
                config.variant().init().isPartOfTheWeight() ? new ParameterStore(layout.lowRank(), kernels) : null,
                true);
    }

    private Adapter(
            LoraConfig config,
            AdapterLayout layout,
            Kernels kernels,
            ParameterStore parameters,
            @Nullable ParameterStore origins,
            boolean ownsParameters) {
        this.config = config;
        this.kernels = kernels;
        this.layout = layout;
        this.parameters = parameters;
        this.origins = origins;
        this.ownsParameters = ownsParameters;
        scratch = new AdapterScratch(kernels.type(), layout);
        layout.modules().forEach((key, modules) -> {
            LowRank origin = origins == null ? null : LowRank.of(origins, key, modules);
            linears.put(key, new LinearAdapter(this, kernels, LowRank.of(parameters, key, modules), origin));
        });
        layout.copies().forEach((key, own) -> copies.put(key, parameters.matrix(own)));
    }

    /** Draws A as peft does, and makes B zero; or takes both from the weights, as the copies are. */
    void draw(ModelConfig model, ParameterStore weights, CounterRandom random) {
        WeightInitializer.draw(parameters, model, random);
        beginAsParts(weights);
        beginCopies(weights);
    }

    /** Makes the copies what the model's own matrices are. */
    void beginCopies(ParameterStore weights) {
        copies.forEach((key, copy) -> weights.matrix(key).copyTo(copy.value()));
    }

    /** Takes A and B from the weights, where the config says so. */
    void beginAsParts(ParameterStore weights) {
        if (origins != null) {
            new PartsOfWeights(config, kernels).begin(layout, weights, parameters, origins);
        }
    }

    /** Takes the weights of an adapter that has a part of this one's. */
    void takeFrom(Adapter less) {
        for (FusedParameter fused : less.parameters.fused()) {
            parameters.matrix(fused.matrix().key()).copyFrom(fused);
        }
        if (origins != null && less.origins != null) {
            origins.copyFrom(less.origins);
        }
        weightsHaveChanged();
    }

    /** Takes the weights of an adapter of the same layout. */
    void copyFrom(Adapter other) {
        parameters.copyFrom(other.parameters);
        if (origins != null && other.origins != null) {
            origins.copyFrom(other.origins);
        }
        weightsHaveChanged();
    }

    /** A and B were written from elsewhere. */
    void weightsHaveChanged() {
        linears.values().forEach(LinearAdapter::weightHasChanged);
    }

    /** B0 and A0, where B A began as a part of the weights. */
    Optional<ParameterStore> origins() {
        return Optional.ofNullable(origins);
    }

    /** The same A and B for the same model on other kernels; to be closed before this one. */
    Adapter on(Kernels others) {
        return new Adapter(config, layout, others, parameters, origins, false).turned(on);
    }

    /** The same A and B on other kernels, with gradients of their own; to be closed before this one. */
    Adapter replica(Kernels others) {
        ParameterStore same = origins == null ? null : origins.sharing(others);
        return new Adapter(config, layout, others, parameters.sharing(others), same, true).turned(on);
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

    /**
     * To be called when a forward pass begins.
     *
     * @param mask null for none
     * @param forBackward whether a backward pass may follow
     */
    void begin(@Nullable DropoutMask mask, boolean forBackward) {
        dropout = mask != null && mask.hasAdapter() ? mask : null;
        keeps = forBackward;
        pass++;
        scratch.forgetDLow();
    }

    /** The dropout of this pass; null for none. */
    @Nullable
    DropoutMask dropout() {
        return dropout;
    }

    /** Whether the backward pass will read what the forward pass computes. */
    boolean keeps() {
        return keeps;
    }

    /** The number of this pass. */
    long pass() {
        return pass;
    }

    AdapterScratch scratch() {
        return scratch;
    }

    /** Native bytes of what passes through it. */
    long activationBytes() {
        return scratch.bytes()
                + linears.values().stream()
                        .mapToLong(LinearAdapter::activationBytes)
                        .sum();
    }

    @Override
    public void close() {
        scratch.close();
        linears.values().forEach(LinearAdapter::close);
        if (ownsParameters) {
            parameters.close();
            if (origins != null) {
                origins.close();
            }
        }
    }
}
