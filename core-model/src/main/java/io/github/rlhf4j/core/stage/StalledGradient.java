package io.github.rlhf4j.core.stage;

import io.github.rlhf4j.core.UserError;
import io.github.rlhf4j.core.train.StepResult;

/**
 * Finds a model that has diverged to where nothing moves it: its loss is not 0, but every gradient is, to the bit, step after step. That is what is left when weights have become so large
 * that a norm or a softmax has no slope any more (loss ln V for a language model, ln 2 for a reward model). A perfect fit has gradients of 0 too, but then its loss is 0.
 */
final class StalledGradient {
    private static final int MOST_STEPS = 10;
    private static final int MOST_STEPS_AT_THE_END = 3;
    private static final double NO_LOSS = 1e-3; // nats

    private long steps;

    /** Takes over the count of a checkpoint. */
    void restore(long count) {
        steps = count;
    }

    /** Steps so far, one after the other up to the last, with no gradient and a loss. */
    long count() {
        return steps;
    }

    /**
     * Adds a step.
     *
     * @throws UserError when too many have had no gradient
     */
    void add(long step, boolean isLast, StepResult result) {
        boolean isStalled = result.gradientNorm() == 0 && Math.abs(result.loss()) > NO_LOSS;
        steps = isStalled ? steps + 1 : 0;
        if (steps >= (isLast ? MOST_STEPS_AT_THE_END : MOST_STEPS)) {
            throw new UserError(
                    ("step %d: the loss is %s, but all gradients have been exactly 0 for %d steps: the model has diverged and learns nothing more; "
                                    + "use a smaller learning_rate, or look at the data")
                            .formatted(step, result.loss(), steps));
        }
    }
}
