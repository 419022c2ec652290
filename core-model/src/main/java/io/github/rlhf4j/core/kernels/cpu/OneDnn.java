package io.github.rlhf4j.core.kernels.cpu;

import static org.bytedeco.dnnl.global.dnnl.dnnl_sgemm;
import static org.bytedeco.dnnl.global.dnnl.dnnl_success;
import static org.bytedeco.dnnl.global.dnnl.dnnl_version;

import org.bytedeco.dnnl.dnnl_version_t;
import org.bytedeco.dnnl.global.dnnl;
import org.bytedeco.javacpp.Loader;

/** oneDNN's products, whose kernels are made for the processor at hand. It shares out a product among OpenMP's threads, of which there must be one. */
final class OneDnn implements Sgemm {
    private static final byte PLAIN = 'N';
    private static final byte TRANSPOSED = 'T';

    /** Whether it is here, in a version to trust, and computes in the calling thread alone, which OpenMP does by a variable that the launcher sets and nothing else can. */
    static boolean isUsable() {
        return "1".equals(System.getenv("OMP_NUM_THREADS")) && isLoadable() && isSafeUnderSignals();
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

    @Override
    public void useOneThread() {}

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
