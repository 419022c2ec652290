/** One optimiser step: objectives, micro-batches, gradients, metrics. Start at {@link io.github.rlhf4j.core.train.ModelTrainer}. */
@NullMarked
package io.github.rlhf4j.core.train;

import org.jspecify.annotations.NullMarked;
