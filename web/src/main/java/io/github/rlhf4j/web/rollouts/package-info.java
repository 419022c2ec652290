/** Every sample of every step, from an index. Start at {@link io.github.rlhf4j.web.rollouts.RolloutsPage}. */
@NullMarked
package io.github.rlhf4j.web.rollouts;

import org.jspecify.annotations.NullMarked;
