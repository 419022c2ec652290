package io.github.rlhf4j.core.generation;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import org.jspecify.annotations.Nullable;

/** Tasks at the same time. */
final class ParallelTasks {
    private ParallelTasks() {}

    /** Runs the first task in this thread and the others in new ones, and returns when all have ended; throws what the first of them threw that failed. */
    static void run(List<? extends Runnable> tasks) {
        List<FutureTask<Void>> all = new ArrayList<>();
        for (Runnable task : tasks) {
            all.add(new FutureTask<>(task, null));
        }
        for (FutureTask<Void> task : all.subList(1, all.size())) {
            Thread thread = new Thread(task, "rlhf4j-generation-" + all.indexOf(task));
            thread.setDaemon(true);
            thread.start();
        }
        all.get(0).run();
        Throwable failure = null;
        for (FutureTask<Void> task : all) {
            Throwable thrown = failureOf(task);
            failure = failure == null ? thrown : failure;
        }
        if (failure instanceof Error error) {
            throw error;
        }
        if (failure instanceof RuntimeException exception) {
            throw exception;
        }
    }

    private static @Nullable Throwable failureOf(FutureTask<Void> task) {
        boolean interrupted = false;
        try {
            while (true) {
                try {
                    task.get();
                    return null;
                } catch (ExecutionException e) {
                    return e.getCause();
                } catch (InterruptedException e) {
                    interrupted = true; // others' memory must not be freed while they run
                }
            }
        } finally {
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }
}
