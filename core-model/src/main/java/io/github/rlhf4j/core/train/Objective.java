package io.github.rlhf4j.core.train;

import io.github.rlhf4j.core.kernels.LogitStatistics;
import io.github.rlhf4j.core.model.Teacher;
import io.github.rlhf4j.core.model.TokenSequence;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * What a training step minimises: it sees per-token log-probs, other per-target statistics and head values by sequence, never logits or tensors, and returns a loss and its gradient with
 * respect to each of them. SFT, reward models, DPO and PPO are all this; a new one is a class of twenty lines.
 *
 * @param <E> the type of an example
 */
public interface Objective<E> {
    /**
     * The token sequences of one example, with the targets and the head positions the objective wants. Sequences of one example share the computation of their longest common prefix. Must depend on the
     * example alone.
     */
    List<TokenSequence> layout(E example);

    /** The statistics of each target that {@link #evaluate} reads. */
    default Set<LogitStatistics.Column> statistics() {
        return Set.of(LogitStatistics.Column.LOG_PROB);
    }

    /** The temperature that divides the logits, > 0. */
    default double temperature() {
        return 1;
    }

    /** How far targets are smoothed, in [0, 1): each target's logProb is then {@code (1 - epsilon) log p(y) + epsilon mean over the vocabulary of log p}, and its gradient is with respect to that. */
    default double labelSmoothing() {
        return 0;
    }

    /** A model whose distributions the trained one is compared with: logProb is then the divergence from them, negated, and its gradient is with respect to that. Only where {@link #hasConstantGradient}. */
    default Optional<Teacher> teacher() {
        return Optional.empty();
    }

    /**
     * Whether the loss is a sum over examples (normalisers that follow from the examples of the step, such as the number of target tokens, do not count against it). Then a step takes one pass per
     * micro-batch; otherwise two: log-probs of all micro-batches, one evaluation of the whole step, then the gradients per micro-batch.
     */
    default boolean separable() {
        return true;
    }

    /**
     * Whether the gradient depends on the examples alone and not on the outputs, as for a negative log-likelihood. Then {@link #evaluate} is called a first time with outputs of zero, for the gradient
     * only, and the head runs forward and backward in one pass.
     */
    default boolean hasConstantGradient() {
        return false;
    }

    /** Adds the loss and its gradients of a (micro-)batch, and records metrics. Must not keep state. */
    void evaluate(ObjectiveBatch<E> batch);
}
