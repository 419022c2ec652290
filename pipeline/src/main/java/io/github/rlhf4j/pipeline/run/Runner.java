package io.github.rlhf4j.pipeline.run;

import com.fasterxml.jackson.databind.JsonNode;
import io.github.rlhf4j.core.Suggestion;
import io.github.rlhf4j.core.UserError;
import io.github.rlhf4j.core.cluster.Cluster;
import io.github.rlhf4j.core.kernels.Kernels;
import io.github.rlhf4j.core.process.ResidentMemory;
import io.github.rlhf4j.core.stage.ConfigException;
import io.github.rlhf4j.core.stage.Console;
import io.github.rlhf4j.core.stage.StageRun;
import io.github.rlhf4j.core.stage.StopRequest;
import io.github.rlhf4j.core.stage.StoppedException;
import io.github.rlhf4j.datasets.Datasets;
import io.github.rlhf4j.pipeline.config.EffectiveConfig;
import io.github.rlhf4j.pipeline.report.RunReport;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;

/** Runs the stages of a plan one after the other, reusing what is complete, and keeps summary.json and report.html up to date. */
public final class Runner {
    private static final String ENERGY = "energy_consumed"; // kWh, as codecarbon has it

    private final Kernels kernels;
    private final Datasets datasets;
    private final StopRequest stop;
    private final Console console;
    private final RunObserver observer;
    private Optional<Function<Kernels, Cluster>> place = Optional.empty();

    /**
     * @param kernels the arithmetic of all stages
     * @param datasets what the stages read, for digests
     * @param console for the person who watches
     * @param stop ends the run where it can be resumed
     * @param observer is told where the run is
     */
    public Runner(Kernels kernels, Datasets datasets, Console console, StopRequest stop, RunObserver observer) {
        this.stop = stop;
        this.kernels = kernels;
        this.datasets = datasets;
        this.console = console;
        this.observer = observer;
    }

    /** Pure work of the stages is done there from now on; each stage closes what it is given. */
    public void computeOn(Function<Kernels, Cluster> other) {
        place = Optional.of(other);
    }

    /**
     * Runs what {@code options} ask for.
     *
     * @throws UserError when results are in the way, or cannot be reused
     */
    public void run(RunPlan plan, RunOptions options) {
        Path directory = plan.runFile().directory();
        requirePlace(directory, options);
        try (RunFolder folder = RunFolder.lock(directory)) {
            new Session(plan, options, folder).run();
        }
    }

    /**
     * Looks whether the stages are there that {@code options} name.
     *
     * @throws UserError with the name that is none
     */
    public static void requireStages(RunPlan plan, RunOptions options) {
        List<String> names = plan.stages().stream().map(PlannedStage::name).toList();
        options.from().ifPresent(name -> requireStage("--from", name, names));
        options.only().ifPresent(name -> requireStage("--only", name, names));
    }

    private static void requireStage(String option, String name, List<String> names) {
        if (!names.contains(name)) {
            throw new UserError(option + " " + name + " names no stage of this run; the stages are "
                    + String.join(", ", names) + Suggestion.phrase(name, names));
        }
    }

    private static void requirePlace(Path directory, RunOptions options) {
        RunFolder.State state = RunFolder.look(directory);
        if (state == RunFolder.State.FOREIGN) {
            throw new UserError(RunFolder.describe(directory) + "; choose another name by name=...");
        }
        if (state == RunFolder.State.RUN && !options.resume() && !options.overwrite() && !options.reuses()) {
            throw new UserError(
                    directory + " already exists; continue it with --resume, replace it with --overwrite, or choose"
                            + " another name by name=...");
        }
    }

    /** One run in its locked folder. */
    private final class Session {
        private final RunPlan plan;
        private final RunOptions options;
        private final RunFolder folder;
        private final PreviousRun previous;
        private final FileDigests digests = new FileDigests();
        private final InputDigests inputs;
        private final Reuse reuse;
        private final RunProgress progress;
        private final EnergyMeter meter;

        Session(RunPlan plan, RunOptions options, RunFolder folder) {
            this.plan = plan;
            this.options = options;
            this.folder = folder;
            this.previous = folder.previous();
            this.inputs = new InputDigests(datasets, plan.runFile().seed(), folder, digests);
            this.reuse = new Reuse(folder, inputs, digests);
            this.progress = new RunProgress(
                    folder.directory(),
                    plan.stages().stream().map(PlannedStage::name).toList(),
                    stop);
            this.meter =
                    EnergyMeter.of(EnergyMeter.POWERCAP, plan.runFile().watts().orElse(0));
        }

        void run() {
            List<String> due = due();
            List<String> stale = stale(due);
            requireReplaceable(due);
            setAside(due);
            progress.begin();
            try {
                run(due, stale);
            } catch (StoppedException e) {
                progress.end(RunProcess.State.STOPPED, String.valueOf(e.getMessage()));
                throw e;
            } catch (RuntimeException | Error e) {
                progress.end(RunProcess.State.FAILED, String.valueOf(e.getMessage()));
                folder.requirePresent(names()); // else that is why
                throw e;
            }
            progress.end(RunProcess.State.DONE, "");
        }

        private void run(List<String> due, List<String> stale) {
            console.logTo(folder.directory().resolve(RunFolder.LOG));
            List<String> made = new ArrayList<>();
            for (PlannedStage stage : plan.stages()) {
                if (due.contains(stage.name())) {
                    stopIfAsked(stage);
                    runStage(stage, made.isEmpty());
                    made.add(stage.name());
                    writeSummary();
                    observer.onStageDone(stage.name());
                    RunReport.write(folder.directory());
                } else if (!stale.contains(stage.name())
                        && isReused(stage)
                        && stage.inputs().stream().anyMatch(made::contains)) {
                    reuse.requireReusable(stage, List.of());
                }
            }
            if (due.isEmpty()) {
                console.line("every stage is complete already");
            }
            writeSummary();
            RunReport.finish(folder.directory());
            if (!stale.isEmpty()) {
                throw new UserError(
                        "stages that are complete were made from an earlier model of one that is longer now: "
                                + String.join(", ", stale) + "; run them again: --from " + stale.get(0));
            }
            console.line("done: " + folder.directory().resolve("summary.json") + ", "
                    + folder.directory().resolve("report.html"));
            ChatHint.line(
                            folder.directory(),
                            plan.stages().stream().map(PlannedStage::name).toList())
                    .ifPresent(console::line);
        }

        private void stopIfAsked(PlannedStage next) {
            if (progress.isRequested()) {
                throw new StoppedException("stopped before stage " + next.name() + "; continue with --resume");
            }
        }

        /** The stages to run, after those to be reused have been found complete and unchanged. */
        private List<String> due() {
            List<String> due = new ArrayList<>();
            boolean isNew = options.overwrite() && !options.reuses();
            for (PlannedStage stage : plan.stages()) {
                boolean isComplete =
                        options.resume() && folder.stage(stage.name()).isDone() && !reuse.isLengthened(stage);
                if (isNew || isWanted(stage) && !isComplete) {
                    due.add(stage.name());
                } else if (isReused(stage)) {
                    reuse.requireReusable(stage, due);
                    console.line("[" + stage.name() + "] complete, reused");
                    warnOfChangedLogs(stage);
                }
            }
            return due;
        }

        private void warnOfChangedLogs(PlannedStage stage) {
            folder.stage(stage.name())
                    .done()
                    .changedLogs(digests)
                    .forEach(file -> console.warning(file + " was changed or removed after stage " + stage.name()
                            + " had written it; no later stage reads it, but reports and comparisons do"));
        }

        /** Complete stages that read, also through others, the result of one that will be longer. */
        private List<String> stale(List<String> due) {
            Set<String> changed = new LinkedHashSet<>();
            List<String> stale = new ArrayList<>();
            for (PlannedStage stage : plan.stages()) {
                boolean isDone = folder.stage(stage.name()).isDone();
                if (due.contains(stage.name())) {
                    if (options.resume() && isDone) {
                        changed.add(stage.name());
                    }
                } else if (isDone && stage.inputs().stream().anyMatch(changed::contains)) {
                    changed.add(stage.name());
                    stale.add(stage.name());
                }
            }
            return stale;
        }

        private boolean isWanted(PlannedStage stage) {
            List<String> names = plan.stages().stream().map(PlannedStage::name).toList();
            return options.only()
                    .map(stage.name()::equals)
                    .orElseGet(() -> names.indexOf(stage.name())
                            >= options.from().map(names::indexOf).orElse(0));
        }

        private boolean isReused(PlannedStage stage) {
            return isWanted(stage)
                    || options.only()
                            .map(reader -> plan.stages().stream()
                                    .anyMatch(other -> other.name().equals(reader)
                                            && other.inputs().contains(stage.name())))
                            .orElse(true);
        }

        /** Nothing is begun where something foreign is in the way. */
        private void requireReplaceable(List<String> due) {
            if (options.overwrite() && !options.reuses()) {
                folder.requireOwn();
            }
            due.forEach(stage -> folder.stage(stage).requireOwn());
        }

        private void setAside(List<String> due) {
            if (due.isEmpty() || options.resume()) {
                return;
            }
            previous.setAside(options.reuses() ? due : folder.requireOwn(), due.get(0));
        }

        private void runStage(PlannedStage stage, boolean isFirst) {
            StageFolder stored = folder.stage(stage.name());
            try {
                runStage(stage, stored);
                previous.stageIsDone(stage.name());
            } catch (ConfigException e) { // a value that does not fit the model or the data
                clearAfter(stored, isFirst, true);
                throw new UserError(stage.name() + "." + e.getMessage(), e);
            } catch (UserError e) {
                clearAfter(stored, isFirst, true);
                throw e;
            } catch (RuntimeException | Error e) {
                clearAfter(stored, isFirst, false);
                throw e;
            }
        }

        /** Nothing half-written stays behind a mistake in what was given, and what was there before comes back. */
        private void clearAfter(StageFolder stored, boolean isFirst, boolean isMistake) {
            if (stored.hasCheckpoints() || stored.hasAnswers() || stored.hasWrongNumbers()) {
                return;
            }
            if (isFirst && previous.exists() && stored.foreign().isEmpty()) {
                previous.restore(stored.name());
                console.line("what was in " + folder.directory() + " before is back");
            } else if (isMistake && stored.foreign().isEmpty()) {
                stored.clear();
                folder.removeIfEmpty();
            }
        }

        private void runStage(PlannedStage stage, StageFolder stored) {
            boolean goesOn = options.resume() && stored.hasCheckpoints();
            if (goesOn) {
                reuse.requireSame(stage);
                stored.reopen();
            } else if (options.resume()) {
                stored.clearButAnswers();
            } else {
                stored.clear();
            }
            Map<String, String> parents = parents(stage);
            EffectiveConfig effective = stage.effective();
            stored.writeConfig(effective);
            stored.writeInputs(inputs.of(stage));
            ResidentMemory.resetPeak();
            console.line(
                    "[" + stage.name() + "] " + stage.type() + (goesOn ? ", continues from its last checkpoint" : ""));
            long runSeed = plan.runFile().seed();
            try (StageRun context = StageRun.builder(stored.directory(), kernels)
                    .name(stage.name())
                    .cacheDirectory(folder.directory().resolve("cache"))
                    .seed(stage.seed())
                    .dataSeed(runSeed)
                    .console(console)
                    .resume(goesOn)
                    .build()) {
                context.stopOn(progress);
                place.ifPresent(other -> context.useCluster(other.apply(kernels)));
                context.listen(progress.of(stage.name(), stage.type(), observer.onStage(stage.name(), stage.type())));
                EnergyMeter.Span energy = meter.begin();
                context.whileRunning(() -> {
                    energy.sample();
                    RunReport.write(folder.directory());
                });
                stage.work().run(context);
                folder.requirePresent(names());
                context.requireLogs();
                Map<String, Object> summary = new LinkedHashMap<>();
                summary.put("type", stage.type());
                summary.putAll(context.summary());
                Map<String, Object> metrics = metrics(stored, context.summary());
                summary.put("metrics", metrics);
                if (meter.isKnown()) {
                    summary.put(ENERGY, energy.end().kwh());
                    context.provenance("energy_source", meter.source());
                }
                StageFolder.writeJson(
                        stored.directory().resolve("provenance.json"),
                        Provenance.of(stage, runSeed, context.provenance(), parents, kernels.description()));
                stored.writeDone(summary, digests, parents);
                String results = context.results(metrics);
                console.line("[%s] done in %s s%s"
                        .formatted(stage.name(), seconds(summary), results.isEmpty() ? "" : ": " + results));
            }
        }

        private List<String> names() {
            return plan.stages().stream().map(PlannedStage::name).toList();
        }

        /** Digests of the models of earlier stages that the stage starts from. */
        private Map<String, String> parents(PlannedStage stage) {
            Map<String, String> parents = new LinkedHashMap<>();
            for (String input : stage.inputs()) {
                parents.put(input, folder.stage(input).done().modelSha256());
            }
            return parents;
        }

        private void writeSummary() {
            folder.requirePresent(names());
            Map<String, JsonNode> stages = new LinkedHashMap<>();
            for (PlannedStage stage : plan.stages()) {
                StageFolder stored = folder.stage(stage.name());
                if (stored.isDone()) {
                    stages.put(stage.name(), stored.done().summary());
                }
            }
            Map<String, Object> summary = new LinkedHashMap<>();
            summary.put("name", plan.runFile().name());
            summary.put("seed", plan.runFile().seed());
            stages.values().stream()
                    .map(stage -> stage.path(ENERGY))
                    .filter(JsonNode::isNumber)
                    .map(JsonNode::doubleValue)
                    .reduce(Double::sum)
                    .ifPresent(kwh -> summary.put(ENERGY, kwh));
            summary.put("stages", stages);
            StageFolder.writeJson(folder.directory().resolve("summary.json"), summary);
        }
    }

    /** What was logged last, and over it what the stage sums up itself. */
    private static Map<String, Object> metrics(StageFolder stored, Map<String, Object> summary) {
        Map<String, Object> metrics = stored.lastMetrics();
        if (summary.get("metrics") instanceof Map<?, ?> own) {
            own.forEach((name, value) -> metrics.put(String.valueOf(name), value));
        }
        return metrics;
    }

    private static String seconds(Map<String, Object> summary) {
        return summary.get("seconds") instanceof Number seconds
                ? String.format(Locale.ROOT, "%.1f", seconds.doubleValue())
                : "?";
    }
}
