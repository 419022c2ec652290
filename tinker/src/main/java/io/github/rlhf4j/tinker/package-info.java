/**
 * A server that the public Tinker SDK trains and samples on: a Python user's own loop, our engine.
 *
 * <p>Start at {@link io.github.rlhf4j.tinker.TinkerServer}. The same requests in the same order have the same bytes.
 */
@NullMarked
package io.github.rlhf4j.tinker;

import org.jspecify.annotations.NullMarked;
