package io.github.rlhf4j.experiment;

import io.github.rlhf4j.Rlhf4j;
import io.github.rlhf4j.RunBuilder;
import io.github.rlhf4j.core.UserError;
import io.github.rlhf4j.pipeline.config.ClusterConfig;
import io.github.rlhf4j.pipeline.config.ClusterKeys;
import io.github.rlhf4j.pipeline.config.ConfigValue;
import io.github.rlhf4j.pipeline.config.Problems;
import io.github.rlhf4j.pipeline.config.RunDraft;
import io.github.rlhf4j.pipeline.config.RunFile;
import io.github.rlhf4j.pipeline.run.RunPlan;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/** Checks an experiment: its section, and every run of it as {@code --dry-run} would. */
final class Planner {
    private static final int MOST_RUNS = 10_000;

    private final Rlhf4j engine;
    private final Path file;
    private final List<String> arguments;
    private final Problems problems = new Problems();

    Planner(Rlhf4j engine, Path file, List<String> arguments) {
        this.engine = engine;
        this.file = file;
        this.arguments = arguments;
    }

    /**
     * The plan.
     *
     * @param given what was given in Java, beside the file's section or instead of it
     * @throws UserError with a line for each mistake
     */
    ExperimentPlan plan(Experiment.Given given) {
        Section section = section(given);
        problems.throwIfAny();
        Design design = section.design();
        given.factors().forEach(design::factor);
        if (design.isEmpty()) {
            throw new UserError("the experiment varies nothing: say what by vary, list or each");
        }
        requireRuns(section.budget(), design.size());
        List<Map<String, ConfigValue>> settings = design.runs();
        Path folder = given.output().orElseGet(() -> folder(settings.get(0)));
        List<PlannedRun> runs = runs(settings, folder);
        List<Measure> measures = measures(section, given, runs);
        problems.throwIfAny();
        Map<String, ConfigValue> baseline = new LinkedHashMap<>(section.baseline());
        baseline.putAll(given.baseline());
        Values compared = baseline(Design.values(baseline), runs);
        problems.throwIfAny();
        requireHours(section.budget(), runs);
        List<Scatter> scatters = new ArrayList<>(section.scatters());
        scatters.addAll(given.scatters());
        return new ExperimentPlan(folder, runs, measures, compared, scatters, section.budget());
    }

    private Section section(Experiment.Given given) {
        RunDraft draft = RunDraft.read(file);
        arguments.forEach(draft::lay);
        Optional<ConfigValue> value = draft.takeExperiment();
        if (value.isEmpty() && given.factors().isEmpty()) {
            throw new UserError(
                    file + " has no section experiment; add one, such as experiment: {grid: {seed: [1, 2, 3]},"
                            + " metrics: [dpo.eval_loss]} (./rlhf4j help experiment)");
        }
        return value.map(section -> Section.read(section, problems)).orElseGet(() -> Section.empty(problems));
    }

    private static void requireRuns(Budget budget, long size) {
        if (budget.runs().isPresent() && size > budget.runs().getAsLong()) {
            throw new UserError("experiment.budget.runs is " + budget.runs().getAsLong() + ", but the experiment has "
                    + size + " runs; raise it, or vary less");
        }
        if (size > MOST_RUNS) {
            throw new UserError("the experiment has more than " + MOST_RUNS + " runs; vary less");
        }
    }

    private static void requireHours(Budget budget, List<PlannedRun> runs) {
        Costs costs = Costs.of(runs, Runtime.getRuntime().availableProcessors());
        double hours = (Costs.spent(runs) + costs.seconds()) / 3600;
        if (budget.hours().isPresent() && hours > budget.hours().getAsDouble()) {
            throw new UserError(
                    "experiment.budget.hours is %s, but the experiment takes about %.2f hours; raise it, or vary less"
                            .formatted(budget.hours().getAsDouble(), hours));
        }
    }

    /** Where the run file itself would put a run. */
    private Path folder(Map<String, ConfigValue> setting) {
        RunDraft draft = RunDraft.read(file);
        arguments.forEach(draft::lay);
        draft.takeExperiment();
        setting.forEach(draft::lay);
        return draft.finish().directory();
    }

    private List<PlannedRun> runs(List<Map<String, ConfigValue>> settings, Path folder) {
        List<PlannedRun> runs = new ArrayList<>();
        Map<String, Integer> mistakes = new LinkedHashMap<>();
        Map<String, String> first = new LinkedHashMap<>();
        for (Map<String, ConfigValue> setting : settings) {
            Values values = Design.values(setting);
            try {
                RunPlan plan = builder(engine, setting, folder.resolve(values.folder()))
                        .plan();
                runs.add(PlannedRun.of(setting, folder, plan));
            } catch (UserError e) {
                lines(e).forEach(line -> {
                    mistakes.merge(line, 1, Integer::sum);
                    first.putIfAbsent(line, values.label());
                });
            }
        }
        mistakes.forEach((line, times) -> problems.add(
                times == settings.size() || times > 1 ? line : line + " (in the run " + first.get(line) + ")"));
        problems.throwIfAny();
        return runs;
    }

    /** A run's builder. */
    RunBuilder builder(Rlhf4j with, Map<String, ConfigValue> setting, Path folder) {
        RunBuilder run = with.runFile(file, arguments.toArray(String[]::new)).withoutExperiment();
        setting.forEach(run::lay);
        return run.output(folder);
    }

    /** The keys of {@code cluster} of a run, with another master. */
    ClusterConfig cluster(PlannedRun run, String master) {
        RunFile read = builder(engine, run.setting(), run.folder())
                .cluster(master)
                .plan()
                .runFile();
        Problems mistakes = new Problems();
        Optional<ClusterConfig> config = ClusterKeys.read(read, mistakes);
        mistakes.throwIfAny();
        return config.orElseThrow();
    }

    Path file() {
        return file;
    }

    List<String> arguments() {
        return arguments;
    }

    private static List<String> lines(UserError error) {
        String message = String.valueOf(error.getMessage());
        List<String> lines = new ArrayList<>(message.lines().map(String::strip).toList());
        if (lines.size() > 1 && lines.get(0).endsWith("mistakes in the configuration:")) {
            lines.remove(0);
        }
        return lines;
    }

    private List<Measure> measures(Section section, Experiment.Given given, List<PlannedRun> runs) {
        Set<String> names = new java.util.LinkedHashSet<>(section.metrics());
        names.addAll(given.metrics());
        for (Scatter scatter : section.scatters()) {
            names.addAll(scatter.x());
            names.addAll(scatter.y());
        }
        List<String> own = given.measures().stream().map(Measure::name).toList();
        own.forEach(names::remove);
        List<Measure> measures = new ArrayList<>();
        List<String> types = List.copyOf(new TreeSet<>(ours()));
        for (String name : names) {
            runs.stream()
                    .flatMap(run -> Measure.mistake(name, run.configs(), types).stream())
                    .distinct()
                    .forEach(problems::add);
            measures.add(Measure.named(name));
        }
        measures.addAll(given.measures());
        if (measures.isEmpty()) {
            problems.add("experiment.metrics is missing: name the metrics of interest, such as [dpo.eval_loss]");
        }
        return measures;
    }

    /** Types of stages of this program, whose metrics are known. */
    private Set<String> ours() {
        Set<String> types = new TreeSet<>();
        engine.stages().forEach((type, stage) -> {
            if (stage.getClass().getName().startsWith("io.github.rlhf4j.")) {
                types.add(type);
            }
        });
        return types;
    }

    private Values baseline(Values wanted, List<PlannedRun> runs) {
        List<Values> groups =
                runs.stream().map(run -> run.values().withoutSeeds()).distinct().toList();
        if (wanted.byKey().isEmpty()) {
            return groups.get(0);
        }
        List<Values> found =
                groups.stream().filter(group -> group.contains(wanted)).toList();
        if (found.size() == 1) {
            return found.get(0);
        }
        problems.add("experiment.baseline must name one group, but " + wanted.label() + " is that of "
                + (found.isEmpty() ? "none" : found.size()) + "; the groups are "
                + String.join("; ", groups.stream().map(Values::label).toList()));
        return groups.get(0);
    }
}
