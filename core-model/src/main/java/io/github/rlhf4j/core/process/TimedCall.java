package io.github.rlhf4j.core.process;

import java.util.OptionalDouble;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** A call of somebody's Java code that may take so long and no longer. */
public final class TimedCall {
    private static final double MILLISECONDS = 1000; // in a second

    private TimedCall() {}

    /**
     * Does the work, without a limit on the caller's thread. With one it has a thread of its own, which is interrupted when its time is up and then left: Java cannot end a thread that does not listen, but this one keeps no process
     * alive, and what it says later nobody hears.
     *
     * @param name of the thread
     * @param seconds empty: no limit
     * @throws TimeoutException where it takes longer
     * @throws Exception what the work throws
     */
    public static <T> T within(OptionalDouble seconds, String name, Callable<T> work) throws Exception {
        if (seconds.isEmpty()) {
            return work.call();
        }
        FutureTask<T> task = new FutureTask<>(work);
        Thread thread = new Thread(task, name);
        thread.setDaemon(true);
        thread.start();
        try {
            return task.get((long) Math.ceil(seconds.getAsDouble() * MILLISECONDS), TimeUnit.MILLISECONDS);
        } catch (TimeoutException e) {
            throw new TimeoutException("took longer than its timeout of " + seconds.getAsDouble() + " s");
        } catch (ExecutionException e) {
            if (e.getCause() instanceof Error error) {
                throw error;
            }
            throw e.getCause() instanceof Exception cause ? cause : e;
        } finally {
            task.cancel(true);
        }
    }
}
