package io.github.rlhf4j.pipeline.cli;

import io.github.rlhf4j.core.kernels.CpuKernels;
import io.github.rlhf4j.core.kernels.Kernels;
import io.github.rlhf4j.core.kernels.PlainKernels;
import io.github.rlhf4j.core.tensor.DataType;
import io.github.rlhf4j.core.train.Console;

/** Chooses the kernels. */
final class Arithmetic {
    private Arithmetic() {}

    /**
     * The fast kernels where this JVM has the Vector API, else the plain ones with a line that says so.
     *
     * @param threads 0 for all processors; results do not depend on it
     */
    static Kernels kernels(int threads, Console console) {
        if (!CpuKernels.isAvailable()) {
            console.warning(
                    "this JVM has no jdk.incubator.vector module, so the slow plain kernels serve; start with ./rlhf4j,"
                            + " or add --add-modules jdk.incubator.vector");
            return new PlainKernels(DataType.FLOAT);
        }
        return threads > 0 ? new CpuKernels(threads) : new CpuKernels();
    }
}
