/** The transformer: configuration, parameters, packed batches, forward and backward. */
@NullMarked
package io.github.rlhf4j.core.model;

import org.jspecify.annotations.NullMarked;
