/** Kernels in scalar loops, as the formulas read: the oracle of tests and of gradient checks. Start at {@link ReferenceKernels}. */
@NullMarked
package io.github.rlhf4j.core.kernels.reference;

import org.jspecify.annotations.NullMarked;
