package io.github.rlhf4j.cli.bench;

import io.github.rlhf4j.core.kernels.Kernels;
import io.github.rlhf4j.core.tensor.NativeMemory;
import io.github.rlhf4j.core.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;

/** The product by which {@link MachineRates} tells the machine's rate, as a probe now and then of what the machine gives while something else is measured. */
final class SgemmProbe implements AutoCloseable {
    private static final int SIDE = 2048;
    /** Of one product. */
    static final double FLOPS = 2.0 * SIDE * SIDE * SIDE;

    private static final double PAUSE = 0.5; // seconds

    private final Kernels kernels;
    private final NativeMemory memory = new NativeMemory();
    private final Tensor x;
    private final Tensor weight;
    private final Tensor out;
    private final List<Double> seconds = new ArrayList<>();
    private long last = System.nanoTime();

    SgemmProbe(Kernels kernels) {
        this.kernels = kernels;
        x = memory.allocate(kernels.type(), SIDE, SIDE);
        weight = memory.allocate(kernels.type(), SIDE, SIDE);
        out = memory.allocate(kernels.type(), SIDE, SIDE);
    }

    /** One product, unless the last one was just now. */
    void sample() {
        if ((System.nanoTime() - last) / 1e9 > PAUSE) {
            run();
        }
    }

    /** One product. */
    void run() {
        long start = System.nanoTime();
        kernels.matmul(out, x, false, weight, true, 1, 0);
        last = System.nanoTime();
        seconds.add((last - start) / 1e9);
    }

    /** Operations a second of the median product; one is run where there was none. */
    double flops() {
        if (seconds.isEmpty()) {
            run();
        }
        return FLOPS / Measurement.median(seconds);
    }

    @Override
    public void close() {
        memory.close();
    }
}
