package io.github.rlhf4j.core.kernels.cpu;

import io.github.rlhf4j.core.UserError;
import io.github.rlhf4j.core.tensor.DataType;
import io.github.rlhf4j.core.tensor.NativeMemory;
import io.github.rlhf4j.core.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/** Which library multiplies matrices on this processor, and whether it computes what it should. */
final class Blas {
    /** OpenBLAS's kernels for AVX-512, where oneDNN's products in a training step are faster: by a quarter on an Intel Granite Rapids, by a fifth on an AMD Zen 4. */
    private static final Set<String> BEHIND = Set.of("SKYLAKEX", "SAPPHIRERAPIDS", "COOPERLAKE");

    private static final Set<String> CHECKED = ConcurrentHashMap.newKeySet();

    private Blas() {}

    /**
     * The faster library for this processor, or what {@code RLHF4J_BLAS} says.
     *
     * @throws UserError where that is neither of the two, or oneDNN, which cannot be used
     */
    static Sgemm choose() {
        String wanted = System.getenv("RLHF4J_BLAS");
        if (wanted == null || wanted.isBlank()) {
            return isBehind() && OneDnn.isUsable() ? new OneDnn() : new OpenBlas();
        }
        return switch (wanted) {
            case "openblas" -> new OpenBlas();
            case "onednn" -> {
                if (!OneDnn.isUsable()) {
                    throw new UserError(
                            "RLHF4J_BLAS is onednn, but it cannot be used: it needs its native library, 3.11.2 or newer, and an OpenMP that can be told to use one thread (OMP_NUM_THREADS=1 tells it)");
                }
                yield new OneDnn();
            }
            default -> throw new UserError("RLHF4J_BLAS is " + wanted + "; use openblas or onednn");
        };
    }

    /** Whether OpenBLAS's kernels for this processor are. A name set for the whole machine, which the launcher takes away, says nothing of the processor: there the width of its vectors does. */
    private static boolean isBehind() {
        return BEHIND.contains(OpenBlas.kernelName())
                || isCoreTypeOfTheMachine() && VectorMath.LANES * Float.SIZE == 512;
    }

    /** Whether OpenBLAS takes other kernels than it would choose, and nobody asked RLHF4J for that. */
    static boolean isCoreTypeOfTheMachine() {
        return System.getenv("OPENBLAS_CORETYPE") != null && System.getenv("RLHF4J_OPENBLAS_CORETYPE") == null;
    }

    /** What is worth saying of a choice, in whole sentences: what keeps a faster library or kernel away. */
    static List<String> warnings(Sgemm chosen) {
        List<String> warnings = new ArrayList<>();
        if (chosen instanceof OpenBlas && System.getenv("RLHF4J_BLAS") == null) {
            if (isCoreTypeOfTheMachine()) {
                warnings.add(
                        "OPENBLAS_CORETYPE=" + System.getenv("OPENBLAS_CORETYPE")
                                + " is set, so OpenBLAS may be slower than it could be on this processor: start Java without it.");
            }
            if (isBehind() && OneDnn.lacksOpenMpOnly()) {
                warnings.add(
                        "OMP_NUM_THREADS=1 is not set, so OpenBLAS multiplies matrices, not oneDNN, which is faster:"
                                + " start Java with it.");
            }
        }
        return warnings;
    }

    /** Compares products of every orientation with a plain loop, the first time it is called for a library: old builds compute wrong results on new processors. */
    static void checkOnce(Sgemm sgemm) {
        if (CHECKED.contains(sgemm.description())) {
            return;
        }
        try (NativeMemory memory = new NativeMemory(1 << 18);
                Workspace workspace = new Workspace()) {
            for (boolean transA : new boolean[] {false, true}) {
                for (boolean transB : new boolean[] {false, true}) {
                    checkProduct(sgemm, workspace, memory, transA, transB);
                }
            }
        }
        CHECKED.add(sgemm.description());
    }

    private static void checkProduct(
            Sgemm sgemm, Workspace workspace, NativeMemory memory, boolean transA, boolean transB) {
        Tensor a = transA ? filled(memory, 83, 67, 1) : filled(memory, 67, 83, 1);
        Tensor b = transB ? filled(memory, 101, 83, 2) : filled(memory, 83, 101, 2);
        Tensor out = memory.allocate(DataType.FLOAT, 67, 101);
        sgemm.useOneThread();
        sgemm.multiply(
                workspace,
                transA,
                transB,
                67,
                101,
                83,
                1,
                a.address(),
                a.columns(),
                b.address(),
                b.columns(),
                0,
                out.address(),
                101);
        for (int i = 0; i < out.rows(); i++) {
            for (int j = 0; j < out.columns(); j++) {
                double expected = 0;
                for (int k = 0; k < 83; k++) {
                    expected += (transA ? a.get(k, i) : a.get(i, k)) * (transB ? b.get(j, k) : b.get(k, j));
                }
                checkElement(sgemm, out.get(i, j), expected);
            }
        }
    }

    private static void checkElement(Sgemm sgemm, double actual, double expected) {
        if (!(Math.abs(actual - expected) < 1e-4)) {
            throw new IllegalStateException(
                    sgemm.description()
                            + " computes wrong products on this processor (" + actual + " instead of " + expected
                            + "); choose another library or kernel, e.g. RLHF4J_BLAS=openblas or RLHF4J_OPENBLAS_CORETYPE=Haswell (without ./rlhf4j: OPENBLAS_CORETYPE), or RLHF4J_KERNELS=nd4j");
        }
    }

    private static Tensor filled(NativeMemory memory, int rows, int columns, int seed) {
        Tensor tensor = memory.allocate(DataType.FLOAT, rows, columns);
        for (int i = 0; i < rows; i++) {
            for (int j = 0; j < columns; j++) {
                tensor.set(i, j, Math.sin(seed + 0.7 * i + 1.3 * j));
            }
        }
        return tensor;
    }
}
