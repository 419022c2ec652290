package io.github.rlhf4j.pipeline.cli;

import io.github.rlhf4j.core.UserError;
import io.github.rlhf4j.core.kernels.CpuKernels;
import io.github.rlhf4j.core.kernels.Kernels;
import io.github.rlhf4j.core.kernels.Nd4jKernels;
import io.github.rlhf4j.core.tensor.DataType;
import io.github.rlhf4j.core.train.Console;
import java.util.Objects;

/** Chooses the kernels. */
final class Arithmetic {
    private static final String VARIABLE = "RLHF4J_KERNELS";

    private Arithmetic() {}

    /**
     * The fast kernels where this JVM has the Vector API, else ND4J's with a line that says so; the environment variable RLHF4J_KERNELS chooses {@code cpu} or {@code nd4j}.
     *
     * @param threads 0 for all processors; results do not depend on it
     */
    static Kernels kernels(int threads, Console console) {
        String wanted = Objects.requireNonNullElse(System.getenv(VARIABLE), "cpu");
        if (!wanted.equals("cpu") && !wanted.equals("nd4j")) {
            throw new UserError(VARIABLE + " must be cpu or nd4j, but is " + wanted);
        }
        if (wanted.equals("nd4j")) {
            return new Nd4jKernels(DataType.FLOAT);
        }
        if (!CpuKernels.isAvailable()) {
            console.warning(
                    "this JVM has no jdk.incubator.vector module, so ND4J's operations serve, which are many times slower;"
                            + " start with ./rlhf4j, or add --add-modules jdk.incubator.vector");
            return new Nd4jKernels(DataType.FLOAT);
        }
        return threads > 0 ? new CpuKernels(threads) : new CpuKernels();
    }
}
