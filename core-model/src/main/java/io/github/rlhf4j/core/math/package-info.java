/**
 * Numerically stable scalar maths in log space, and pure statistics. Start at {@link
 * io.github.rlhf4j.core.math.StableMath}.
 */
@NullMarked
package io.github.rlhf4j.core.math;

import org.jspecify.annotations.NullMarked;
