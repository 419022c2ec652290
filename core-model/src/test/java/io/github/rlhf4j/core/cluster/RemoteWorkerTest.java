package io.github.rlhf4j.core.cluster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** Starting a worker, without a process. */
class RemoteWorkerTest {
    private static final Frame ALIVE = new Frame(Frame.Kind.ALIVE, new byte[0]);
    private static final Frame READY = new Frame(Frame.Kind.READY, new byte[0]);

    private long seconds; // of the clock
    private int frames;

    /** A sign of life each second, and after so many of them the worker is ready. */
    private Frame start(int signs, int timeout) throws IOException {
        return RemoteWorker.ready(
                left -> {
                    assertThat(left).isEqualTo(timeout - seconds);
                    seconds++;
                    return frames++ < signs ? ALIVE : READY;
                },
                7,
                timeout,
                () -> TimeUnit.SECONDS.toNanos(seconds));
    }

    @Test
    void aWorkerThatGivesSignsOfLifeIsWaitedForAsLongAsTheTimeoutSays() throws IOException {
        assertThat(start(4, 5)).isEqualTo(READY);
    }

    @Test
    void signsOfLifeDoNotProlongTheTimeout() {
        assertThatThrownBy(() -> start(Integer.MAX_VALUE, 5))
                .isInstanceOf(RemoteWorker.Lost.class)
                .hasMessage("its process 7 lives, but is not ready after 5 s; cluster.start_timeout waits longer");
    }
}
