package io.github.rlhf4j.core.kernels.cpu;

import io.github.rlhf4j.core.kernels.cpu.Elementwise.ChunkOperation;
import java.util.Arrays;

/** The element-wise operations of one or two operands, each an object made once and set before use. */
final class ScalarOperations {
    private float factor;
    private float rest;
    private final ChunkOperation addScaled = (x, y, third, fourth, n) -> VectorMath.addScaled(x, y, n, factor);
    private final ChunkOperation mix = (x, y, third, fourth, n) -> VectorMath.mix(x, y, n, factor, rest);
    private final ChunkOperation scale = (x, second, third, fourth, n) -> VectorMath.scale(x, n, factor);
    private final ChunkOperation copy = (x, y, third, fourth, n) -> System.arraycopy(y, 0, x, 0, n);
    private final ChunkOperation zero = (x, second, third, fourth, n) -> Arrays.fill(x, 0, n, 0);

    private final ChunkOperation gelu = (out, x, third, fourth, n) -> VectorMath.gelu(out, x, n);
    private final ChunkOperation geluBackward = (d, x, e, fourth, n) -> {
        VectorMath.expOfGelu(e, x, n);
        VectorMath.geluBackward(d, x, e, n);
    };

    ChunkOperation addScaled(double newFactor) {
        factor = (float) newFactor;
        return addScaled;
    }

    ChunkOperation mix(double keep) {
        factor = (float) keep;
        rest = (float) (1 - keep);
        return mix;
    }

    ChunkOperation scale(double newFactor) {
        factor = (float) newFactor;
        return scale;
    }

    ChunkOperation copy() {
        return copy;
    }

    ChunkOperation gelu() {
        return gelu;
    }

    ChunkOperation geluBackward() {
        return geluBackward;
    }

    ChunkOperation zero() {
        return zero;
    }
}
