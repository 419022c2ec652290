/** Tokenised examples on disk, and their order. */
@NullMarked
package io.github.rlhf4j.datasets.tokens;

import org.jspecify.annotations.NullMarked;
