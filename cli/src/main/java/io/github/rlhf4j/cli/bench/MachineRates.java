package io.github.rlhf4j.cli.bench;

import io.github.rlhf4j.core.kernels.Kernels;
import io.github.rlhf4j.core.tensor.NativeMemory;
import io.github.rlhf4j.core.tensor.Tensor;
import java.util.Locale;

/**
 * What the machine gives at best.
 *
 * @param flops a second, of a product of 2048 x 2048 matrices
 * @param bytes a second, of reading 256 MiB
 */
public record MachineRates(double flops, double bytes) {
    private static final int ELEMENTS = 1 << 26;
    private static final double SECONDS = 1;

    /** Measures for about two seconds. */
    public static MachineRates measure(Kernels kernels) {
        double flops;
        try (SgemmProbe probe = new SgemmProbe(kernels)) {
            flops = SgemmProbe.FLOPS / best(probe::run);
        }
        try (NativeMemory memory = new NativeMemory()) {
            Tensor x = memory.allocate(kernels.type(), 1, ELEMENTS);
            return new MachineRates(flops, (double) x.size() * x.type().bytes() / best(() -> kernels.sumOfSquares(x)));
        }
    }

    /** The better of two measurements. */
    MachineRates or(MachineRates other) {
        return new MachineRates(Math.max(flops, other.flops), Math.max(bytes, other.bytes));
    }

    /** A line. */
    public String text() {
        return String.format(Locale.ROOT, "sgemm: %.1f GFLOP/s; reading memory: %.1f GB/s", flops / 1e9, bytes / 1e9);
    }

    /** Seconds of the fastest of the runs that fit in a second, at least three. */
    private static double best(Runnable work) {
        long begin = System.nanoTime();
        double best = Double.MAX_VALUE;
        for (int run = 0; run < 3 || (System.nanoTime() - begin) / 1e9 < SECONDS; run++) {
            long start = System.nanoTime();
            work.run();
            best = Math.min(best, (System.nanoTime() - start) / 1e9);
        }
        return best;
    }
}
