/** Proximal policy optimisation from a reward. */
@NullMarked
package io.github.rlhf4j.ppo;

import org.jspecify.annotations.NullMarked;
