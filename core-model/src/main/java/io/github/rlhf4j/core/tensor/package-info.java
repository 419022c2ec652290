/** Native memory: tensors over it and the arena that holds a step's activations. */
@NullMarked
package io.github.rlhf4j.core.tensor;

import org.jspecify.annotations.NullMarked;
