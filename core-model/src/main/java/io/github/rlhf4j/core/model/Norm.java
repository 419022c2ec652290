package io.github.rlhf4j.core.model;

import io.github.rlhf4j.core.kernels.Kernels;
import io.github.rlhf4j.core.tensor.Tensor;

/** The norm of rows. */
interface Norm {
    /** The norm of a key of {@link ParameterLayout}. */
    static Norm of(ModelConfig config, LayerParameters parameters, Kernels kernels, String key) {
        double epsilon = config.norm().epsilon();
        return switch (config.norm().kind()) {
            case RMS -> new RmsNorm(kernels, parameters.of(key), epsilon);
            case LAYER ->
                new LayerNorm(kernels, parameters.of(key), parameters.of(key + ParameterLayout.BIAS), epsilon);
        };
    }

    /** The weight, (1, C). */
    Tensor weight();

    /**
     * Norms each row.
     *
     * @param statistics (N, {@link NormConfig#statistics}), receives what the backward pass needs
     */
    void forward(Tensor out, Tensor statistics, Tensor x);

    /** Adds the gradient into {@code dX} and, where they are trainable, into the weights'. */
    void backwardAdding(Tensor dX, Tensor dOut, Tensor x, Tensor statistics);

    boolean trainable();
}
