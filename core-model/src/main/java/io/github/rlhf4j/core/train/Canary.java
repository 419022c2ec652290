package io.github.rlhf4j.core.train;

import io.github.rlhf4j.core.kernels.Kernels;
import io.github.rlhf4j.core.model.Parameter;
import io.github.rlhf4j.core.model.ParameterStore;
import io.github.rlhf4j.core.tensor.Tensor;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Watches for bits that flip. Weights and moments have fingerprints: those that an update left are compared right before the next one, so a flip between two updates is found at the next, and nothing is updated. Every so many steps the
 * gradient of the whole step is computed a second time: with the same weights and examples all its bits must be the same, as those of the log-probs it is made of.
 */
final class Canary {
    private final long every;
    private final Kernels kernels;
    private Map<String, Long> left = Map.of();

    /** @param every steps from one second computation to the next */
    Canary(long every, Kernels kernels) {
        this.every = every;
        this.kernels = kernels;
    }

    boolean isDue(long stepsDone) {
        return stepsDone % every == 0;
    }

    /** The gradients of all that has some. */
    static Map<String, Tensor> gradients(ParameterStore parameters) {
        Map<String, Tensor> gradients = new LinkedHashMap<>();
        for (Parameter parameter : parameters.all()) {
            parameter.gradient().ifPresent(gradient -> gradients.put(parameter.name(), gradient));
        }
        return gradients;
    }

    Map<String, Long> prints(Map<String, Tensor> tensors) {
        Map<String, Long> prints = new LinkedHashMap<>();
        tensors.forEach((name, tensor) -> prints.put(name, kernels.fingerprint(tensor)));
        return prints;
    }

    /** What an update left. */
    void remember(Map<String, Tensor> tensors) {
        left = prints(tensors);
    }

    /**
     * Compares.
     *
     * @param step the last one done
     */
    void check(long step, Map<String, Tensor> tensors) {
        if (left.isEmpty()) {
            remember(tensors);
            return;
        }
        prints(tensors).forEach((name, print) -> {
            if (!print.equals(left.get(name))) {
                throw new Corruption(name + " has changed since step " + step + ", though nothing has written to it");
            }
        });
    }

    /** @param step the one in progress */
    void compareGradients(long step, double loss, double again, Map<String, Long> first, Map<String, Long> second) {
        if (Double.doubleToLongBits(loss) != Double.doubleToLongBits(again)) {
            throw new Corruption("the loss of step " + step + ", computed twice, is " + loss + " and " + again);
        }
        first.forEach((name, print) -> {
            if (!print.equals(second.get(name))) {
                throw new Corruption(
                        "the gradient of " + name + " in step " + step + ", computed twice, has different bits");
            }
        });
    }
}
