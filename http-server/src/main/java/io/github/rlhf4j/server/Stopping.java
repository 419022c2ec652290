package io.github.rlhf4j.server;

import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/** Whether a server ends. */
final class Stopping {
    private final CountDownLatch begun = new CountDownLatch(1);

    void begin() {
        begun.countDown();
    }

    boolean isStopping() {
        return begun.getCount() == 0;
    }

    /** Waits for the time, or until it begins. */
    @SuppressWarnings("ReturnValueIgnored")
    void await(Duration time) throws InterruptedException {
        boolean ended = begun.await(time.toMillis(), TimeUnit.MILLISECONDS);
        assert ended == isStopping() || isStopping();
    }
}
