/** Checks of the arithmetic and of a model on the user's own machine. Start at {@link io.github.rlhf4j.cli.verify.Verification}. */
@NullMarked
package io.github.rlhf4j.cli.verify;

import org.jspecify.annotations.NullMarked;
