/** Process reward models: a score at the end of each step of an answer. */
@NullMarked
package io.github.rlhf4j.reward.process;

import org.jspecify.annotations.NullMarked;
