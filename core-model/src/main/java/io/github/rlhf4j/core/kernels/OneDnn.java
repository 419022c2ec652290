package io.github.rlhf4j.core.kernels;

import static org.bytedeco.dnnl.global.dnnl.dnnl_sgemm;
import static org.bytedeco.dnnl.global.dnnl.dnnl_success;

/** oneDNN's products, whose kernels are made for the processor at hand. It shares out a product among OpenMP's threads, of which there must be one. */
final class OneDnn implements Sgemm {
    private static final byte PLAIN = 'N';
    private static final byte TRANSPOSED = 'T';

    /** Whether OpenMP computes in the calling thread alone: the launcher sets the variable, and nothing else can. */
    static boolean isAlone() {
        return "1".equals(System.getenv("OMP_NUM_THREADS"));
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
