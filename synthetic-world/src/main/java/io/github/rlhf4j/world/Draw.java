package io.github.rlhf4j.world;

import io.github.rlhf4j.core.CounterRandom;
import java.util.ArrayList;
import java.util.List;

/** Successive draws for one item: a counter over a key that belongs to the item alone. Not shared between items or threads. */
final class Draw {
    private final CounterRandom random;
    private long counter;

    Draw(CounterRandom random) {
        this.random = random;
    }

    double uniform() {
        return random.uniform(counter++);
    }

    int below(int bound) {
        return random.below(counter++, bound);
    }

    boolean chance(double probability) {
        return uniform() < probability;
    }

    <T> T pick(List<T> choices) {
        return choices.get(below(choices.size()));
    }

    <T> T pick(T[] choices) {
        return choices[below(choices.length)];
    }

    <T> List<T> shuffled(List<T> all) {
        List<T> left = new ArrayList<>(all);
        List<T> shuffled = new ArrayList<>();
        while (!left.isEmpty()) {
            shuffled.add(left.remove(below(left.size())));
        }
        return shuffled;
    }
}
