package io.github.rlhf4j.experiment;

import io.github.rlhf4j.Rlhf4j;
import io.github.rlhf4j.core.stage.Console;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Those who make runs: an engine each, with what it says. */
final class Workers implements AutoCloseable {
    private final List<Worker> workers;
    private final boolean isOwner;

    private Workers(List<Worker> workers, boolean isOwner) {
        this.workers = workers;
        this.isOwner = isOwner;
    }

    /** An engine, and its console where it is ours. */
    record Worker(Rlhf4j engine, Optional<RunConsole> console) {
        void begin(String run) {
            console.ifPresent(ours -> ours.begin(run));
        }
    }

    static Workers of(Rlhf4j engine) {
        return new Workers(List.of(new Worker(engine, Optional.empty())), false);
    }

    static Workers of(Engines engines, int jobs, Console console) {
        int threads = jobs == 1 ? 0 : Math.max(1, Runtime.getRuntime().availableProcessors() / jobs);
        List<Worker> workers = new ArrayList<>();
        for (int i = 0; i < jobs; i++) {
            RunConsole ours = new RunConsole(console, jobs == 1);
            workers.add(new Worker(engines.open(threads, ours), Optional.of(ours)));
        }
        return new Workers(workers, true);
    }

    List<Worker> all() {
        return workers;
    }

    Rlhf4j first() {
        return workers.get(0).engine();
    }

    @Override
    public void close() {
        if (isOwner) {
            workers.forEach(worker -> worker.engine().close());
        }
    }
}
