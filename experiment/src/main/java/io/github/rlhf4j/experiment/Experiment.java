package io.github.rlhf4j.experiment;

import static java.util.Objects.requireNonNull;

import io.github.rlhf4j.Rlhf4j;
import io.github.rlhf4j.Run;
import io.github.rlhf4j.core.UserError;
import io.github.rlhf4j.core.cluster.LocalBackends;
import io.github.rlhf4j.core.kernels.cpu.CpuKernels;
import io.github.rlhf4j.core.stage.Console;
import io.github.rlhf4j.core.stage.StopRequest;
import io.github.rlhf4j.pipeline.config.ConfigValue;
import io.github.rlhf4j.pipeline.config.JavaValue;
import io.github.rlhf4j.pipeline.run.StageNeeds;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.ToDoubleFunction;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Many runs of one run file: by its section {@code experiment}, by what is said here, or by both.
 *
 * <p>Nothing is read or checked before {@link #run}, and everything is checked before anything runs. A run that fails does not end the others. Not for several threads at once.
 */
public final class Experiment {
    private static final Pattern LOCAL_WORKERS = Pattern.compile("(?:processes|threads):([1-9][0-9]{0,3})");

    private final Path file;
    private final List<String> arguments;
    private final @Nullable Rlhf4j engine;
    private final @Nullable Engines engines;
    private final List<List<Map<String, ConfigValue>>> factors = new ArrayList<>();
    private final List<String> metrics = new ArrayList<>();
    private final List<Measure> measures = new ArrayList<>();
    private final List<Scatter> scatters = new ArrayList<>();
    private Map<String, ConfigValue> baseline = Map.of();
    private Optional<Path> output = Optional.empty();
    private Console console = Console.SILENT;
    private StopRequest stop = StopRequest.NEVER;
    private Runnable start = () -> {};
    private int jobs = 1;
    private Optional<String> cluster = Optional.empty();
    private boolean resume;
    private boolean overwrite;

    private Experiment(Path file, List<String> arguments, @Nullable Rlhf4j engine, @Nullable Engines engines) {
        this.file = file;
        this.arguments = arguments;
        this.engine = engine;
        this.engines = engines;
    }

    /** What was said in Java. */
    record Given(
            List<List<Map<String, ConfigValue>>> factors,
            List<String> metrics,
            List<Measure> measures,
            List<Scatter> scatters,
            Map<String, ConfigValue> baseline,
            Optional<Path> output) {}

    /**
     * An experiment over a run file, one run after the other.
     *
     * @param engine makes the runs, and is not closed
     * @param values over the file's for all runs, as on the command line: {@code stage.key=value}
     */
    public static Experiment of(Rlhf4j engine, Path file, String... values) {
        return new Experiment(file, List.of(values), engine, null);
    }

    /**
     * An experiment whose runs may be made side by side, each with an engine of its own.
     *
     * @param values over the file's for all runs, as on the command line: {@code stage.key=value}
     */
    public static Experiment of(Engines engines, Path file, String... values) {
        return new Experiment(file, List.of(values), null, engines);
    }

    /**
     * Varies a key: the experiment has each combination with what else is varied.
     *
     * @param key {@code stage.key}, with dots for a key below it, or a key of the run's own such as {@code seed}
     * @param values numbers, booleans, texts, paths, or lists of such
     */
    public Experiment vary(String key, Object... values) {
        factors.add(Arrays.stream(values)
                .map(value -> Map.of(key, JavaValue.of(value)))
                .toList());
        return this;
    }

    /** Varies several keys together: each of the settings, keys to values, is combined with what else is varied. */
    public Experiment list(List<? extends Map<String, ?>> settings) {
        factors.add(settings.stream().map(Experiment::values).toList());
        return this;
    }

    private static Map<String, ConfigValue> values(Map<String, ?> setting) {
        Map<String, ConfigValue> values = new LinkedHashMap<>();
        setting.forEach((key, value) -> values.put(key, JavaValue.of(value)));
        return values;
    }

    /** Adds metrics that the runs write down: {@code stage.metric}, of an evaluation {@code stage.model.metric}. */
    public Experiment metrics(String... names) {
        metrics.addAll(List.of(names));
        return this;
    }

    /**
     * Adds a metric that is measured on each complete run, in the thread that made it. It is measured once: what came out is kept in the experiment's folder.
     *
     * @param name a word
     */
    public Experiment measure(String name, ToDoubleFunction<Run> measure) {
        measures.add(Measure.of(name, measure));
        return this;
    }

    /** A picture of one metric over another, for report.html. */
    public Experiment scatter(String title, String x, String y) {
        scatters.add(new Scatter(title, List.of(x), List.of(y)));
        return this;
    }

    /** The group that the others are compared with, by some of its values; otherwise the first. */
    public Experiment baseline(Map<String, ?> values) {
        baseline = values(values);
        return this;
    }

    /** The experiment's folder; otherwise the run file's output_dir and name say it. */
    public Experiment output(Path folder) {
        output = Optional.of(folder);
        return this;
    }

    /** Goes on where an experiment was stopped or interrupted, or has failed runs; what is complete is not made again. */
    public Experiment resume() {
        resume = true;
        return this;
    }

    /** Replaces an experiment that is in the folder already. */
    public Experiment overwrite() {
        overwrite = true;
        return this;
    }

    /** So many runs at a time, with the threads of the machine divided among them; needs {@link #of(Engines, Path, String...)}. Results do not depend on it. */
    public Experiment jobs(int count) {
        if (count < 1) {
            throw new UserError("jobs must be >= 1, but is " + count);
        }
        jobs = count;
        return this;
    }

    /**
     * Runs are made by workers, a run a task, as many at a time as there are: {@code processes:2}, or a master of Spark where its module is on the class path, whose executors may come later. The run file's keys of {@code cluster} count, but for its master, and its own {@code threads}.
     * Workers must see the run file, what it names, and the experiment's folder under the same names. Results do not depend on it.
     */
    public Experiment cluster(String master) {
        cluster = Optional.of(master);
        return this;
    }

    /** Where lines about the experiment go; nowhere by default. */
    public Experiment console(Console newConsole) {
        console = newConsole;
        return this;
    }

    /** Asked after each step of each run whether to stop. */
    public Experiment stopOn(StopRequest request) {
        stop = request;
        return this;
    }

    /** Called once when everything is checked and the first run is next. */
    public Experiment onStart(Runnable action) {
        start = action;
        return this;
    }

    /**
     * Checks everything that can be checked without running. The console shows the plan.
     *
     * @throws UserError with a line for each mistake
     */
    public void check() {
        try (Workers workers = workers()) {
            Planner planner = planner(workers);
            ExperimentPlan plan = planner.plan(given());
            plan.requireMemory(runsHere(), StageNeeds.bound());
            PlanLines.of(plan, runsHere()).forEach(console::line);
        }
    }

    /**
     * Makes the runs.
     *
     * @return what came out, the runs that failed included; also written into the experiment's folder
     * @throws UserError with a line for each mistake in what was given; nothing has run then
     * @throws io.github.rlhf4j.core.stage.StoppedException when {@link #stopOn} asked for it
     */
    public ExperimentResults run() {
        if (resume && overwrite) {
            throw new UserError("--resume and --overwrite exclude each other; give one of them");
        }
        try (Workers workers = workers()) {
            Planner planner = planner(workers);
            requireWorkersKernels(workers.first());
            ExperimentPlan plan = planner.plan(given());
            plan.requireMemory(runsHere(), StageNeeds.bound());
            ExperimentFolder.requirePlace(plan.folder(), resume, overwrite);
            PlanLines.of(plan, runsHere()).forEach(console::line);
            try (ExperimentFolder folder = ExperimentFolder.open(plan.folder(), overwrite)) {
                start.run();
                ExperimentProgress progress =
                        new ExperimentProgress(plan.folder(), plan.runs().size());
                if (cluster.isEmpty()) {
                    return new Execution(plan, planner, folder, workers, stop, progress, console).run();
                }
                try (RunPlaces places =
                                RunPlaces.open(planner.cluster(plan.runs().get(0), cluster.get()), console);
                        Workers placed = workers(places.all().size()).at(places)) {
                    return new Execution(plan, planner, folder, placed, stop, progress, console).run();
                }
            }
        }
    }

    private void requireWorkersKernels(Rlhf4j first) {
        if (cluster.isPresent() && !(first.kernels() instanceof CpuKernels)) {
            throw new UserError(
                    "cluster: workers compute with the kernels cpu, so the driver must too: leave out --kernels");
        }
    }

    /** Runs at a time on this machine. */
    private int runsHere() {
        return cluster.map(LOCAL_WORKERS::matcher)
                .filter(Matcher::matches)
                .map(master -> Integer.parseInt(master.group(1)))
                .orElse(jobs);
    }

    private boolean isOnSpark() {
        return cluster.filter(LocalBackends::isSpark).isPresent();
    }

    private Workers workers() {
        return workers(jobs);
    }

    private Workers workers(int atATime) {
        if (cluster.isPresent() && jobs > 1) {
            throw new UserError("--jobs does nothing with --cluster, whose workers make a run each; give one of them");
        }
        if (engines == null && jobs > 1) {
            throw new UserError("runs side by side need an engine each: Experiment.of(engines, file)");
        }
        return engine != null
                ? Workers.of(engine)
                : Workers.of(requireNonNull(engines), atATime, atATime == 1 && !isOnSpark(), console);
    }

    private Planner planner(Workers workers) {
        return new Planner(workers.first(), file, arguments);
    }

    private Given given() {
        return new Given(
                List.copyOf(factors),
                List.copyOf(metrics),
                List.copyOf(measures),
                List.copyOf(scatters),
                baseline,
                output);
    }
}
