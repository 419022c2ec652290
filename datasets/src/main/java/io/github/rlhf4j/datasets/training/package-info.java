/**
 * What every training stage does with its data: open, hold out, tokenise, report. Start at {@link
 * io.github.rlhf4j.datasets.training.TrainingData}.
 */
@NullMarked
package io.github.rlhf4j.datasets.training;

import org.jspecify.annotations.NullMarked;
