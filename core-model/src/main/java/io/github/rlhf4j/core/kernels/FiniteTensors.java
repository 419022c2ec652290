package io.github.rlhf4j.core.kernels;

import io.github.rlhf4j.core.tensor.Tensor;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/** Whether tensors hold numbers that can be computed with. */
public final class FiniteTensors {
    private FiniteTensors() {}

    /** The first of those that {@link #notFinite} gives. */
    public static Optional<String> firstNotFinite(Map<String, Tensor> tensors, Kernels kernels) {
        return notFinite(tensors, kernels).findFirst();
    }

    /** Those of {@code tensors}, in their order, that hold NaN, an infinity, or values so large that their squares are none that float32 has (beyond 1e19). */
    public static Stream<String> notFinite(Map<String, Tensor> tensors, Kernels kernels) {
        return tensors.entrySet().stream()
                .filter(tensor -> tensor.getValue().rows() > 0)
                .filter(tensor -> !Double.isFinite(kernels.sumOfSquares(tensor.getValue())))
                .map(Map.Entry::getKey);
    }
}
