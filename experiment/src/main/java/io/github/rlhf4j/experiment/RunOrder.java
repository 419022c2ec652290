package io.github.rlhf4j.experiment;

import io.github.rlhf4j.pipeline.config.ConfigValue;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/**
 * A run that somebody else is to make.
 *
 * @param file the run file, which the worker must see under this name, as it must the folder and what the file names
 * @param arguments over it
 * @param setting what this run lays over both
 * @param folder of the run
 * @param label for its lines
 * @param threads of the engine, >= 1
 * @param processors of the machine whose bytes are computed
 */
record RunOrder(
        Path file,
        List<String> arguments,
        Map<String, ConfigValue> setting,
        Path folder,
        String label,
        int threads,
        int processors) {}
