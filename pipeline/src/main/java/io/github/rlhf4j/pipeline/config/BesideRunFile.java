package io.github.rlhf4j.pipeline.config;

import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;

/** Files that belong to a run file, such as a chat template, may lie beside it: a path that the run file gives and that is not there from the working directory is looked for in the run file's folder. */
final class BesideRunFile {
    private static final String KEY = "chat_template_path";

    private BesideRunFile() {}

    static Map<String, ConfigValue.Entries> resolve(Path runFile, Map<String, ConfigValue.Entries> stages) {
        Map<String, ConfigValue.Entries> resolved = new LinkedHashMap<>();
        stages.forEach((name, keys) -> resolved.put(name, resolve(runFile, keys)));
        return resolved;
    }

    private static ConfigValue.Entries resolve(Path runFile, ConfigValue.Entries keys) {
        if (keys.entries().get(KEY) instanceof ConfigValue.Scalar given
                && !given.isNull()
                && !given.origin().equals(Origin.COMMAND_LINE)) {
            try {
                Path beside = runFile.resolveSibling(given.text());
                if (!Files.exists(Path.of(given.text())) && Files.exists(beside)) {
                    return keys.with(KEY, new ConfigValue.Scalar(beside.toString(), true, given.origin()));
                }
            } catch (InvalidPathException e) {
                return keys; // what is wrong with it is said where it is read
            }
        }
        return keys;
    }
}
