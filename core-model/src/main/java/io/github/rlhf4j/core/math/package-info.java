/** Numerically stable scalar maths in log space, and pure statistics. */
@NullMarked
package io.github.rlhf4j.core.math;

import org.jspecify.annotations.NullMarked;
