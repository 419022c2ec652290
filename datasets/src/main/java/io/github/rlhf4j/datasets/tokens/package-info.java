/**
 * Tokenised examples on disk, packing and windows. Start at {@link io.github.rlhf4j.datasets.tokens.TokenCache}.
 */
@NullMarked
package io.github.rlhf4j.datasets.tokens;

import org.jspecify.annotations.NullMarked;
