/**
 * One optimiser step: an objective, its gradient, the model's backward pass, the update. Start at {@link
 * io.github.rlhf4j.core.train.ModelTrainer}; what is minimised is an {@link io.github.rlhf4j.core.train.Objective}.
 */
@NullMarked
package io.github.rlhf4j.core.train;

import org.jspecify.annotations.NullMarked;
