package io.github.rlhf4j.experiment;

import io.github.rlhf4j.Rlhf4j;
import io.github.rlhf4j.core.stage.Console;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;

/** Those who make runs: an engine each, with what it says. */
final class Workers implements AutoCloseable {
    private final List<Worker> workers = new ArrayList<>();
    private final Supplier<Worker> opener;
    private final boolean isOwner;
    private Optional<RunPlaces> places = Optional.empty();

    private Workers(Supplier<Worker> opener, boolean isOwner) {
        this.opener = opener;
        this.isOwner = isOwner;
    }

    /** An engine, and its console where it is ours. */
    record Worker(Rlhf4j engine, Optional<RunConsole> console, Optional<RunPlaces.Place> place) {
        void begin(String run) {
            console.ifPresent(ours -> ours.begin(run));
        }

        private Worker at(RunPlaces.Place given) {
            return new Worker(engine, console, Optional.of(given));
        }
    }

    /** All have this engine. */
    static Workers of(Rlhf4j engine) {
        Workers workers = new Workers(() -> new Worker(engine, Optional.empty(), Optional.empty()), false);
        workers.open();
        return workers;
    }

    /**
     * Each has an engine of its own.
     *
     * @param jobs how many there are, about, at a time: the threads of the machine are divided among them
     * @param isAlone whether progress can be shown: no other run is made at the same time
     */
    static Workers of(Engines engines, int jobs, boolean isAlone, Console console) {
        int threads = jobs == 1 ? 0 : Math.max(1, Runtime.getRuntime().availableProcessors() / jobs);
        Workers workers = new Workers(
                () -> {
                    RunConsole ours = new RunConsole(console, isAlone);
                    return new Worker(engines.open(threads, ours), Optional.of(ours), Optional.empty());
                },
                true);
        for (int i = 0; i < jobs; i++) {
            workers.open();
        }
        return workers;
    }

    private void open() {
        workers.add(opener.get());
    }

    /** Lets them look at runs that are made elsewhere: one for each place. */
    Workers at(RunPlaces given) {
        places = Optional.of(given);
        List<RunPlaces.Place> all = given.all();
        while (workers.size() < all.size()) {
            open();
        }
        for (int i = 0; i < all.size(); i++) {
            workers.set(i, workers.get(i).at(all.get(i)));
        }
        return this;
    }

    /** One more, where workers of a cluster have come since. */
    synchronized Optional<Worker> another() {
        Optional<Worker> more =
                places.flatMap(RunPlaces::another).map(place -> opener.get().at(place));
        more.ifPresent(workers::add);
        return more;
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
