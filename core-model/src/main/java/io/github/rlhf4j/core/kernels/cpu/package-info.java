/** The kernels that runs use: oneDNN or OpenBLAS for products of matrices, the JDK's Vector API between them. Start at {@link CpuKernels}. */
@NullMarked
package io.github.rlhf4j.core.kernels.cpu;

import org.jspecify.annotations.NullMarked;
