package io.github.rlhf4j.core.optim;

import io.github.rlhf4j.core.kernels.Kernels;
import io.github.rlhf4j.core.model.Parameter;
import io.github.rlhf4j.core.model.ParameterStorage;
import io.github.rlhf4j.core.model.ParameterStore;
import io.github.rlhf4j.core.tensor.NativeMemory;
import io.github.rlhf4j.core.tensor.Tensor;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.ToDoubleFunction;
import org.jspecify.annotations.Nullable;

/**
 * AdamW in PyTorch's form over the trainable parameters of a store (Loshchilov and Hutter 2019, arXiv:1711.05101).
 *
 * <p>Owns the native memory of its moments, two tensors as large as the trainable weights, until {@link #close}. Enable the store's gradients before, and not again after.
 */
public final class AdamW implements AutoCloseable {
    private final Kernels kernels;
    private AdamWSettings settings;
    private final NativeMemory memory = new NativeMemory(1 << 16);
    private final List<Slot> slots = new ArrayList<>();
    private @Nullable ToDoubleFunction<Parameter> rateFactors;
    private long steps;

    private record Slot(ParameterStorage storage, Tensor firstMoment, Tensor secondMoment) {}

    public AdamW(ParameterStore parameters, AdamWSettings settings, Kernels kernels) {
        this.kernels = kernels;
        this.settings = settings;
        for (ParameterStorage storage : parameters.storages()) {
            storage.gradient().ifPresent(gradient -> slots.add(slot(storage, gradient.columns())));
        }
        if (slots.isEmpty()) {
            throw new IllegalArgumentException("the model has no trainable parameters");
        }
    }

    private Slot slot(ParameterStorage storage, int elements) {
        return new Slot(
                storage, memory.allocate(kernels.type(), 1, elements), memory.allocate(kernels.type(), 1, elements));
    }

    /**
     * Gives each parameter a learning rate of its own, from the next step on: the step's times its factor. What it decays in a step is not multiplied.
     *
     * @param factors > 0
     */
    public void useRateFactors(ToDoubleFunction<Parameter> factors) {
        rateFactors = factors;
    }

    /** Uses other constants from the next step on. */
    public void use(AdamWSettings others) {
        settings = others;
    }

    /**
     * One update of all trainable weights; does not change the gradients.
     *
     * @param rate learning rate of this step
     * @param gradientScale multiplies the gradients, e.g. the factor of {@link GradientClipping}
     */
    public void step(double rate, double gradientScale) {
        steps++;
        for (Slot slot : slots) {
            Tensor gradient = slot.storage().gradient().orElseThrow();
            if (rateFactors == null) {
                kernels.adamW(
                        slot.storage().value(),
                        gradient,
                        slot.firstMoment(),
                        slot.secondMoment(),
                        update(slot, rate, 1, gradientScale));
            } else {
                stepEach(slot, gradient, rateFactors, rate, gradientScale);
            }
        }
    }

    private void stepEach(
            Slot slot, Tensor gradient, ToDoubleFunction<Parameter> factors, double rate, double gradientScale) {
        for (Parameter parameter : slot.storage().parameters()) {
            kernels.adamW(
                    flat(parameter.value()),
                    flat(parameter.in(slot.storage(), gradient)),
                    flat(parameter.in(slot.storage(), slot.firstMoment())),
                    flat(parameter.in(slot.storage(), slot.secondMoment())),
                    update(slot, rate, factors.applyAsDouble(parameter), gradientScale));
        }
    }

    private static Tensor flat(Tensor tensor) {
        return tensor.reshape(1, tensor.rows() * tensor.columns());
    }

    private Kernels.AdamWStep update(Slot slot, double rate, double factor, double gradientScale) {
        double decay = slot.storage().decays() ? settings.weightDecay() / factor : 0;
        return new Kernels.AdamWStep(
                steps, rate * factor, settings.beta1(), settings.beta2(), settings.epsilon(), decay, gradientScale);
    }

    /** Updates made so far. */
    public long steps() {
        return steps;
    }

    /** Sets the number of updates, when a checkpoint is read. */
    public void setSteps(long newSteps) {
        steps = newSteps;
    }

    /** The means of the gradients by parameter, views that are read and written by checkpoints; in the store's order of storages. */
    public Map<String, Tensor> firstMoments() {
        Map<String, Tensor> views = new LinkedHashMap<>();
        for (Slot slot : slots) {
            for (Parameter parameter : slot.storage().parameters()) {
                views.put(parameter.name(), parameter.in(slot.storage(), slot.firstMoment()));
            }
        }
        return views;
    }

    /** The means of the gradients' squares by parameter. */
    public Map<String, Tensor> secondMoments() {
        Map<String, Tensor> views = new LinkedHashMap<>();
        for (Slot slot : slots) {
            for (Parameter parameter : slot.storage().parameters()) {
                views.put(parameter.name(), parameter.in(slot.storage(), slot.secondMoment()));
            }
        }
        return views;
    }

    /** Native bytes held. */
    public long bytes() {
        return memory.bytes();
    }

    @Override
    public void close() {
        memory.close();
    }
}
