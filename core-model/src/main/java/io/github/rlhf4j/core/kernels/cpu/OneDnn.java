package io.github.rlhf4j.core.kernels.cpu;

import static org.bytedeco.dnnl.global.dnnl.dnnl_sgemm;
import static org.bytedeco.dnnl.global.dnnl.dnnl_success;
import static org.bytedeco.dnnl.global.dnnl.dnnl_version;

import org.bytedeco.dnnl.dnnl_version_t;
import org.bytedeco.dnnl.global.dnnl;
import org.bytedeco.javacpp.Loader;
import org.jspecify.annotations.Nullable;

/** oneDNN's products, whose kernels are made for the processor at hand. It would share out a product among OpenMP's threads; each thread that multiplies tells OpenMP that it computes alone. */
final class OneDnn implements Sgemm {
    private static final byte PLAIN = 'N';
    private static final byte TRANSPOSED = 'T';

    private final @Nullable OpenMp openMp;

    /** @throws IllegalStateException where it is not {@link #isUsable} */
    OneDnn() {
        Loader.load(dnnl.class);
        openMp = OpenMp.isAloneByEnvironment()
                ? null
                : OpenMp.loaded().orElseThrow(() -> new IllegalStateException("oneDNN needs OMP_NUM_THREADS=1"));
    }

    /** Whether it is here, in a version to trust, and can be told to compute in the calling thread alone. */
    static boolean isUsable() {
        return isLoadable() && isSafeUnderSignals() && canComputeAlone();
    }

    /** Whether it would be usable if the environment said that every thread computes alone. */
    static boolean lacksOpenMpOnly() {
        return isLoadable() && isSafeUnderSignals() && !canComputeAlone();
    }

    private static boolean canComputeAlone() {
        return OpenMp.isAloneByEnvironment() || OpenMp.loaded().isPresent();
    }

    private static boolean isLoadable() {
        try {
            Loader.load(dnnl.class);
            return true;
        } catch (LinkageError e) {
            return false;
        }
    }

    /** Before 3.11.2 its kernels pointed the stack register into the heap, which a signal then overwrote, for example a profiler's (uxlfoundation/oneDNN issue 4845). */
    private static boolean isSafeUnderSignals() {
        dnnl_version_t version = dnnl_version();
        return 1_000_000 * version.major() + 1_000 * version.minor() + version.patch() >= 3_011_002;
    }

    @Override
    public String description() {
        return "oneDNN";
    }

    /** Nothing to be done ahead: OpenMP counts by thread, so {@link #multiply} says it in each that multiplies. */
    @Override
    public void useOneThread() {}

    /** In the calling thread, whose workspace it is. */
    void useOneThread(Workspace workspace) {
        if (openMp != null && workspace.alone != Thread.currentThread()) {
            openMp.useOneThread();
            workspace.alone = Thread.currentThread();
        }
    }

    @Override
    public boolean isSlowWithoutTransposes() {
        return false;
    }

    @Override
    public void multiply(
            Workspace workspace,
            boolean transposeA,
            boolean transposeB,
            int rows,
            int columns,
            int depth,
            float alpha,
            long a,
            int strideOfA,
            long b,
            int strideOfB,
            float beta,
            long c,
            int strideOfC) {
        useOneThread(workspace);
        int status = dnnl_sgemm(
                transposeA ? TRANSPOSED : PLAIN,
                transposeB ? TRANSPOSED : PLAIN,
                rows,
                columns,
                depth,
                alpha,
                workspace.a.at(a),
                strideOfA,
                workspace.b.at(b),
                strideOfB,
                beta,
                workspace.c.at(c),
                strideOfC);
        if (status != dnnl_success) {
            throw new IllegalStateException(
                    "oneDNN's product of " + rows + " x " + depth + " x " + columns + " failed: status " + status);
        }
    }
}
