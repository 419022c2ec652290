package io.github.rlhf4j.lab;

import io.github.rlhf4j.Rlhf4j;
import io.github.rlhf4j.charts.Chart;
import io.github.rlhf4j.core.UserError;
import io.github.rlhf4j.core.files.AtomicFiles;
import io.github.rlhf4j.core.stage.Console;
import io.github.rlhf4j.core.stage.Progress;
import io.github.rlhf4j.core.stage.StopRequest;
import io.github.rlhf4j.experiment.Experiment;
import io.github.rlhf4j.experiment.RunResult;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Runs a page: its runs one after the other, each measured when it is complete, then conclusions, pictures and claims. What is done is kept, so that a page that was killed goes on. */
final class LabRun {
    private static final String MADE = "made";

    private final PageSource source;
    private final Page page;
    private final Page.Mode mode;
    private final String modeName;
    private final Path folder;
    private final Rlhf4j engine;
    private final Console console;
    private final StopRequest stop;
    private Optional<String> cluster = Optional.empty();

    LabRun(
            PageSource source,
            Page page,
            Page.Mode mode,
            String modeName,
            Path folder,
            Rlhf4j engine,
            Console console,
            StopRequest stop) {
        this.source = source;
        this.page = page;
        this.mode = mode;
        this.modeName = modeName;
        this.folder = folder;
        this.engine = engine;
        this.console = console;
        this.stop = stop;
    }

    /** Has the runs of its experiment made there. */
    LabRun on(Optional<String> master) {
        cluster = master;
        return this;
    }

    LabResults run() {
        Measure measure = measure();
        Path measured = folder.resolve("measured");
        make(measured);
        if (!page.run().isEmpty()) {
            AtomicFiles.writeString(folder.resolve("run.yaml"), source.text(page.run()));
        }
        List<Plan> plans = Plan.of(mode);
        List<RunResult> runs = page.run().isEmpty() ? List.of() : runs(plans);
        List<Observation> observations = new ArrayList<>();
        for (int i = 0; i < plans.size(); i++) {
            Plan plan = plans.get(i);
            Path kept = measured.resolve(plan.file());
            Optional<List<Observation>> before = before(kept);
            if (before.isEmpty()) {
                console.line(
                        "lab " + source.name() + ": measuring " + (i + 1) + " of " + plans.size() + ", " + plan.name());
                Optional<RunResult> result = runs.isEmpty() ? Optional.empty() : Optional.of(runs.get(i));
                observations.addAll(Kept.write(kept, observations(plan, measure, result)));
            } else {
                observations.addAll(before.get());
            }
        }
        Settings settings = new Settings(mode.settings());
        Findings findings = new Findings(settings, observations);
        measure.conclude(findings);
        List<Observation> all = new ArrayList<>(observations);
        all.addAll(findings.conclusions());
        List<Group> groups = Group.of(all);
        boolean isFull = modeName.equals("full");
        List<Verdict> verdicts = page.claims().stream()
                .filter(claim -> isFull || !claim.inFullOnly())
                .map(claim -> Verdict.of(claim, groups, Group.bySeed(all)))
                .toList();
        return new LabResults(source.name(), page, modeName, all, groups, verdicts);
    }

    /** Everything that people look at. */
    void write(LabResults results) {
        Map<Page.Picture, Chart> charts = new LinkedHashMap<>();
        for (Page.Picture picture : page.pictures()) {
            Chart chart = Pictures.draw(picture, results.groups());
            charts.put(picture, chart);
            AtomicFiles.writeString(folder.resolve(picture.name() + ".svg"), chart.svg());
            AtomicFiles.writeString(folder.resolve(picture.name() + ".csv"), chart.csv());
        }
        AtomicFiles.writeString(folder.resolve("results.json"), results.json());
        AtomicFiles.writeString(folder.resolve("results.csv"), results.csv());
        AtomicFiles.writeString(folder.resolve("report.html"), LabReport.html(results, charts));
    }

    private List<Observation> observations(Plan plan, Measure measure, Optional<RunResult> result) {
        Subject subject = new Subject(
                engine,
                result.map(run -> engine.open(run.folder())),
                plan.seed(),
                plan.values(),
                new Settings(mode.settings()),
                stop,
                console);
        subject.checkStop();
        result.filter(run -> !mode.metrics().isEmpty()).ifPresent(run -> subject.add(Map.of(), run.metrics()));
        measure.measure(subject);
        return subject.observations();
    }

    /**
     * What {@link #run} would make, with the time and the memory that it takes, on the console; nothing is made and nothing is written.
     *
     * @throws UserError with a line for each mistake
     */
    void check() {
        measure();
        List<Plan> plans = Plan.of(mode);
        if (page.run().isEmpty()) {
            console.line("lab " + source.name() + ": " + plans.size()
                    + " cases, measured one after the other; how long they take is not known before");
            plans.forEach(plan -> console.line("  " + plan.name()));
            return;
        }
        try {
            Path given = Files.createTempFile("lab-" + source.name(), ".yaml");
            try {
                Files.writeString(given, source.text(page.run()));
                experiment(given, plans, console).check();
                if (!page.measure().isEmpty()) {
                    console.line("each run is measured after that; how long this takes is not known before");
                }
            } finally {
                Files.delete(given);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** An experiment measures something: of a page whose own measure does all of it, that a run is there. */
    private Experiment withMetrics(Experiment experiment) {
        if (mode.metrics().isEmpty() && page.measure().isEmpty()) {
            throw new UserError("page.yaml: metrics is missing: name metrics of stages, such as [sft.eval_loss],"
                    + " or a class by measure");
        }
        return mode.metrics().isEmpty()
                ? experiment.measure(MADE, run -> 1)
                : experiment.metrics(mode.metrics().toArray(String[]::new));
    }

    private Experiment experiment(Path file, List<Plan> plans, Console lines) {
        return withMetrics(Experiment.of(engine, file, Plan.lines(mode.values()))
                .list(plans.stream().map(Plan::keys).toList())
                .output(folder.resolve("runs"))
                .console(lines)
                .stopOn(stop));
    }

    /** In the order of the plans; a stage that several need alike is made once. */
    private List<RunResult> runs(List<Plan> plans) {
        Experiment experiment = experiment(folder.resolve("run.yaml"), plans, new RunLines(console, source.name()));
        cluster.ifPresent(experiment::cluster);
        if (Files.exists(folder.resolve("runs"))) {
            experiment.resume();
        }
        List<RunResult> runs = experiment.run().runs();
        runs.stream().filter(run -> !run.isComplete()).findFirst().ifPresent(run -> {
            throw new UserError("the run " + run.values().label() + " of the page failed: "
                    + run.failure().orElse("") + "; mend its cause and continue with --resume");
        });
        return runs;
    }

    /** Of what an experiment says its runs and workers, warnings and failures; plans of single runs are in their folders. */
    private record RunLines(Console console, String page) implements Console {
        @Override
        public void line(String line) {
            if (line.startsWith("run ") || line.startsWith("cluster: ")) {
                console.line("lab " + page + ": " + line);
            }
        }

        @Override
        public void warning(String line) {
            console.warning(line);
        }

        @Override
        public Progress progress(String what, long total, String unit) {
            return console.progress(what, total, unit);
        }
    }

    /** @throws UserError where the class is not there */
    private Measure measure() {
        if (page.measure().isEmpty()) {
            return new Measure() {};
        }
        try {
            // not even the initialiser of another class runs because a page names it
            return Class.forName(page.measure(), false, LabRun.class.getClassLoader())
                    .asSubclass(Measure.class)
                    .getDeclaredConstructor()
                    .newInstance();
        } catch (ReflectiveOperationException | ClassCastException | LinkageError e) {
            throw new UserError(
                    "page.yaml: measure must name a class on the class path that is a " + Measure.class.getName()
                            + " with a public constructor without parameters, but is " + page.measure(),
                    e);
        }
    }

    /** What was measured before; empty where nothing was, or where it cannot be trusted. */
    private Optional<List<Observation>> before(Path kept) {
        if (!Files.exists(kept)) {
            return Optional.empty();
        }
        Optional<List<Observation>> before = Kept.read(kept);
        if (before.isEmpty()) {
            console.warning(kept + " was changed after it had been written; it is measured again");
        }
        return before;
    }

    private static void make(Path folder) {
        try {
            AtomicFiles.createDirectories(folder);
        } catch (IOException e) {
            throw new UserError(folder + " cannot be made: " + e.getMessage(), e);
        }
    }
}
