package io.github.rlhf4j.reward.process;

import static io.github.rlhf4j.core.stage.ConfigException.checkConfig;

import io.github.rlhf4j.core.stage.ConfigGroup;
import io.github.rlhf4j.datasets.StepwiseSupervision;
import io.github.rlhf4j.datasets.tokens.TokenizedSteps;
import io.github.rlhf4j.datasets.training.ExampleKind;

/**
 * How steps become tokens; the keys of TRL's PRMConfig.
 *
 * @param stepSeparator what is put after each step; its last token is where the step is scored
 * @param maxCompletionLength the first tokens of an answer that are kept, >= 1; 0: all
 * @param trainOnLastStepOnly whether a training row's last label alone counts: an outcome reward model
 */
public record StepConfig(String stepSeparator, int maxCompletionLength, boolean trainOnLastStepOnly)
        implements ConfigGroup {
    public StepConfig {
        checkConfig(!stepSeparator.isEmpty(), "step_separator", "\"\"", "must not be empty");
        checkConfig(
                maxCompletionLength >= 0,
                "max_completion_length",
                maxCompletionLength,
                "must be >= 1, or 0 for no limit");
    }

    /** Rows to train on. */
    ExampleKind<StepwiseSupervision, TokenizedSteps> training() {
        return ExampleKind.steps(stepSeparator, maxCompletionLength, trainOnLastStepOnly);
    }

    /** Rows to evaluate on: all steps count. */
    ExampleKind<StepwiseSupervision, TokenizedSteps> evaluation() {
        return ExampleKind.steps(stepSeparator, maxCompletionLength, false);
    }
}
