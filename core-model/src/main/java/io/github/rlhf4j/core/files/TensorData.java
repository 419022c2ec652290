package io.github.rlhf4j.core.files;

import java.nio.FloatBuffer;
import java.util.function.Consumer;

/** A tensor's numbers in row-major order, handed over in pieces of any size, so that they need not exist at once. */
@FunctionalInterface
public interface TensorData {
    /** Calls the sink with successive pieces; each is used up (from position to limit) before the sink returns. */
    void writeTo(Consumer<FloatBuffer> sink);
}
