package io.github.rlhf4j.core.train;

import java.util.List;

/**
 * One summand of an optimiser step's loss: {@code weight * objective(examples)}. PPO-ptx and mixtures are more terms.
 *
 * @param <E> the type of an example
 * @param examples the examples of the whole step
 * @param objective what to minimise over them
 * @param weight its factor
 */
public record WeightedObjective<E>(List<E> examples, Objective<E> objective, double weight) {
    public WeightedObjective {
        examples = List.copyOf(examples);
    }

    /** A term of weight 1. */
    public static <E> WeightedObjective<E> of(List<E> examples, Objective<E> objective) {
        return new WeightedObjective<>(examples, objective, 1);
    }
}
