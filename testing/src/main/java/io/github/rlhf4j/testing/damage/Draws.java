package io.github.rlhf4j.testing.damage;

import io.github.rlhf4j.core.CounterRandom;
import java.util.List;

/** Random choices, one after the other; the same for the same seed and names. */
public final class Draws {
    private final CounterRandom random;
    private int next;

    /** Draws by that source. */
    public Draws(CounterRandom random) {
        this.random = random;
    }

    /** A number in 0 .. choices - 1; 0 where there is no choice. */
    public int below(int choices) {
        return choices <= 1 ? 0 : random.below(next++, choices);
    }

    /** One of them. */
    public <T> T of(List<T> choices) {
        return choices.get(below(choices.size()));
    }
}
