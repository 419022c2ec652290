package io.github.rlhf4j.cli.torture;

import io.github.rlhf4j.core.CounterRandom;
import java.util.List;

/** Random choices, one after the other; the same for the same seed and names. */
final class Draws {
    private final CounterRandom random;
    private int next;

    Draws(CounterRandom random) {
        this.random = random;
    }

    /** A number in 0 .. choices - 1; 0 where there is no choice. */
    int below(int choices) {
        return choices <= 1 ? 0 : random.below(next++, choices);
    }

    <T> T of(List<T> choices) {
        return choices.get(below(choices.size()));
    }
}
