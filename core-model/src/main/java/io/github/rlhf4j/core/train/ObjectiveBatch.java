package io.github.rlhf4j.core.train;

import java.util.List;

/**
 * What an {@link Objective} evaluates: some examples of an optimiser step (all of them, where the objective is not separable) with their outputs.
 *
 * @param <E> the type of an example
 */
public interface ObjectiveBatch<E> {
    /** The examples of this evaluation, in the order of the step. */
    List<E> examples();

    /** All examples of the optimiser step, for normalisers: a mean over pairs divides by {@code stepExamples().size()}. */
    List<E> stepExamples();

    /** Target tokens of the whole step, a shared prompt's counted for each sequence: what a token mean divides by. */
    long stepTargets();

    /** Outputs of the {@code sequence}-th sequence that the objective laid out for {@code examples().get(example)}. */
    SequenceOutputs sequence(int example, int sequence);

    /** Sequences of an example. */
    int sequences(int example);

    /** Adds to the loss of the step. */
    void addLoss(double loss);

    /** Where metrics of the step go. */
    StepMetrics metrics();
}
