package io.github.rlhf4j.experiment;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.rlhf4j.Run;
import io.github.rlhf4j.RunBuilder;
import io.github.rlhf4j.RunListener;
import io.github.rlhf4j.StageResult;
import io.github.rlhf4j.core.UserError;
import io.github.rlhf4j.core.stage.Console;
import io.github.rlhf4j.core.stage.StopRequest;
import io.github.rlhf4j.core.stage.StoppedException;
import io.github.rlhf4j.pipeline.config.EffectiveConfig;
import io.github.rlhf4j.pipeline.run.RunProcess;
import io.github.rlhf4j.pipeline.run.SharedStage;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentLinkedQueue;

/** An experiment that is under way: the runs are made, and the results written after each of them. */
final class Execution {
    private static final long REPORT_EVERY =
            60_000_000_000L; // nanoseconds between two reports of what is complete so far
    private static final String NOT_MADE = "not made yet; continue with --resume";

    private final ExperimentPlan plan;
    private final Planner planner;
    private final ExperimentFolder folder;
    private final Workers workers;
    private final ExperimentProgress progress;
    private final StopRequest stop;
    private final Console console;
    private final StageRegistry registry = new StageRegistry();
    private final Queue queue;
    private final ConcurrentLinkedQueue<Thread> threads = new ConcurrentLinkedQueue<>();
    private final Map<PlannedRun, RunResult> results = new HashMap<>();
    private Optional<StoppedException> stopped = Optional.empty();
    private long reported = System.nanoTime();

    Execution(
            ExperimentPlan plan,
            Planner planner,
            ExperimentFolder folder,
            Workers workers,
            StopRequest stop,
            ExperimentProgress progress,
            Console console) {
        this.plan = plan;
        this.planner = planner;
        this.folder = folder;
        this.workers = workers;
        this.progress = progress;
        this.stop = new SharedStop(stop, progress::isStopWished);
        this.console = console;
        this.queue = new Queue(registry, plan.runs());
    }

    ExperimentResults run() {
        progress.begin();
        try {
            ExperimentResults results = made();
            progress.end(RunProcess.State.DONE, "");
            return results;
        } catch (StoppedException e) {
            progress.end(RunProcess.State.STOPPED, String.valueOf(e.getMessage()));
            throw e;
        } catch (RuntimeException | Error e) {
            progress.end(RunProcess.State.FAILED, String.valueOf(e.getMessage()));
            throw e;
        }
    }

    private ExperimentResults made() {
        plan.runs().forEach(run -> run.register(registry));
        folder.stages(plan.runs()).register(plan.runs(), registry);
        List<Workers.Worker> first = List.copyOf(workers.all());
        first.subList(1, first.size()).forEach(this::begin);
        work(first.get(0));
        for (Thread thread = threads.poll(); thread != null; thread = threads.poll()) {
            join(thread); // whom it has let begin is in the queue by then
        }
        ExperimentResults all = write();
        ExperimentReport.write(all, plan.scatters());
        if (stopped.isPresent()) {
            String after = " after " + complete() + " of " + plan.runs().size() + " runs; ";
            String why = String.valueOf(stopped.get().getMessage());
            if (why.startsWith("experiment.budget")) {
                throw new UserError(why + after + "raise it and continue with --resume");
            }
            throw new StoppedException("stopped" + after + "continue with --resume");
        }
        return all;
    }

    private void begin(Workers.Worker worker) {
        Thread thread = new Thread(() -> work(worker), "experiment");
        thread.start();
        threads.add(thread);
    }

    private static void join(Thread thread) {
        boolean interrupted = false;
        while (thread.isAlive()) {
            try {
                thread.join();
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    private void work(Workers.Worker worker) {
        for (Optional<PlannedRun> next = queue.next(); next.isPresent(); next = queue.next()) {
            PlannedRun run = next.get();
            try {
                finished(run, make(run, worker));
            } catch (StoppedException e) {
                stopped(e);
            } catch (RuntimeException | Error e) {
                failed(run, e);
            } finally {
                queue.ended(run);
            }
        }
    }

    private synchronized void stopped(StoppedException e) {
        stopped = Optional.of(e);
        queue.stop();
    }

    private Map<String, Double> make(PlannedRun run, Workers.Worker worker) {
        if (stop.isRequested()) {
            throw new StoppedException("stopped");
        }
        int number = plan.runs().indexOf(run) + 1;
        requireBudget();
        console.line("run " + number + " of " + plan.runs().size() + ": "
                + run.values().label());
        worker.begin(run.values().label());
        progress.began(run.values().label());
        run.takeShared(registry);
        RunBuilder builder = planner.builder(worker.engine(), run.setting(), run.folder());
        if (worker.place().isPresent()) {
            makeElsewhere(run, worker.place().get());
            builder.withoutCluster(); // all of it is there, and taken as it is
        }
        Run made = builder.resume()
                .stopOn(stop)
                .listen(new RunListener() {
                    @Override
                    public void onStageDone(StageResult stage) {
                        queue.stageDone(run, stage.name());
                    }
                })
                .run();
        run.register(registry);
        return measured(run, made);
    }

    private void makeElsewhere(PlannedRun run, RunPlaces.Place place) {
        RunOrder order = new RunOrder(
                planner.file().toAbsolutePath(),
                planner.arguments(),
                run.setting(),
                run.folder().toAbsolutePath(),
                run.values().label(),
                place.threads(),
                place.processors());
        place.make(order, stop::isRequested, () -> {
                    seeWhatIsDone(run);
                    takeMoreWorkers();
                })
                .forEach(console::line);
        run.configs().forEach((stage, config) -> {
            if (!SharedStage.isDone(run.folder(), stage, config)) {
                throw new UserError("a worker has made stage " + stage + ", which is not in "
                        + run.folder().toAbsolutePath() + "; workers must see the folder under this name");
            }
        });
    }

    /** Runs that wait for a stage of this one learn from its folder that it is there. */
    private void seeWhatIsDone(PlannedRun run) {
        for (Map.Entry<String, EffectiveConfig> stage : run.configs().entrySet()) {
            if (!SharedStage.isDone(run.folder(), stage.getKey(), stage.getValue())) {
                return; // what comes after it may be made from something else
            }
            if (registry.find(run.digests().getOrDefault(stage.getKey(), "")).isEmpty()) {
                queue.stageDone(run, stage.getKey());
            }
        }
    }

    /** Executors of Spark that have come since the experiment began make runs too. */
    private void takeMoreWorkers() {
        if (!queue.isWaiting()) {
            return;
        }
        Optional<Workers.Worker> more; // one at a look: it has not taken its run yet
        try {
            more = workers.another();
        } catch (RuntimeException e) {
            console.warning("cluster: executors have come, but no more runs are made at a time: " + e.getMessage());
            return;
        }
        more.ifPresent(worker -> {
            console.line("cluster: one more run at a time, as executors have come");
            begin(worker);
        });
    }

    /** No run begins when the hours are used up. */
    private void requireBudget() {
        double hours = Costs.spent(plan.runs()) / 3600;
        if (plan.budget().hours().isPresent() && hours >= plan.budget().hours().getAsDouble()) {
            throw new StoppedException("experiment.budget.hours (%s) is used up: %.2f hours"
                    .formatted(plan.budget().hours().getAsDouble(), hours));
        }
    }

    private Map<String, Double> measured(PlannedRun run, Run made) {
        ObjectNode kept = folder.measures(run);
        Map<String, Double> metrics = new LinkedHashMap<>();
        boolean hasNew = false;
        for (Measure measure : plan.measures()) {
            boolean isOurs = measure.isMeasured();
            double value = isOurs && kept.has(measure.name())
                    ? kept.path(measure.name()).doubleValue()
                    : measure.of().applyAsDouble(made);
            if (isOurs && Double.isFinite(value)) {
                hasNew |= !kept.has(measure.name());
                kept.put(measure.name(), value);
            }
            metrics.put(measure.name(), value);
        }
        if (hasNew) {
            folder.writeMeasures(run, kept);
        }
        return metrics;
    }

    private synchronized void finished(PlannedRun run, Map<String, Double> metrics) {
        results.put(run, new RunResult(run.values(), metrics, run.folder(), Optional.empty()));
        progress.complete(complete());
        write();
    }

    private synchronized void failed(PlannedRun run, Throwable failure) {
        String message = failure instanceof UserError || failure.getMessage() != null
                ? String.valueOf(failure.getMessage())
                : failure.getClass().getSimpleName();
        String line =
                message.lines().map(String::strip).reduce((a, b) -> a + " " + b).orElse("");
        results.put(run, new RunResult(run.values(), Map.of(), run.folder(), Optional.of(line)));
        console.warning("the run " + run.values().label() + " has failed: " + line);
        write();
    }

    private long complete() {
        return results.values().stream().filter(RunResult::isComplete).count();
    }

    private synchronized ExperimentResults write() {
        List<RunResult> runs = plan.runs().stream()
                .map(run -> results.getOrDefault(
                        run, new RunResult(run.values(), Map.of(), run.folder(), Optional.of(NOT_MADE))))
                .toList();
        List<Group> groups = Group.of(runs, plan.metrics());
        Group baseline = groups.stream()
                .filter(group -> group.values().equals(plan.baseline()))
                .findFirst()
                .orElseThrow();
        ExperimentResults all = new ExperimentResults(plan.folder(), plan.metrics(), runs, groups, baseline);
        folder.write(all);
        if (System.nanoTime() - reported > REPORT_EVERY) {
            ExperimentReport.write(all, plan.scatters());
            reported = System.nanoTime();
        }
        return all;
    }
}
