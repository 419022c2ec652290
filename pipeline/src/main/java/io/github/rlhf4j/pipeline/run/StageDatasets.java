package io.github.rlhf4j.pipeline.run;

import io.github.rlhf4j.core.UserError;
import io.github.rlhf4j.core.stage.StageData;
import io.github.rlhf4j.datasets.DatasetSpec;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;

/** The datasets that stages of a run make: {@code dataset: judged} is runs/&lt;name&gt;/judged/data where the stage {@code judged} makes one. */
final class StageDatasets {
    private final Map<String, String> formats = new LinkedHashMap<>(); // by stage

    /** A stage makes rows of that format. */
    void add(String stage, String format) {
        formats.put(stage, format);
    }

    /** In a stage something is wrong, so what it makes is not known. */
    void addUnknown(String stage) {
        formats.putIfAbsent(stage, "");
    }

    /** Whether that stage makes a dataset. */
    boolean isOf(String stage) {
        return !formats.getOrDefault(stage, "").isEmpty();
    }

    /**
     * What {@code given} means.
     *
     * @param earlier stages, name to type
     * @param all names of all stages of the run
     * @throws UserError where it names a stage that makes no dataset, or none yet
     */
    DatasetSpec resolve(DatasetSpec given, Path runDirectory, Map<String, String> earlier, Set<String> all) {
        String name = given.path();
        if (formats.containsKey(name) && (isOf(name) || !exists(name))) {
            requirePlain(given);
            return given.madeByStage(
                    StageData.folder(runDirectory.resolve(name)).toString(), formats.get(name));
        }
        if (all.contains(name) && !exists(name) && !RunPlan.UNKNOWN.equals(earlier.get(name))) {
            throw new UserError(
                    earlier.containsKey(name)
                            ? name + " is a stage of type " + earlier.get(name) + ", which makes no dataset"
                            : name + " is a stage that does not come before this one; put it earlier in the file");
        }
        return given;
    }

    /** The stage's rows have a format and columns already. */
    private static void requirePlain(DatasetSpec given) {
        if (!given.format().isEmpty()
                || !given.columns().isEmpty()
                || !given.separator().isEmpty()) {
            throw new UserError(
                    "format, columns and separator must be left out where dataset is a stage (" + given.path() + ")");
        }
    }

    private static boolean exists(String path) {
        try {
            return Files.exists(Path.of(path));
        } catch (InvalidPathException e) {
            return false; // what is wrong with it is said where it is read
        }
    }
}
