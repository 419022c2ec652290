/** Sampling from a model with a key-value cache and continuous batching. */
@NullMarked
package io.github.rlhf4j.core.generation;

import org.jspecify.annotations.NullMarked;
