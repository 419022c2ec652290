package io.github.rlhf4j.core.train;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.rlhf4j.core.CounterRandom;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class ExampleOrderTest {
    private static final Examples<Long> TEN = Examples.of(10, index -> index);

    @Test
    void goesThroughTheFileInOrderAndKeepsTheShortBatchOfAnEpoch() {
        ExampleOrder<Long> order = new ExampleOrder<>(TEN, 4, false, CounterRandom.of(1));

        assertThat(order.stepsPerEpoch()).isEqualTo(3);
        assertThat(order.batch(1)).containsExactly(0L, 1L, 2L, 3L);
        assertThat(order.batch(3)).containsExactly(8L, 9L);
        assertThat(order.batch(4)).containsExactly(0L, 1L, 2L, 3L);
    }

    @Test
    void shufflesEachEpochAnew() {
        ExampleOrder<Long> order = new ExampleOrder<>(TEN, 4, true, CounterRandom.of(1));

        List<Long> first = epoch(order, 1);
        List<Long> second = epoch(order, 4);

        assertThat(first).containsExactlyInAnyOrderElementsOf(second).isNotEqualTo(second);
    }

    @Test
    void countsStepsByEpochsUnlessMaxStepsIsGiven() {
        ExampleOrder<Long> order = new ExampleOrder<>(TEN, 4, true, CounterRandom.of(1));

        assertThat(order.steps(0, 1.5)).isEqualTo(5);
        assertThat(order.steps(7, 1.5)).isEqualTo(7);
    }

    @Test
    void knowsWhichExamplesTheFirstStepsUse() {
        ExampleOrder<Long> order = new ExampleOrder<>(TEN, 4, true, CounterRandom.of(1));
        List<Long> twoSteps = new ArrayList<>(order.batch(1));
        twoSteps.addAll(order.batch(2));

        assertThat(order.used(2))
                .containsExactly(
                        twoSteps.stream().sorted().mapToLong(Long::longValue).toArray());
        assertThat(order.used(3)).hasSize(10).isSorted();
        assertThat(order.used(30)).hasSize(10).isSorted();
    }

    private static List<Long> epoch(ExampleOrder<Long> order, long firstStep) {
        List<Long> all = new ArrayList<>();
        for (long step = firstStep; step < firstStep + order.stepsPerEpoch(); step++) {
            all.addAll(order.batch(step));
        }
        return all;
    }
}
