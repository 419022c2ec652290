/**
 * The arithmetic under the transformer: a contract, with implementations beside it. Start at {@link Kernels}.
 *
 * <p>{@code core.kernels.cpu} is what runs use, {@code core.kernels.nd4j} a second opinion, {@code core.kernels.reference} the oracle, {@code core.kernels.conformance} what compares them. This package knows none of them.
 */
@NullMarked
package io.github.rlhf4j.core.kernels;

import org.jspecify.annotations.NullMarked;
