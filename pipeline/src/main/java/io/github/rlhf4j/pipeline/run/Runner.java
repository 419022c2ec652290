package io.github.rlhf4j.pipeline.run;

import com.fasterxml.jackson.databind.JsonNode;
import io.github.rlhf4j.core.UserError;
import io.github.rlhf4j.core.kernels.Kernels;
import io.github.rlhf4j.core.train.ConfigException;
import io.github.rlhf4j.core.train.Console;
import io.github.rlhf4j.core.train.ResidentMemory;
import io.github.rlhf4j.core.train.StageRun;
import io.github.rlhf4j.pipeline.config.EffectiveConfig;
import io.github.rlhf4j.pipeline.config.Suggestion;
import io.github.rlhf4j.pipeline.report.RunReport;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** Runs the stages of a plan one after the other, reusing what is complete, and keeps summary.json and report.html up to date. */
public final class Runner {
    private final Kernels kernels;
    private final Console console;

    /**
     * @param kernels the arithmetic of all stages
     * @param console for the person who watches
     */
    public Runner(Kernels kernels, Console console) {
        this.kernels = kernels;
        this.console = console;
    }

    /**
     * Runs what {@code options} ask for.
     *
     * @throws UserError when results are in the way, or cannot be reused
     */
    public void run(RunPlan plan, RunOptions options) {
        Path directory = plan.runFile().directory();
        List<String> names = plan.stages().stream().map(PlannedStage::name).toList();
        options.from().ifPresent(name -> requireStage("--from", name, names));
        options.only().ifPresent(name -> requireStage("--only", name, names));
        if (RunFolder.isTaken(directory) && !options.resume() && !options.overwrite() && !options.reuses()) {
            throw new UserError(
                    directory + " exists already; go on with it by --resume, replace it by --overwrite, or choose"
                            + " another name by name=...");
        }
        try (RunFolder folder = RunFolder.lock(directory)) {
            if (options.overwrite() && !options.reuses()) {
                folder.clear();
            }
            console.logTo(folder.directory().resolve(RunFolder.LOG));
            List<PlannedStage> due = due(plan, options, folder);
            for (PlannedStage stage : due) {
                runStage(stage, plan, options.resume(), folder);
                writeSummary(plan, folder);
                RunReport.write(folder.directory());
            }
            if (due.isEmpty()) {
                console.line("every stage is complete already");
            }
            writeSummary(plan, folder);
            RunReport.write(folder.directory());
            console.line("done: " + directory.resolve("summary.json") + ", " + directory.resolve("report.html"));
        }
    }

    private static void requireStage(String option, String name, List<String> names) {
        if (!names.contains(name)) {
            throw new UserError(option + " " + name + " names no stage of this run; the stages are "
                    + String.join(", ", names) + Suggestion.phrase(name, names));
        }
    }

    /** The stages to run, after those to be reused have been found complete and unchanged. */
    private List<PlannedStage> due(RunPlan plan, RunOptions options, RunFolder folder) {
        List<PlannedStage> due = new ArrayList<>();
        boolean started = options.from().isEmpty();
        for (PlannedStage stage : plan.stages()) {
            started |= stage.name().equals(options.from().orElse(""));
            boolean wanted = options.only().map(stage.name()::equals).orElse(started);
            if (wanted && !(options.resume() && folder.stage(stage.name()).isDone())) {
                due.add(stage);
            } else if (wanted
                    || options.only().isEmpty()
                    || isReadBy(plan, options.only().get(), stage)) {
                requireReusable(stage, folder);
                console.line("[" + stage.name() + "] complete, reused");
            }
        }
        return due;
    }

    private static boolean isReadBy(RunPlan plan, String reader, PlannedStage stage) {
        return plan.stages().stream()
                .anyMatch(other -> other.name().equals(reader) && other.inputs().contains(stage.name()));
    }

    private static void requireReusable(PlannedStage stage, RunFolder folder) {
        StageFolder stored = folder.stage(stage.name());
        if (!stored.isDone()) {
            throw new UserError("stage " + stage.name() + " is not complete in " + folder.directory()
                    + ", so it cannot be reused; run it first: --from " + stage.name());
        }
        requireUnchanged(stage, stored);
        JsonNode done = stored.done();
        for (String input : stage.inputs()) {
            StageFolder source = folder.stage(input);
            String then = done.path("inputs").path(input).asText();
            if (source.isDone() && !source.done().path("model_sha256").asText().equals(then)) {
                throw new UserError("stage " + stage.name() + " was made from another model of stage " + input
                        + " than the present one; run it again: --from " + stage.name());
            }
        }
    }

    private static void requireUnchanged(PlannedStage stage, StageFolder stored) {
        List<String> differences =
                stored.config().map(stage.effective()::differencesFrom).orElse(List.of());
        if (!differences.isEmpty()) {
            throw new UserError("the configuration of stage " + stage.name() + " has changed since it ran ("
                    + String.join("; ", differences) + "); run it again with --from " + stage.name()
                    + ", or undo the change");
        }
    }

    private void runStage(PlannedStage stage, RunPlan plan, boolean resume, RunFolder folder) {
        StageFolder stored = folder.stage(stage.name());
        boolean goesOn = resume && stored.hasCheckpoints();
        if (goesOn) {
            requireUnchanged(stage, stored);
        } else {
            stored.clear();
        }
        Map<String, String> parents = parents(stage, folder);
        EffectiveConfig effective = stage.effective();
        stored.writeConfig(effective);
        ResidentMemory.resetPeak();
        console.line("[" + stage.name() + "] " + stage.type() + (goesOn ? ", goes on from its last checkpoint" : ""));
        Path cache = folder.directory().resolve("cache");
        long runSeed = plan.runFile().seed();
        StageRun.Setting setting = new StageRun.Setting(
                stage.name(),
                stored.directory(),
                cache,
                stage.seed(),
                runSeed,
                kernels,
                console,
                goesOn,
                System::nanoTime);
        try (StageRun context = new StageRun(setting)) {
            context.whileRunning(() -> RunReport.write(folder.directory()));
            stage.work().run(context);
            Map<String, Object> summary = new LinkedHashMap<>();
            summary.put("type", stage.type());
            summary.putAll(context.summary());
            Map<String, Object> metrics = metrics(stored, context.summary());
            summary.put("metrics", metrics);
            StageFolder.writeJson(
                    stored.directory().resolve("provenance.json"),
                    Provenance.of(stage, runSeed, context.provenance(), parents, kernels.description()));
            stored.writeDone(summary, stored.modelDigest(), parents);
            String results = context.results(metrics);
            console.line("[%s] done in %s s%s"
                    .formatted(stage.name(), seconds(summary), results.isEmpty() ? "" : ": " + results));
        } catch (ConfigException e) { // a value that does not fit the model or the data
            clearAfterMistake(stored, folder);
            throw new UserError(stage.name() + "." + e.getMessage(), e);
        } catch (UserError e) {
            clearAfterMistake(stored, folder);
            throw e;
        }
    }

    /** Nothing half-written stays behind a mistake in what was given. */
    private static void clearAfterMistake(StageFolder stored, RunFolder folder) {
        if (!stored.hasCheckpoints()) {
            stored.clear();
            folder.removeIfEmpty();
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

    /** Digests of the models that the stage starts from. */
    private static Map<String, String> parents(PlannedStage stage, RunFolder folder) {
        Map<String, String> parents = new LinkedHashMap<>();
        for (String input : stage.inputs()) {
            parents.put(input, folder.stage(input).done().path("model_sha256").asText());
        }
        return parents;
    }

    private static void writeSummary(RunPlan plan, RunFolder folder) {
        Map<String, Object> stages = new LinkedHashMap<>();
        for (PlannedStage stage : plan.stages()) {
            StageFolder stored = folder.stage(stage.name());
            if (stored.isDone()) {
                stages.put(stage.name(), stored.done().path("summary"));
            }
        }
        Map<String, Object> summary = new LinkedHashMap<>();
        summary.put("name", plan.runFile().name());
        summary.put("seed", plan.runFile().seed());
        summary.put("stages", stages);
        if (Files.isDirectory(folder.directory())) {
            StageFolder.writeJson(folder.directory().resolve("summary.json"), summary);
        }
    }
}
