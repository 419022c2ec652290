/**
 * Matrices in native memory, and who owns and frees it. Start at {@link io.github.rlhf4j.core.tensor.Tensor}.
 */
@NullMarked
package io.github.rlhf4j.core.tensor;

import org.jspecify.annotations.NullMarked;
