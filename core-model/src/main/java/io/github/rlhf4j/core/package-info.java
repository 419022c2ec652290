/** The transformer core that every stage shares. */
@NullMarked
package io.github.rlhf4j.core;

import org.jspecify.annotations.NullMarked;
