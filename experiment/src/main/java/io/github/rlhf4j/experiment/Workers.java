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
    record Worker(Rlhf4j engine, Optional<RunConsole> console, Optional<RunPlaces.Place> place) {
        void begin(String run) {
            console.ifPresent(ours -> ours.begin(run));
        }
    }

    static Workers of(Rlhf4j engine) {
        return new Workers(List.of(new Worker(engine, Optional.empty(), Optional.empty())), false);
    }

    static Workers of(Engines engines, int jobs, Console console) {
        int threads = jobs == 1 ? 0 : Math.max(1, Runtime.getRuntime().availableProcessors() / jobs);
        List<Worker> workers = new ArrayList<>();
        for (int i = 0; i < jobs; i++) {
            RunConsole ours = new RunConsole(console, jobs == 1);
            workers.add(new Worker(engines.open(threads, ours), Optional.of(ours), Optional.empty()));
        }
        return new Workers(workers, true);
    }

    /** The same engines, which look at runs that are made elsewhere; closed in the place of these. */
    Workers at(RunPlaces places) {
        List<Worker> placed = new ArrayList<>();
        for (RunPlaces.Place place : places.all()) {
            Worker one = workers.get(placed.size() % workers.size());
            placed.add(new Worker(one.engine(), one.console(), Optional.of(place)));
        }
        return new Workers(placed, isOwner);
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
