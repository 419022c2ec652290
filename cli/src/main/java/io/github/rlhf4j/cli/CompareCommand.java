package io.github.rlhf4j.cli;

import io.github.rlhf4j.cli.terminal.Terminal;
import io.github.rlhf4j.experiment.RunComparison;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code compare}: runs that exist, side by side. */
@Command(
        name = "compare",
        description = "Compare runs that exist: how their configurations differ, their metrics, their answers.",
        sortOptions = false)
final class CompareCommand implements Callable<Integer> {
    private final Terminal terminal;

    @Parameters(
            arity = "2..*",
            paramLabel = "RUN",
            description =
                    "Folders of runs, also of different run files. Runs that differ in their seeds alone are one group.")
    private List<Path> runs = new ArrayList<>();

    @Option(names = "--out", paramLabel = "DIR", description = "Write report.html, comparison.csv and charts there.")
    private Optional<Path> out = Optional.empty();

    CompareCommand(Terminal terminal) {
        this.terminal = terminal;
    }

    @Override
    public Integer call() {
        RunComparison comparison = RunComparison.of(runs);
        comparison.lines().forEach(terminal::result);
        out.ifPresent(folder -> {
            comparison.write(folder);
            terminal.line("written: " + folder.resolve("report.html"));
        });
        terminal.requireWritten();
        return 0;
    }
}
