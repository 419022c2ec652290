/** Checks of the arithmetic and of a model on the user's own machine. Start at {@link io.github.rlhf4j.pipeline.verify.Verification}. */
@NullMarked
package io.github.rlhf4j.pipeline.verify;

import org.jspecify.annotations.NullMarked;
