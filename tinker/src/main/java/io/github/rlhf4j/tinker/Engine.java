package io.github.rlhf4j.tinker;

import java.time.Duration;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.Executor;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The one thread that computes: requests in the order in which they come, and a token more of what is being sampled after each few. */
final class Engine implements Executor, AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Engine.class);
    private static final int AT_ONCE = 64; // requests between two tokens
    private static final Duration TIDY = Duration.ofSeconds(5);

    private final BlockingQueue<Runnable> inbox = new LinkedBlockingQueue<>();
    private final Samplers samplers;
    private final Thread thread = new Thread(this::run, "tinker");
    private volatile boolean ended;
    private volatile Runnable tidying = () -> {};
    private volatile Runnable last = () -> {};
    private long tidied = System.nanoTime();

    Engine(Samplers samplers) {
        this.samplers = samplers;
        thread.setDaemon(true);
        thread.start();
    }

    /** Does something in the thread that computes. It must not throw. */
    @Override
    public void execute(Runnable task) {
        inbox.add(task);
    }

    /**
     * What else the thread that computes does.
     *
     * @param tidies every few seconds
     * @param end when it ends
     */
    void also(Runnable tidies, Runnable end) {
        tidying = tidies;
        last = end;
    }

    private void tidy() {
        long now = System.nanoTime();
        if (now - tidied > TIDY.toNanos()) {
            tidied = now;
            tidying.run();
        }
    }

    boolean isAlive() {
        return thread.isAlive();
    }

    private void run() {
        try {
            while (!ended) {
                tidy();
                int count = 0;
                for (Runnable task = inbox.poll(); task != null; task = count < AT_ONCE ? inbox.poll() : null) {
                    task.run();
                    count++;
                }
                if (!samplers.step() && count == 0) {
                    Runnable task = inbox.poll(1, TimeUnit.SECONDS);
                    if (task != null) {
                        task.run();
                    }
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (RuntimeException | Error e) {
            LOG.error("the server cannot compute any more", e);
        } finally {
            samplers.close();
            last.run();
        }
    }

    /** Ends after what is being computed. */
    @Override
    public void close() {
        ended = true;
        execute(() -> {}); // so that it does not wait
        try {
            thread.join();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
