package io.github.rlhf4j.lab.recurrent;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.github.rlhf4j.core.CounterRandom;
import org.junit.jupiter.api.Test;

class SentenceLengthsTest {
    private static final int STEPS = 20_000;
    private static final SentenceLengths LENGTHS = new SentenceLengths(7, CounterRandom.of(1));

    @Test
    void eachLengthHasTheSameShareOfTheWords() {
        int[] clauses = new int[8];
        for (long step = 0; step < STEPS; step++) {
            int n = LENGTHS.clauses(step);
            clauses[n] += n;
        }
        for (int n = 1; n <= 7; n++) { // a step has 7 / (1 + 1/2 + ... + 1/7) = 2.70 clauses in the mean
            assertThat((double) clauses[n] / STEPS).as(n + " clauses").isCloseTo(2.70 / 7, within(0.05));
        }
        assertThat(clauses[0]).isZero();
        assertThat(LENGTHS.mean()).isCloseTo(2.70, within(0.01));
    }
}
