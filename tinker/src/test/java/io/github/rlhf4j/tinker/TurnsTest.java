package io.github.rlhf4j.tinker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class TurnsTest {
    private final List<String> done = new ArrayList<>();
    private final Turns turns = new Turns(Runnable::run);

    private void add(long number) {
        turns.add(number, () -> done.add("did " + number), () -> done.add("gave up " + number));
    }

    @Test
    void requestsAreDoneInOrder() {
        List.of(3L, 2L, 0L, 1L, 4L).forEach(this::add);
        assertThat(done).containsExactly("did 0", "did 1", "did 2", "did 3", "did 4");
    }

    @Test
    void whatWaitsForOneThatNeverComesIsGivenUpAndTheNextIsDone() {
        List.of(1L, 3L, 4L).forEach(this::add);
        turns.giveUp(Duration.ofHours(1));
        assertThat(done).containsExactly("did 1");
        turns.giveUp(Duration.ofNanos(-1));
        add(5);
        assertThat(done).containsExactly("did 1", "gave up 3", "gave up 4", "did 5");
    }

    @Test
    void aNumberThatCannotBeTheNextIsRefusedAndTheOthersGoOn() {
        add(1);
        assertThatThrownBy(() -> turns.require(Long.MAX_VALUE))
                .hasMessage("seq_id must count the requests of a model, 1, 2, 3, but is 9223372036854775807 after 1");
        turns.require(100_002);
        turns.require(Long.MIN_VALUE);
        add(2);
        assertThat(done).containsExactly("did 1", "did 2");
    }
}
