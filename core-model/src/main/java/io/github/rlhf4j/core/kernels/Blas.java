package io.github.rlhf4j.core.kernels;

import static org.bytedeco.openblas.global.openblas_nolapack.blas_get_num_threads;
import static org.bytedeco.openblas.global.openblas_nolapack.blas_set_num_threads;

import io.github.rlhf4j.core.tensor.DataType;
import io.github.rlhf4j.core.tensor.NativeMemory;
import io.github.rlhf4j.core.tensor.Tensor;
import java.util.List;
import org.bytedeco.javacpp.Loader;
import org.bytedeco.javacpp.LongPointer;
import org.bytedeco.javacpp.Pointer;
import org.bytedeco.openblas.global.openblas_nolapack;

/** OpenBLAS as a whole: its threads, the kernel it chose for this processor, and whether that one computes what it should. */
final class Blas {
    private static final List<String> KERNELS = List.of(
            "SAPPHIRERAPIDS",
            "COOPERLAKE",
            "SKYLAKEX",
            "ZEN",
            "HASWELL",
            "SANDYBRIDGE",
            "EXCAVATOR",
            "STEAMROLLER",
            "PILEDRIVER",
            "BULLDOZER",
            "BARCELONA",
            "NEHALEM",
            "CORE2",
            "PRESCOTT",
            "NEOVERSEV1",
            "NEOVERSEN2",
            "NEOVERSEN1",
            "ARMV8SVE",
            "ARMV8");

    private static volatile boolean checked;

    private Blas() {}

    /** Makes OpenBLAS compute in the calling thread; ND4J, if it has been loaded since, may have changed that. */
    static void useOneThread() {
        if (blas_get_num_threads() != 1) {
            blas_set_num_threads(1);
        }
    }

    /** Compares products of every orientation with a plain loop, the first time it is called: old builds compute wrong results on new processors. */
    static void checkOnce(Kernels kernels) {
        if (checked) {
            return;
        }
        try (NativeMemory memory = new NativeMemory(1 << 18)) {
            for (boolean transA : new boolean[] {false, true}) {
                for (boolean transB : new boolean[] {false, true}) {
                    checkProduct(kernels, memory, transA, transB);
                }
            }
        }
        checked = true;
    }

    private static void checkProduct(Kernels kernels, NativeMemory memory, boolean transA, boolean transB) {
        Tensor a = transA ? filled(memory, 83, 67, 1) : filled(memory, 67, 83, 1);
        Tensor b = transB ? filled(memory, 101, 83, 2) : filled(memory, 83, 101, 2);
        Tensor out = memory.allocate(DataType.FLOAT, 67, 101);
        kernels.matmul(out, a, transA, b, transB, 1, 0);
        for (int i = 0; i < out.rows(); i++) {
            for (int j = 0; j < out.columns(); j++) {
                double expected = 0;
                for (int k = 0; k < 83; k++) {
                    expected += (transA ? a.get(k, i) : a.get(i, k)) * (transB ? b.get(j, k) : b.get(k, j));
                }
                checkElement(out.get(i, j), expected);
            }
        }
    }

    private static void checkElement(double actual, double expected) {
        if (!(Math.abs(actual - expected) < 1e-4)) {
            throw new IllegalStateException(
                    "OpenBLAS's kernel " + kernelName()
                            + " computes wrong products on this processor (" + actual + " instead of " + expected
                            + "); choose another one, e.g. RLHF4J_OPENBLAS_CORETYPE=Haswell (without ./rlhf4j: OPENBLAS_CORETYPE), or RLHF4J_KERNELS=nd4j");
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

    /** OpenBLAS's name of the chosen kernel. Its bindings lack the call that says so: the pointer to the chosen table is compared with every table. */
    static String kernelName() {
        Loader.load(openblas_nolapack.class);
        Pointer chosen = Loader.addressof("gotoblas");
        if (chosen == null || chosen.isNull()) {
            return "one kernel";
        }
        long table = new LongPointer(chosen).get();
        for (String name : KERNELS) {
            Pointer candidate = Loader.addressof("gotoblas_" + name);
            if (candidate != null && candidate.address() == table) {
                return name;
            }
        }
        return "unknown kernel";
    }
}
