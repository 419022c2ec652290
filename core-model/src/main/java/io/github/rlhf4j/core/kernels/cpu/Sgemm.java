package io.github.rlhf4j.core.kernels.cpu;

/** A library's product of float matrices at raw addresses, computed in the calling thread. */
interface Sgemm {
    /** For the log. */
    String description();

    /** Sees to it that the calling thread computes alone; before the products of a job. */
    void useOneThread();

    /** Whether {@code a b} takes longer than {@code b^T a^T} and a transposition, where the depth is large beside the result. */
    boolean isSlowWithoutTransposes();

    /**
     * {@code c = alpha op(a) op(b) + beta c}, row-major, with op the transpose where the flag says so; strides in elements.
     *
     * @param workspace the thread's
     */
    void multiply(
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
            int strideOfC);
}
