/**
 * Sampling from a model with a key-value cache and continuous batching, and scoring of texts. Start at {@link
 * io.github.rlhf4j.core.generation.Generator}.
 */
@NullMarked
package io.github.rlhf4j.core.generation;

import org.jspecify.annotations.NullMarked;
