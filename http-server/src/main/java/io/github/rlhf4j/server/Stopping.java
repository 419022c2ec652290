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

    /** Waits for the time, or until it begins; whether it has begun. */
    boolean await(Duration time) throws InterruptedException {
        return begun.await(time.toMillis(), TimeUnit.MILLISECONDS);
    }
}
