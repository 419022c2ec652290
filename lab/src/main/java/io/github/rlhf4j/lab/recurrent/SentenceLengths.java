package io.github.rlhf4j.lab.recurrent;

import io.github.rlhf4j.core.CounterRandom;
import java.util.stream.IntStream;

/**
 * How many clauses the sentences of a step have: n with a probability in proportion to 1 / n, so that each length has as many words of the training.
 *
 * @param most clauses of the longest
 */
record SentenceLengths(int most, CounterRandom random) {
    int clauses(long step) {
        double left = random.uniform(step) * sum();
        for (int n = 1; n < most; n++) {
            left -= 1.0 / n;
            if (left < 0) {
                return n;
            }
        }
        return most;
    }

    double mean() {
        return most / sum();
    }

    private double sum() {
        return IntStream.rangeClosed(1, most).mapToDouble(n -> 1.0 / n).sum();
    }
}
