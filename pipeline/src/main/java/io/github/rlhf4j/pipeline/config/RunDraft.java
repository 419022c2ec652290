package io.github.rlhf4j.pipeline.config;

import io.github.rlhf4j.core.Suggestion;
import io.github.rlhf4j.core.UserError;
import io.github.rlhf4j.tracking.TrackedRun;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** A run that is being put together: from a run file, the command line's values over it, and calls in Java. Mistakes are collected until {@link #finish}. */
public final class RunDraft {
    /** A run's own folders, beside those of its stages; no stage may be called so. */
    public static final List<String> FOLDERS = List.of("cache", "charts", TrackedRun.FILES);

    private static final String EXPERIMENT = "experiment"; // which runs to make of the file: not a key of one run
    private static final Set<String> RUN_KEYS = Set.of(
            "name",
            "seed",
            "output_dir",
            "model",
            "dataset",
            "report_to",
            "watts",
            "cluster",
            RunFile.COMPUTE,
            "stages",
            EXPERIMENT);
    private static final String ANCHORS = "x-"; // keys that only hold what aliases name
    private static final Origin NOT_GIVEN = Origin.DEFAULT;

    private final Problems problems = new Problems();
    private final Map<String, ConfigValue.Entries> stages = new LinkedHashMap<>();
    private final Optional<Path> file;
    private Optional<ConfigValue> experiment = Optional.empty();
    private ConfigValue.Entries run;

    private RunDraft(Optional<Path> file, ConfigValue.Entries run) {
        this.file = file;
        this.run = run;
    }

    /** Nothing yet. */
    public static RunDraft empty() {
        return new RunDraft(Optional.empty(), ConfigValue.Entries.empty(Origin.JAVA));
    }

    /**
     * What a run file says.
     *
     * @throws UserError for a file that cannot be read
     */
    public static RunDraft read(Path file) {
        ConfigValue.Entries entries = YamlReader.readFile(file);
        RunDraft draft =
                new RunDraft(Optional.of(file), entries.without("stages").without(EXPERIMENT));
        draft.experiment = Optional.ofNullable(entries.entries().get(EXPERIMENT));
        for (String key : entries.entries().keySet()) {
            if (!RUN_KEYS.contains(key) && !key.startsWith(ANCHORS)) {
                draft.problems.add(key + " is not a known key of a run ("
                        + entries.entries().get(key).origin() + ")" + Suggestion.phrase(key, RUN_KEYS)
                        + " Keys of a stage are under stages.<name>");
            }
            if (key.startsWith(ANCHORS)) {
                draft.run = draft.run.without(key);
            }
        }
        draft.addStages(entries.entries().get("stages"), String.valueOf(file.getFileName()));
        return draft;
    }

    private void addStages(@Nullable ConfigValue value, String source) {
        if (!(value instanceof ConfigValue.Entries given) || given.entries().isEmpty()) {
            problems.add("stages must be a map of at least one stage in " + source
                    + ", such as stages: {sft: {type: sft, ...}}");
            return;
        }
        given.entries().forEach((name, stage) -> {
            if (isStageName(name, stage)) {
                if (stage instanceof ConfigValue.Entries keys) {
                    stages.put(name, keys);
                } else {
                    problems.add("stages." + name + " must be a map of keys, but is " + stage.toLine()
                            + ValueReader.where(stage));
                }
            }
        });
    }

    private boolean isStageName(String name, ConfigValue where) {
        if (!name.matches("[a-z0-9_-]+")) {
            problems.add("the stage name " + YamlText.plainOrQuoted(name) + " must be made of a-z, 0-9, _ and -"
                    + ValueReader.where(where));
            return false;
        }
        if (FOLDERS.contains(name)) {
            problems.add("a stage cannot be called " + name + ", which is a folder of the run's own"
                    + ValueReader.where(where));
            return false;
        }
        return true;
    }

    /** Adds a stage at the end, in Java; one of this name keeps its place and its keys. */
    public void stage(String name, String type) {
        ConfigValue given = JavaValue.of(type);
        if (isStageName(name, given)) {
            ConfigValue.Entries keys = stages.getOrDefault(name, ConfigValue.Entries.empty(Origin.JAVA));
            stages.put(name, keys.with("type", given));
        }
    }

    /** Whether there is a stage of this name. */
    public boolean hasStage(String name) {
        return stages.containsKey(name);
    }

    /**
     * Sets a stage's key, in Java.
     *
     * @param path the key, with dots for a key below it: {@code dataset.limit}
     */
    public void set(String stage, String path, ConfigValue value) {
        ConfigValue.Entries keys = stages.get(stage);
        if (keys != null) {
            stages.put(stage, set(keys, path, value, stage));
        }
    }

    /** Sets a key of the run's own, in Java: name, seed, output_dir, model, dataset, report_to, watts, cluster or compute. */
    public void set(String key, ConfigValue value) {
        run = run.with(key, value);
    }

    /** Lays a value of the command line over what there is: {@code stage.key=value} or, for the run's own keys, {@code key=value}. */
    public void lay(String argument) {
        int equals = argument.indexOf('=');
        if (equals <= 0) {
            problems.add("the argument '" + argument + "' must be stage.key=value or key=value");
            return;
        }
        lay(argument.substring(0, equals), YamlReader.readArgument(argument.substring(equals + 1), argument));
    }

    /**
     * Lays a value over what there is.
     *
     * @param key {@code stage.key}, with dots for a key below it, or a key of the run's own
     */
    public void lay(String key, ConfigValue value) {
        int dot = key.indexOf('.');
        if (dot < 0) {
            layRunKey(key, value);
            return;
        }
        String stage = key.substring(0, dot);
        if (stage.equals(EXPERIMENT) && !stages.containsKey(EXPERIMENT)) {
            layExperiment(key.substring(dot + 1), value);
            return;
        }
        if (stage.equals(ClusterKeys.KEY) && !stages.containsKey(ClusterKeys.KEY)) {
            layCluster(key.substring(dot + 1), value);
            return;
        }
        ConfigValue.Entries keys = stages.get(stage);
        if (keys == null) {
            problems.add((value.origin().equals(Origin.COMMAND_LINE)
                            ? "the argument '" + key + "=" + value.toLine() + "' names"
                            : key + ValueReader.where(value) + " names")
                    + " no stage of this run; the stages are " + String.join(", ", stages.keySet())
                    + Suggestion.phrase(stage, stages.keySet()));
        } else {
            stages.put(stage, set(keys, key.substring(dot + 1), value, stage));
        }
    }

    /** {@code grid.dpo.beta} is the key dpo.beta of the section's grid. */
    private void layExperiment(String path, ConfigValue value) {
        ConfigValue.Entries section = experiment.orElse(null) instanceof ConfigValue.Entries given
                ? given
                : ConfigValue.Entries.empty(value.origin());
        int dot = path.indexOf('.');
        if (dot < 0) {
            experiment = Optional.of(section.with(path, value));
            return;
        }
        String key = path.substring(0, dot);
        ConfigValue.Entries inner = section.entries().get(key) instanceof ConfigValue.Entries map
                ? map
                : ConfigValue.Entries.empty(value.origin());
        experiment = Optional.of(section.with(key, inner.with(path.substring(dot + 1), value)));
    }

    /** {@code cluster.threads} is a key of the run's cluster, which may have been given as a master alone. */
    private void layCluster(String path, ConfigValue value) {
        ConfigValue given = run.entries().get(ClusterKeys.KEY);
        ConfigValue.Entries keys = given == null || ValueReader.isNull(given)
                ? ConfigValue.Entries.empty(value.origin())
                : ClusterKeys.entries(given);
        run = run.with(ClusterKeys.KEY, set(keys, path, value, ClusterKeys.KEY));
    }

    private void layRunKey(String key, ConfigValue value) {
        if (RUN_KEYS.contains(key) && !key.equals("stages") && !key.equals(EXPERIMENT)) {
            run = run.with(key, value);
            return;
        }
        String example = stages.isEmpty() ? "stage" : stages.keySet().iterator().next();
        problems.add(key + " is not a known key of a run (" + value.origin() + ")" + Suggestion.phrase(key, RUN_KEYS)
                + " A stage's key is written with the stage's name: " + example + "." + key + "=...");
    }

    /** The section {@code experiment}, which says which runs to make of the file; one run of it has none any more. */
    public Optional<ConfigValue> takeExperiment() {
        Optional<ConfigValue> taken = experiment;
        experiment = Optional.empty();
        return taken;
    }

    /** Takes the key cluster away, where it is given: who makes the run is a worker itself. */
    public void takeCluster() {
        run = run.without(ClusterKeys.KEY);
    }

    private ConfigValue.Entries set(ConfigValue.Entries entries, String path, ConfigValue value, String prefix) {
        int dot = path.indexOf('.');
        if (dot < 0) {
            return entries.with(path, value);
        }
        String key = path.substring(0, dot);
        ConfigValue inner = entries.entries().get(key);
        if (key.endsWith("dataset")
                && inner != null
                && !(inner instanceof ConfigValue.Entries)
                && !ValueReader.isNull(inner)) {
            inner = ConfigValue.Entries.empty(inner.origin()).with("path", inner);
        }
        if (inner != null && !(inner instanceof ConfigValue.Entries) && !ValueReader.isNull(inner)) {
            problems.add(prefix + "." + key + " is " + inner.toLine() + ValueReader.where(inner) + ", not a map, so "
                    + prefix + "." + path + " cannot be set");
            return entries;
        }
        ConfigValue.Entries below =
                inner instanceof ConfigValue.Entries map ? map : ConfigValue.Entries.empty(value.origin());
        return entries.with(key, set(below, path.substring(dot + 1), value, prefix + "." + key));
    }

    /**
     * The run with what was not given filled in.
     *
     * @throws UserError with one line for each mistake so far
     */
    public RunFile finish() {
        if (file.isEmpty() && stages.isEmpty() && problems.isEmpty()) {
            problems.add("a run needs at least one stage; begin one with stage(type)");
        }
        experiment.ifPresent(section -> problems.add("the file has a section experiment" + ValueReader.where(section)
                + ", which is many runs: start it by ./rlhf4j run or by class Experiment, or take the section out"));
        Map<String, ConfigValue.Entries> resolved = new RunInputs(run, problems).resolve(stages);
        if (file.isPresent()) {
            resolved = BesideRunFile.resolve(file.get(), resolved);
        }
        String base = file.map(path -> String.valueOf(path.getFileName()).replaceFirst("\\.ya?ml$", ""))
                .orElse("run");
        fillIn("name", new ConfigValue.Scalar(base, true, NOT_GIVEN));
        fillIn("seed", new ConfigValue.Scalar("0", false, NOT_GIVEN));
        fillIn("output_dir", new ConfigValue.Scalar("runs", false, NOT_GIVEN));
        String name = text("name", "[A-Za-z0-9_-][A-Za-z0-9_.-]*", "letters, digits, '_', '-' and '.'");
        String outputDir = text("output_dir", "[^\\x00]+", "a folder");
        long seed = seed();
        checkWatts();
        checkCompute();
        problems.throwIfAny();
        return new RunFile(name, seed, Path.of(outputDir), run, resolved);
    }

    private void checkCompute() {
        ConfigValue value = run.entries().get(RunFile.COMPUTE);
        if (value != null && RunFile.compute(value).isEmpty()) {
            problems.add("compute must be float32 or bfloat16, but is " + value.toLine());
        }
    }

    private void checkWatts() {
        ConfigValue value = run.entries().get("watts");
        if (value == null || value instanceof ConfigValue.Scalar scalar && scalar.isNull()) {
            return;
        }
        if (RunFile.watts(value).isEmpty()) {
            problems.add("watts must be a number > 0, the power of a core while it works, but is " + value.toLine());
        }
    }

    private void fillIn(String key, ConfigValue value) {
        if (!run.entries().containsKey(key)) {
            run = run.with(key, value);
        }
    }

    private String text(String key, String pattern, String mustBe) {
        ConfigValue value = run.entries().get(key);
        if (value instanceof ConfigValue.Scalar scalar
                && !scalar.isNull()
                && scalar.text().matches(pattern)) {
            return scalar.text();
        }
        problems.add(key + " must be " + mustBe + ", but is " + (value == null ? "missing" : value.toLine()));
        return "";
    }

    private long seed() {
        ConfigValue value = run.entries().get("seed");
        if (value instanceof ConfigValue.Scalar scalar && scalar.text().matches("[0-9]{1,18}")) {
            return Long.parseLong(scalar.text());
        }
        problems.add("seed must be a whole number >= 0, but is " + (value == null ? "missing" : value.toLine()));
        return 0;
    }
}
