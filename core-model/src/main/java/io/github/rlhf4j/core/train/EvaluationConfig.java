package io.github.rlhf4j.core.train;

import static io.github.rlhf4j.core.train.ConfigException.checkConfig;

/**
 * When a stage evaluates.
 *
 * @param evalSteps steps between evaluations; 0: only at the end
 */
public record EvaluationConfig(long evalSteps) implements ConfigGroup {
    /** At the end only. */
    public static final EvaluationConfig AT_THE_END = new EvaluationConfig(0);

    public EvaluationConfig {
        checkConfig(evalSteps >= 0, "eval_steps", evalSteps, "must be >= 1, or 0 for an evaluation at the end only");
    }
}
