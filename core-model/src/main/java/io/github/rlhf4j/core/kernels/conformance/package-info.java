/** One matrix of shapes for all kernels, compared with the oracle. Start at {@link KernelsConformance}. */
@NullMarked
package io.github.rlhf4j.core.kernels.conformance;

import org.jspecify.annotations.NullMarked;
