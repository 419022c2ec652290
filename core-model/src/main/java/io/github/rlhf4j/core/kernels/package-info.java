/** The arithmetic under the transformer: one interface, a fast CPU implementation and one on ND4J alone. */
@NullMarked
package io.github.rlhf4j.core.kernels;

import org.jspecify.annotations.NullMarked;
