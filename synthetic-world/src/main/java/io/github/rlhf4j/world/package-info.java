/**
 * The synthetic world: facts, a corpus, demonstrations and rankings from one seed, and the hidden utility that judges answers. Start at {@link
 * io.github.rlhf4j.world.World}.
 */
@NullMarked
package io.github.rlhf4j.world;

import org.jspecify.annotations.NullMarked;
