/** Kernels of ND4J operations alone, float or double: a second opinion. Start at {@link Nd4jKernels}. */
@NullMarked
package io.github.rlhf4j.core.kernels.nd4j;

import org.jspecify.annotations.NullMarked;
