/** Evaluation of models on prompts and of reward models on rankings. Start at {@link io.github.rlhf4j.pipeline.evaluate.Evaluator}. */
@NullMarked
package io.github.rlhf4j.pipeline.evaluate;

import org.jspecify.annotations.NullMarked;
