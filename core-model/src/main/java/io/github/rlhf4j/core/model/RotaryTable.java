package io.github.rlhf4j.core.model;

import io.github.rlhf4j.core.tensor.DataType;
import io.github.rlhf4j.core.tensor.NativeMemory;
import io.github.rlhf4j.core.tensor.Tensor;

/** Cosines and sines of the rotary positions. */
public final class RotaryTable {
    private final Tensor cosines; // (positions, D / 2)
    private final Tensor sines; // (positions, D / 2)

    RotaryTable(ModelConfig config, DataType type, NativeMemory memory) {
        int half = config.headDim() / 2;
        cosines = memory.allocate(type, config.maxPositions(), half);
        sines = memory.allocate(type, config.maxPositions(), half);
        for (int j = 0; j < half; j++) {
            // As transformers: frequencies and angles in single precision.
            float exponent = (float) (2 * j) / config.headDim();
            float frequency = (float) config.rotaryScaling().scale((float)
                    (1.0 / (float) Math.pow((float) config.ropeTheta(), exponent)));
            for (int position = 0; position < config.maxPositions(); position++) {
                double angle = position * frequency;
                cosines.set(position, j, Math.cos(angle));
                sines.set(position, j, Math.sin(angle));
            }
        }
    }

    /** (positions, D / 2). */
    public Tensor cosines() {
        return cosines;
    }

    /** (positions, D / 2). */
    public Tensor sines() {
        return sines;
    }
}
