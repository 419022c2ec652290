package io.github.rlhf4j.experiment;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** The runs that are to be made, given out to those who make them: a run whose stage is being made by another one waits for it. */
final class Queue {
    private final StageRegistry registry;
    private final List<PlannedRun> waiting;
    private final List<PlannedRun> running = new ArrayList<>();
    private boolean isStopped;

    Queue(StageRegistry registry, List<PlannedRun> runs) {
        this.registry = registry;
        this.waiting = new ArrayList<>(runs);
    }

    /** The next run, waiting until there is one that need not wait; empty at the end, and after a stop. */
    synchronized Optional<PlannedRun> next() {
        boolean interrupted = false;
        try {
            while (!isStopped && !waiting.isEmpty()) {
                Optional<PlannedRun> free =
                        waiting.stream().filter(this::isFree).findFirst();
                if (free.isPresent()) {
                    waiting.remove(free.get());
                    running.add(free.get());
                    return free;
                }
                try {
                    wait();
                } catch (InterruptedException e) {
                    interrupted = true;
                }
            }
            return Optional.empty();
        } finally {
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }

    /** Whether runs wait for somebody who makes them. */
    synchronized boolean isWaiting() {
        return !isStopped && waiting.stream().anyMatch(this::isFree);
    }

    private boolean isFree(PlannedRun run) {
        return running.stream()
                .noneMatch(other -> other.digests().values().stream()
                        .anyMatch(digest -> run.digests().containsValue(digest)
                                && registry.find(digest).isEmpty()));
    }

    /** A run's stage is complete. */
    synchronized void stageDone(PlannedRun run, String stage) {
        String digest = run.digests().get(stage);
        if (digest != null) {
            registry.done(digest, run.folder());
        }
        notifyAll();
    }

    /** A run has ended, whichever way. */
    synchronized void ended(PlannedRun run) {
        running.remove(run);
        notifyAll();
    }

    /** Nothing more is given out. */
    synchronized void stop() {
        isStopped = true;
        notifyAll();
    }
}
