package io.github.rlhf4j.core.kernels.cpu;

import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/** Kernels on each library that multiplies matrices, whichever of them suits this processor. */
public final class CpuKernelsByLibrary {
    private CpuKernelsByLibrary() {}

    /** Two lists, OpenBLAS's and oneDNN's: kernels of 1 to {@code mostThreads} threads. */
    public static List<List<CpuKernels>> of(int mostThreads) {
        return Stream.of(new OpenBlas(), new OneDnn())
                .map(library -> IntStream.rangeClosed(1, mostThreads)
                        .mapToObj(threads -> new CpuKernels(threads, library))
                        .toList())
                .toList();
    }
}
