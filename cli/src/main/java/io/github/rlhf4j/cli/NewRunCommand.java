package io.github.rlhf4j.cli;

import io.github.rlhf4j.cli.terminal.Terminal;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code new run}: a run file to begin with, as {@code init} writes it. */
@Command(name = "run", description = "Print a run file to begin with, or write it to a new file; init does the same.")
final class NewRunCommand implements Callable<Integer> {
    private final Terminal terminal;

    @Parameters(
            index = "0",
            paramLabel = "KIND",
            completionCandidates = InitCommand.Kinds.class,
            description = "${COMPLETION-CANDIDATES}. rlhf is the whole chain.")
    private String kind = "";

    @Option(names = "--out", paramLabel = "FILE", description = "Where to write it; it must not exist.")
    private Optional<Path> out = Optional.empty();

    NewRunCommand(Terminal terminal) {
        this.terminal = terminal;
    }

    @Override
    public Integer call() {
        return InitCommand.write(terminal, kind, out);
    }
}
