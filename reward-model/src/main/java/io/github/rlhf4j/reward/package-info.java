/** Reward models: a scalar head trained on rankings. */
@NullMarked
package io.github.rlhf4j.reward;

import org.jspecify.annotations.NullMarked;
