package io.github.rlhf4j.core.kernels.cpu;

import java.util.Optional;
import org.bytedeco.javacpp.Loader;
import org.bytedeco.javacpp.Pointer;
import org.bytedeco.openblas.presets.openblas_nolapack;

/** OpenMP's own function that says how many threads a product of the calling thread may take. The launcher says it for the whole process, by the environment variable OMP_NUM_THREADS. */
final class OpenMp {
    private final Function setThreads;

    /** A native function that takes one int: JavaCPP has no class for one by its address alone, but the bindings of OpenBLAS have this. */
    private static final class Function extends openblas_nolapack.SetNumThreads {
        Function(Pointer address) {
            put(address);
        }
    }

    private OpenMp(Pointer address) {
        setThreads = new Function(address);
    }

    /** Of the libraries loaded so far; empty where none of them has it. */
    static Optional<OpenMp> loaded() {
        Pointer address = Loader.addressof("omp_set_num_threads");
        return address == null || address.isNull() ? Optional.empty() : Optional.of(new OpenMp(address));
    }

    /** Whether the environment says that every thread computes alone. */
    static boolean isAloneByEnvironment() {
        return "1".equals(System.getenv("OMP_NUM_THREADS"));
    }

    /** From now on the calling thread computes alone. Of no effect on other threads. */
    void useOneThread() {
        setThreads.call(1);
    }
}
