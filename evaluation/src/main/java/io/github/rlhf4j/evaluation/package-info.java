/** Evaluation of models on prompts and of reward models on rankings. Start at {@link io.github.rlhf4j.evaluation.Evaluator}. */
@NullMarked
package io.github.rlhf4j.evaluation;

import org.jspecify.annotations.NullMarked;
