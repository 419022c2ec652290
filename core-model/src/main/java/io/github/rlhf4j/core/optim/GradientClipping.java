package io.github.rlhf4j.core.optim;

import io.github.rlhf4j.core.kernels.Kernels;
import io.github.rlhf4j.core.model.ParameterStorage;
import io.github.rlhf4j.core.model.ParameterStore;
import io.github.rlhf4j.core.tensor.Tensor;

/** Clipping by the L2 norm of all gradients together, as {@code torch.nn.utils.clip_grad_norm_}. */
public final class GradientClipping {
    private GradientClipping() {}

    /** The L2 norm of all gradients, summed in double in a fixed order; not finite where a gradient is not. */
    public static double norm(ParameterStore parameters, Kernels kernels) {
        double sum = 0;
        for (ParameterStorage storage : parameters.storages()) {
            Tensor gradient = storage.gradient().orElse(null);
            if (gradient != null) {
                sum += kernels.sumOfSquares(gradient);
            }
        }
        return Math.sqrt(sum);
    }

    /**
     * What the gradients are to be multiplied by: {@code maxNorm / (norm + 1e-6)}, at most 1.
     *
     * @param maxNorm 0: no clipping
     */
    public static double factor(double norm, double maxNorm) {
        return maxNorm <= 0 ? 1 : Math.min(1, maxNorm / (norm + 1e-6));
    }
}
