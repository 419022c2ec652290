package io.github.rlhf4j.core.kernels;

/** What the large products of training compute with; everything between them is float32. */
public enum Compute {
    /** float32 throughout. */
    FLOAT32,
    /** Operands rounded to bfloat16, sums in float32. */
    BFLOAT16
}
