package io.github.rlhf4j.pipeline.config;

import io.github.rlhf4j.core.Suggestion;
import io.github.rlhf4j.core.UserError;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * A run file with the command line's values over it: what the user gave, before any stage's defaults.
 *
 * @param name of the run, the folder under {@code outputDir}
 * @param seed of the run; 0 when none is given
 * @param outputDir where runs lie, relative to the working directory; {@code runs} when not given
 * @param run the run's own keys with their origins
 * @param stages name to keys, in the order of the file, {@code type} among them; at least one; {@code $model} and {@code $dataset} stand for the run's own
 */
public record RunFile(
        String name, long seed, Path outputDir, ConfigValue.Entries run, Map<String, ConfigValue.Entries> stages) {
    private static final Set<String> RUN_KEYS = Set.of("name", "seed", "output_dir", "model", "dataset", "stages");
    private static final String ANCHORS = "x-"; // keys that only hold what aliases name
    private static final String CACHE = "cache"; // beside the stages' folders
    private static final Origin NOT_GIVEN = Origin.DEFAULT;

    /**
     * Reads {@code file} and lays {@code arguments} over it.
     *
     * @param arguments {@code stage.key=value} or, for the run's own keys, {@code key=value}
     * @throws UserError for a file that cannot be read, and with one line for each mistake
     */
    public static RunFile read(Path file, List<String> arguments) {
        Problems problems = new Problems();
        ConfigValue.Entries entries = YamlReader.readFile(file);
        String source = file.getFileName().toString();
        for (String key : entries.entries().keySet()) {
            if (!RUN_KEYS.contains(key) && !key.startsWith(ANCHORS)) {
                problems.add(key + " is not a known key of a run ("
                        + entries.entries().get(key).origin() + ")" + Suggestion.phrase(key, RUN_KEYS)
                        + " Keys of a stage stand under stages.<name>");
            }
        }
        Map<String, ConfigValue.Entries> stages = stages(entries, source, problems);
        ConfigValue.Entries run = entries.without("stages");
        for (String key : entries.entries().keySet()) {
            run = key.startsWith(ANCHORS) ? run.without(key) : run;
        }
        for (String argument : arguments) {
            run = new Arguments(stages, problems).lay(argument, run);
        }
        stages = BesideRunFile.resolve(file, new RunInputs(run, problems).resolve(stages));
        if (!run.entries().containsKey("name")) {
            String base = source.replaceFirst("\\.ya?ml$", "");
            run = run.with("name", new ConfigValue.Scalar(base, true, NOT_GIVEN));
        }
        if (!run.entries().containsKey("seed")) {
            run = run.with("seed", new ConfigValue.Scalar("0", false, NOT_GIVEN));
        }
        if (!run.entries().containsKey("output_dir")) {
            run = run.with("output_dir", new ConfigValue.Scalar("runs", false, NOT_GIVEN));
        }
        String name = text(run, "name", "[A-Za-z0-9_-][A-Za-z0-9_.-]*", "letters, digits, '_', '-' and '.'", problems);
        String outputDir = text(run, "output_dir", "[^\\x00]+", "a folder", problems);
        long seed = seed(run, problems);
        problems.throwIfAny();
        return new RunFile(name, seed, Path.of(outputDir), run, stages);
    }

    /** runs/&lt;name&gt;/. */
    public Path directory() {
        return outputDir.resolve(name);
    }

    private static Map<String, ConfigValue.Entries> stages(
            ConfigValue.Entries entries, String source, Problems problems) {
        Map<String, ConfigValue.Entries> stages = new LinkedHashMap<>();
        ConfigValue value = entries.entries().get("stages");
        if (!(value instanceof ConfigValue.Entries given) || given.entries().isEmpty()) {
            problems.add("stages must be a map of at least one stage in " + source
                    + ", such as stages: {sft: {type: sft, ...}}");
            return stages;
        }
        given.entries().forEach((name, stage) -> {
            if (!name.matches("[a-z0-9_-]+")) {
                problems.add("the stage name " + YamlText.plainOrQuoted(name) + " must be made of a-z, 0-9, _ and -"
                        + ValueReader.where(stage));
            } else if (name.equals(CACHE)) {
                problems.add("a stage cannot be called cache, which is a folder of the run's own"
                        + ValueReader.where(stage));
            } else if (stage instanceof ConfigValue.Entries keys) {
                stages.put(name, keys);
            } else {
                problems.add("stages." + name + " must be a map of keys, but is " + stage.toLine()
                        + ValueReader.where(stage));
            }
        });
        return stages;
    }

    private static String text(ConfigValue.Entries run, String key, String pattern, String mustBe, Problems problems) {
        ConfigValue value = run.entries().get(key);
        if (value instanceof ConfigValue.Scalar scalar
                && !scalar.isNull()
                && scalar.text().matches(pattern)) {
            return scalar.text();
        }
        problems.add(key + " must be " + mustBe + ", but is " + (value == null ? "missing" : value.toLine()));
        return "";
    }

    private static long seed(ConfigValue.Entries run, Problems problems) {
        ConfigValue value = run.entries().get("seed");
        if (value instanceof ConfigValue.Scalar scalar && scalar.text().matches("[0-9]{1,18}")) {
            return Long.parseLong(scalar.text());
        }
        problems.add("seed must be a whole number >= 0, but is " + (value == null ? "missing" : value.toLine()));
        return 0;
    }

    /** The command line's values. */
    private record Arguments(Map<String, ConfigValue.Entries> stages, Problems problems) {
        ConfigValue.Entries lay(String argument, ConfigValue.Entries run) {
            int equals = argument.indexOf('=');
            if (equals <= 0) {
                problems.add("the argument '" + argument + "' must be stage.key=value or key=value");
                return run;
            }
            String key = argument.substring(0, equals);
            ConfigValue value = YamlReader.readArgument(argument.substring(equals + 1), argument);
            int dot = key.indexOf('.');
            if (dot < 0) {
                return layRunKey(key, value, run);
            }
            String stage = key.substring(0, dot);
            ConfigValue.Entries keys = stages.get(stage);
            if (keys == null) {
                problems.add("the argument '" + argument + "' names no stage of this run; the stages are "
                        + String.join(", ", stages.keySet()) + Suggestion.phrase(stage, stages.keySet()));
            } else {
                stages.put(stage, set(keys, key.substring(dot + 1), value, stage));
            }
            return run;
        }

        private ConfigValue.Entries layRunKey(String key, ConfigValue value, ConfigValue.Entries run) {
            if (RUN_KEYS.contains(key) && !key.equals("stages")) {
                return run.with(key, value);
            }
            String example =
                    stages.isEmpty() ? "stage" : stages.keySet().iterator().next();
            problems.add(key + " is not a known key of a run (command line)" + Suggestion.phrase(key, RUN_KEYS)
                    + " A stage's key is written with the stage's name: " + example + "." + key + "=...");
            return run;
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
                problems.add(prefix + "." + key + " is " + inner.toLine() + ValueReader.where(inner)
                        + ", not a map, so " + prefix + "." + path + " cannot be set");
                return entries;
            }
            ConfigValue.Entries below =
                    inner instanceof ConfigValue.Entries map ? map : ConfigValue.Entries.empty(Origin.COMMAND_LINE);
            return entries.with(key, set(below, path.substring(dot + 1), value, prefix + "." + key));
        }
    }
}
