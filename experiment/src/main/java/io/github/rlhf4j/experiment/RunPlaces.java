package io.github.rlhf4j.experiment;

import io.github.rlhf4j.core.cluster.Backend;
import io.github.rlhf4j.core.cluster.ClusterSettings;
import io.github.rlhf4j.core.cluster.DistributedCluster;
import io.github.rlhf4j.core.cluster.LocalBackends;
import io.github.rlhf4j.core.cluster.TaskFailure;
import io.github.rlhf4j.core.kernels.cpu.CpuKernels;
import io.github.rlhf4j.core.stage.Console;
import io.github.rlhf4j.core.stage.StoppedException;
import io.github.rlhf4j.pipeline.config.ClusterConfig;
import io.github.rlhf4j.pipeline.run.RunProcess;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/** Where runs of an experiment are made that workers make, a run a task: as many places as runs are made at a time. Executors of Spark may come later, and give more. */
final class RunPlaces implements AutoCloseable {
    private static final long LOOK_EVERY = 500; // ms

    private final ClusterConfig config;
    private final int processors;
    private final CpuKernels kernels; // for nothing: orders always travel
    private final List<Backend> backends = new ArrayList<>();
    private final List<Place> places = new ArrayList<>();

    private RunPlaces(ClusterConfig config, int processors) {
        this.config = config;
        this.processors = processors;
        this.kernels = new CpuKernels(1, processors);
    }

    /**
     * Starts the workers.
     *
     * @throws io.github.rlhf4j.core.UserError in a line, where they do not come or compute other bytes
     */
    static RunPlaces open(ClusterConfig config, Console console) {
        RunPlaces places = new RunPlaces(config, Runtime.getRuntime().availableProcessors());
        try {
            places.start(console);
            return places;
        } catch (RuntimeException e) {
            places.close();
            throw e;
        }
    }

    private void start(Console console) {
        ClusterSettings settings = config.settings(processors, console::warning);
        if (LocalBackends.isSpark(config.master())) {
            Backend spark = LocalBackends.open(settings);
            backends.add(spark);
            do {
                add(spark);
            } while (places.size() < spark.workers());
            console.line("cluster: " + config.master() + ", " + spark.description());
            return;
        }
        int colon = config.master().indexOf(':');
        int count = Integer.parseInt(config.master().substring(colon + 1));
        for (int i = 0; i < count; i++) {
            Backend one = LocalBackends.open(settings.withMaster(config.master().substring(0, colon) + ":1"));
            backends.add(one);
            add(one);
        }
        console.line("cluster: " + count + " x " + backends.get(0).description());
    }

    private Place add(Backend backend) {
        Place place = new Place(new DistributedCluster(kernels, backend, 1, false));
        places.add(place);
        return place;
    }

    /** One for each run that is made at a time. */
    synchronized List<Place> all() {
        return List.copyOf(places);
    }

    /** One more, where executors have come since. */
    synchronized Optional<Place> another() {
        boolean isMore = LocalBackends.isSpark(config.master())
                && places.size() < backends.get(0).workers();
        return isMore ? Optional.of(add(backends.get(0))) : Optional.empty();
    }

    @Override
    public synchronized void close() {
        places.forEach(place -> place.cluster.close());
        backends.forEach(Backend::close);
        kernels.close();
    }

    /** Makes one run after the other. */
    final class Place {
        private final DistributedCluster cluster;

        private Place(DistributedCluster cluster) {
            this.cluster = cluster;
        }

        int threads() {
            return config.threads();
        }

        int processors() {
            return processors;
        }

        /**
         * Has a run made.
         *
         * @param isStopWished asked all the while; the run then stops after its step
         * @param meanwhile done all the while
         * @return what it said
         * @throws StoppedException where it was asked to stop
         * @throws io.github.rlhf4j.core.UserError as the run throws it
         */
        List<String> make(RunOrder order, BooleanSupplier isStopWished, Runnable meanwhile) {
            FutureTask<RunTask.Outcome> made =
                    new FutureTask<>(() -> cluster.map("run " + order.label(), List.of(order), new RunTask())
                            .get(0));
            Thread thread = new Thread(made, "experiment, " + order.label());
            thread.setDaemon(true);
            thread.start();
            boolean interrupted = false;
            Optional<Throwable> failed = Optional.empty(); // thrown when the place is free
            try {
                while (true) {
                    try {
                        List<String> lines = lines(made.get(LOOK_EVERY, TimeUnit.MILLISECONDS));
                        if (failed.isPresent()) {
                            throw failure(failed.get());
                        }
                        return lines;
                    } catch (TimeoutException e) {
                        failed = failed.or(() -> failureOf(meanwhile));
                    } catch (InterruptedException e) {
                        interrupted = true;
                    }
                    Optional<Throwable> ofStop = failureOf(() -> stopIfWished(order, isStopWished));
                    failed = failed.or(() -> ofStop);
                }
            } catch (ExecutionException e) {
                throw failure(e.getCause());
            } finally {
                if (interrupted) {
                    Thread.currentThread().interrupt();
                }
            }
        }

        private static void stopIfWished(RunOrder order, BooleanSupplier isStopWished) {
            if (isStopWished.getAsBoolean()) {
                RunProcess.leaveStop(order.folder());
            }
        }

        private static Optional<Throwable> failureOf(Runnable look) {
            try {
                look.run();
                return Optional.empty();
            } catch (RuntimeException | Error e) {
                return Optional.of(e);
            }
        }

        private List<String> lines(RunTask.Outcome outcome) {
            if (outcome.isStopped()) {
                throw new StoppedException("stopped");
            }
            return outcome.lines();
        }

        private RuntimeException failure(@Nullable Throwable cause) {
            if (cause instanceof Error error) {
                throw error;
            }
            if (cause instanceof TaskFailure failed && failed.getCause() instanceof RuntimeException known) {
                return known;
            }
            return cause instanceof RuntimeException known ? known : new IllegalStateException(cause);
        }
    }
}
