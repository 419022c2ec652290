package io.github.rlhf4j.cli.lab;

import io.github.rlhf4j.Rlhf4j;
import io.github.rlhf4j.core.stage.Console;
import java.nio.file.Path;
import java.util.Optional;
import java.util.function.Function;

/**
 * What was asked for on the command line.
 *
 * @param page a name, or a folder with a page of the user's
 * @param full rather than quick
 * @param seeds 0: as many as the page says
 * @param out the folder of the results; absent: {@code runs/lab/PAGE-quick} or {@code -full}
 * @param dryRun only says what would be made, and how long it takes
 * @param cluster where runs of its experiments are made; absent: in this process
 * @param engine opens the engine with the kernels and threads that were asked for
 */
public record LabRequest(
        String page,
        boolean full,
        int seeds,
        Optional<Path> out,
        boolean resume,
        boolean overwrite,
        boolean dryRun,
        Optional<String> cluster,
        Function<Console, Rlhf4j> engine) {}
